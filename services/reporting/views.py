"""What the map page shows, as values: pure, without stores, requests or HTML.

Measure: the share of a theme among all aspirations of an area. It needs no outside number; rates per resident need a
population file that the city has not supplied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import urlencode

from markupsafe import Markup

from services.reporting.chart import monthly_chart
from services.reporting.disclosure import ENOUGH, SMALLEST, Hidden, Published, one, published
from services.reporting.map import CityDrawing, KecamatanDrawing, class_of, counts_per_class, round_breaks
from shared.city import Agency, City, TopicOfCity
from shared.contracts.vocabulary import Language

PERIODS = (365, 90, 30)
"""Days that the reader may choose; the first is the default: shorter ones leave most kelurahan without enough data."""
TOP = 10
TOO_MANY_HATCHED = 1 / 3


@dataclass(frozen=True, slots=True)
class AreaCount:
    """Aspirations of one kelurahan in the period: of the theme, and of all themes."""

    kelurahan: str
    theme: int
    total: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Aspirations of the theme received in the month that begins on `month`."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class AgencyCount:
    """Who works on the theme; agency '' is nobody yet. `median_days`: from receipt to first answer, None while there is none."""

    agency: str
    assigned: int
    answered: int
    overdue: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Handling:
    """How the theme was handled in the period. On time: closed within the due date, of all closed and all overdue."""

    received: int
    confirmed: int
    closed_unconfirmed: int
    closed_on_time: int
    closed: int
    overdue: int
    rejected: int = 0

    @property
    def on_time(self) -> "Part":
        return Part.of(self.closed_on_time, self.closed + self.overdue)

    def part(self, count: int) -> "Part":
        """Of all that came in."""
        return Part.of(count, self.received)


@dataclass(frozen=True, slots=True)
class Part:
    """A share as it may be published. `share` None: of too few; `below`: it is less, because the number itself is hidden."""

    share: float | None
    below: bool = False

    @classmethod
    def of(cls, count: int, whole: int) -> "Part":
        """`count` of `whole`."""
        if whole < ENOUGH:
            return cls(None)
        small = one(count) is Hidden.SMALL
        return cls((SMALLEST if small else count) / whole, below=small)


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency's counts as they may be published. `agency` None: all others, and what nobody has yet.

    Those with fewer than SMALLEST are joined with what is being sorted: what is left of the total then tells nothing of either.
    """

    agency: Agency | None
    assigned: Published
    answered: Published
    overdue: Published
    median_days: float | None


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area. `within`: its kecamatan, if it is a kelurahan; `share` None: not enough data.

    `shown`, `total`: the counts as they may be published; `tone`: class 0 to 4, None hatched.
    """

    code: str
    name: str
    within: str
    shown: Published
    total: Published
    share: float | None
    tone: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader chose. `period` in days; `kecamatan` None: the whole city."""

    theme: str
    period: int
    kecamatan: str | None = None

    def address(self, **changes: str | int | None) -> str:
        """The query of this view with `changes`; every view has an address."""
        chosen = {"tema": self.theme, "hari": self.period, "kecamatan": self.kecamatan, **changes}
        return "?" + urlencode({name: value for name, value in chosen.items() if value is not None})


@dataclass(frozen=True, slots=True)
class MapView:
    """The page. `by_kecamatan`: too many kelurahan lack data, so that the 13 kecamatan are coloured instead.

    `tones`: class of every kelurahan, None hatched; `top`: at most ten; `ranked`: all 13 kecamatan, highest first.
    """

    choice: Choice
    theme: TopicOfCity
    themes: tuple[TopicOfCity, ...]
    since: date
    until: date
    updated_at: datetime
    city_share: float | None
    by_kecamatan: bool
    tones: Mapping[str, int | None]
    breaks: tuple[float, ...]
    class_counts: tuple[int, ...]
    hatched: int
    top: tuple[AreaRow, ...]
    ranked: tuple[AreaRow, ...]
    kelurahan: Mapping[str, tuple[AreaRow, ...]]
    months: tuple[tuple[date, Published], ...]
    agencies: tuple[AgencyRow, ...]
    handling: Handling
    received: Published
    overdue: Published
    seldom_heard: int
    csv_url: str
    stale_since: datetime | None
    drawing: CityDrawing = field(repr=False)

    @property
    def focus(self) -> KecamatanDrawing | None:
        """The kecamatan that is drawn large."""
        return next((each for each in self.drawing.kecamatan if each.code == self.choice.kecamatan), None)

    @property
    def decimals(self) -> int:
        """How many the legend needs."""
        return 0 if all(abs(each * 100 - round(each * 100)) < 1e-6 for each in self.breaks) else 1

    def theme_options(self, language: Language) -> list[tuple[str, str]]:
        """Codes and names of the themes that may be chosen."""
        return [(theme.code, theme.label(language)) for theme in self.themes]

    def chart(self, label: str, language: Language) -> Markup:
        """The months as SVG."""
        return monthly_chart(self.months, label, language)

    def rank(self, kecamatan: str) -> int:
        """The number of a kecamatan on the map of a phone: its place in the ranked list."""
        return self.ranked.index(self.row(kecamatan)) + 1

    def row(self, kecamatan: str) -> AreaRow:
        """The row of a kecamatan."""
        return next(row for row in self.ranked if row.code == kecamatan)


