"""The map page: where a need is strongest, who works on it and how fast.

Measure: the share of a theme among all aspirations of an area. It needs no outside number; rates per resident need a
population file that the city has not supplied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from markupsafe import Markup

from services.reporting.domain.choice import Choice
from services.reporting.domain.counts import Counts, Handling, MonthCount, Overall
from services.reporting.domain.disclosure import Hidden, Published, one, published
from services.reporting.views.agencies import AgencyRow, agency_rows
from services.reporting.views.areas import AreaRow, kecamatan_rows, kelurahan_rows, ranked
from services.reporting.views.chart import monthly_chart
from services.reporting.views.classes import Scale
from services.reporting.views.drawing import CityDrawing, KecamatanDrawing
from shared.city import City, TopicOfCity
from shared.contracts.vocabulary import Language
from shared.runtime.freshness import Freshness

TOP = 10
TOO_MANY_HATCHED = 1 / 3


@dataclass(frozen=True, slots=True)
class OverallRow:
    """Aspirations of all themes, and where they stand, as it may be published. `received` counts all of them."""

    received: Published
    sorting: Published
    working: Published
    done: Published

    @classmethod
    def of(cls, overall: Overall) -> Self:
        return cls(one(overall.received), *published([overall.sorting, overall.working, overall.done]))


@dataclass(frozen=True, slots=True)
class MapView:
    """The page. `by_kecamatan`: too many kelurahan lack data, so that the 13 kecamatan are coloured instead.

    `scale`: of the level that is coloured; `hatched`: how many of it are not; `top`: at most ten; `ranked`: all 13 kecamatan,
    highest first; `kelurahan`: by kecamatan.
    """

    choice: Choice
    theme: TopicOfCity
    themes: tuple[TopicOfCity, ...]
    since: date
    until: date
    known: Freshness
    overall: OverallRow
    city_share: float | None
    by_kecamatan: bool
    scale: Scale
    hatched: int
    top: tuple[AreaRow, ...]
    ranked: tuple[AreaRow, ...]
    kelurahan: Mapping[str, Sequence[AreaRow]]
    months: tuple[tuple[date, Published], ...]
    agencies: tuple[AgencyRow, ...]
    handling: Handling
    received: Published
    overdue: Published
    seldom_heard: int
    csv_url: str
    drawing: CityDrawing = field(repr=False)

    @property
    def focus(self) -> KecamatanDrawing | None:
        """The kecamatan that is drawn large."""
        return next((each for each in self.drawing.kecamatan if each.code == self.choice.kecamatan), None)

    def tone(self, kecamatan: str, kelurahan: str) -> int | None:
        """Class in which a kelurahan is coloured, 0 to 4; None: hatched."""
        return self.scale.tones.get(kecamatan if self.by_kecamatan else kelurahan)

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
    *, city: City, drawing: CityDrawing, choice: Choice, counts: Counts, since: date, until: date, known: Freshness, csv_url: str
) -> MapView:
    """The page for what was counted from `since` to `until`. `choice.theme` is one of the city's."""
    by_code = {each.kelurahan: each for each in counts.areas}
    kelurahan, kecamatan = kelurahan_rows(city, by_code), kecamatan_rows(city, by_code)
    every = [row for rows in kelurahan.values() for row in rows]
    by_kecamatan = sum(row.share is None for row in every) > len(every) * TOO_MANY_HATCHED
    level = kecamatan if by_kecamatan else every
    scale = Scale.of({row.code: row.share for row in level if row.share is not None})
    total = sum(each.total for each in counts.areas)
    return MapView(
        choice=choice,
        theme=city.topics[choice.theme],
        themes=tuple(sorted(city.topics.values(), key=lambda theme: theme.name)),
        since=since,
        until=until,
        known=known,
        overall=OverallRow.of(counts.overall),
        city_share=sum(each.theme for each in counts.areas) / total if total else None,
        by_kecamatan=by_kecamatan,
        scale=scale,
        hatched=len(level) - len(scale.tones),
        top=_highest(level, city, choice.kecamatan),
        ranked=tuple(ranked(kecamatan)),
        kelurahan=kelurahan,
        months=_months(counts.months),
        agencies=agency_rows(city, counts.agencies),
        handling=counts.handling,
        received=one(counts.handling.received),
        overdue=one(counts.handling.overdue),
        seldom_heard=sum(row.total in (0, Hidden.SMALL) for row in every),
        csv_url=csv_url,
        drawing=drawing,
    )


def _highest(level: Sequence[AreaRow], city: City, kecamatan: str | None) -> tuple[AreaRow, ...]:
    """The TOP of those whose share and number may be told; of kelurahan only those in `kecamatan`."""
    home = {code: each.kecamatan_code for code, each in city.areas.kelurahan.items()}
    told = [row for row in level if row.share is not None and isinstance(row.shown, int) and row.shown]
    return tuple(ranked([row for row in told if kecamatan is None or home.get(row.code, kecamatan) == kecamatan])[:TOP])


def _months(months: Sequence[MonthCount]) -> tuple[tuple[date, Published], ...]:
    shown = published([each.count for each in months])
    return tuple((each.month, count) for each, count in zip(months, shown, strict=True))