def map_view(
    *,
    city: City,
    drawing: CityDrawing,
    choice: Choice,
    themes: Sequence[str],
    areas: Sequence[AreaCount],
    months: Sequence[MonthCount],
    agencies: Sequence[AgencyCount],
    handling: Handling,
    since: date,
    until: date,
    updated_at: datetime,
    csv_url: str,
    breaks: Sequence[float] | None = None,
    stale_since: datetime | None = None,
) -> MapView:
    """The page for what was counted. `themes`: codes that may be chosen, in their order; `choice.theme` is one of the city's.

    `areas`: kelurahan without aspirations may be absent; `breaks`: the city's fixed class breaks, else round ones are made.
    """
    counts = {each.kelurahan: each for each in areas}
    kelurahan = _kelurahan_rows(city, counts)
    kecamatan = _kecamatan_rows(city, counts)
    every = [row for rows in kelurahan.values() for row in rows]
    hatched = sum(row.share is None for row in every)
    by_kecamatan = hatched > len(every) * TOO_MANY_HATCHED
    level = kecamatan if by_kecamatan else every
    shares = {row.code: row.share for row in level if row.share is not None}
    chosen = tuple(round_breaks(shares.values()) if breaks is None else breaks)
    tone_of = {code: class_of(share, chosen) for code, share in shares.items()}
    ranked = _ranked([replace(r, tone=None if r.share is None else class_of(r.share, chosen)) for r in kecamatan])
    wanted = [row for row in level if by_kecamatan or choice.kecamatan in (None, city.areas.kelurahan[row.code].kecamatan_code)]
    total = sum(each.total for each in areas)
    shown_months = published([each.count for each in months])
    return MapView(
        choice=choice,
        theme=city.topics[choice.theme],
        themes=tuple(city.topics[code] for code in themes),
        since=since,
        until=until,
        updated_at=updated_at,
        city_share=sum(each.theme for each in areas) / total if total else None,
        by_kecamatan=by_kecamatan,
        tones={code: tone_of.get(e.kecamatan_code if by_kecamatan else code) for code, e in city.areas.kelurahan.items()},
        breaks=chosen,
        class_counts=tuple(counts_per_class(shares, chosen)),
        hatched=len(level) - len(shares),
        top=tuple(
            _ranked([_toned(r, tone_of) for r in wanted if r.share is not None and isinstance(r.shown, int) and r.shown])[:TOP]
        ),
        ranked=tuple(ranked),
        kelurahan={code: tuple(_toned(row, tone_of) for row in rows) for code, rows in kelurahan.items()},
        months=tuple((each.month, shown) for each, shown in zip(months, shown_months, strict=True)),
        agencies=_agency_rows(city, agencies),
        handling=handling,
        received=one(handling.received),
        overdue=one(handling.overdue),
        seldom_heard=sum(row.total in (0, Hidden.SMALL) for row in every),
        csv_url=csv_url,
        stale_since=stale_since,
        drawing=drawing,
    )


def _kelurahan_rows(city: City, counts: Mapping[str, AreaCount]) -> dict[str, list[AreaRow]]:
    """Rows of the kelurahan by kecamatan and name; what is hidden is decided within each kecamatan, whose total shows."""
    rows = {}
    for kecamatan in city.areas.kecamatan.values():
        members = sorted(
            (each for each in city.areas.kelurahan.values() if each.kecamatan_code == kecamatan.code), key=lambda each: each.name
        )
        found = [counts.get(each.code, AreaCount(each.code, 0, 0)) for each in members]
        named = [(each.code, each.name, kecamatan.name) for each in members]
        rows[kecamatan.code] = _rows(named, [(each.theme, each.total) for each in found])
    return rows


def _kecamatan_rows(city: City, counts: Mapping[str, AreaCount]) -> list[AreaRow]:
    sums: dict[str, tuple[int, int]] = dict.fromkeys(city.areas.kecamatan, (0, 0))
    for code, count in counts.items():
        if code in city.areas.kelurahan:
            home = city.areas.kelurahan[code].kecamatan_code
            sums[home] = (sums[home][0] + count.theme, sums[home][1] + count.total)
    return _rows([(each.code, each.name, "") for each in city.areas.kecamatan.values()], list(sums.values()))


def _rows(named: Sequence[tuple[str, str, str]], counts: Sequence[tuple[int, int]]) -> list[AreaRow]:
    themes, totals = published([theme for theme, _ in counts]), published([total for _, total in counts])
    return [
        AreaRow(code, name, within, shown, shown_total, theme / total if total >= ENOUGH else None, None)
        for (code, name, within), (theme, total), shown, shown_total in zip(named, counts, themes, totals, strict=True)
    ]


def _agency_rows(city: City, counts: Sequence[AgencyCount]) -> tuple[AgencyRow, ...]:
    named = [each for each in counts if each.agency in city.agencies and each.assigned >= SMALLEST]
    rest = [each for each in counts if each not in named]
    rows = [*named, *([_joined(rest)] if rest else [])]
    overdue = published([each.overdue for each in rows])  # their sum is on the page too
    return tuple(
        AgencyRow(
            city.agencies.get(each.agency),
            one(each.assigned),
            one(each.answered),
            late,
            each.median_days if each.answered >= SMALLEST else None,
        )
        for each, late in zip(rows, overdue, strict=True)
    )


def _joined(counts: Sequence[AgencyCount]) -> AgencyCount:
    """Their sum; a median has none."""
    assigned, answered = sum(each.assigned for each in counts), sum(each.answered for each in counts)
    return AgencyCount("", assigned, answered, sum(each.overdue for each in counts), None)


def _toned(row: AreaRow, tone_of: Mapping[str, int]) -> AreaRow:
    return replace(row, tone=tone_of.get(row.code))


def _ranked(rows: Sequence[AreaRow]) -> list[AreaRow]:
    """Highest share first, those without enough data last."""
    return sorted(rows, key=lambda row: (row.share is None, -(row.share or 0), row.name))
