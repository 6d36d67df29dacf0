"""Rows of areas: kelurahan within their kecamatan, and the kecamatan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.reporting.domain.counts import AreaCount
from services.reporting.domain.disclosure import ENOUGH, Published, published
from shared.city import City


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area. `within`: its kecamatan, if it is a kelurahan; `share` None: not enough data.

    `shown`, `total`: the counts as they may be published.
    """

    code: str
    name: str
    within: str
    shown: Published
    total: Published
    share: float | None


def kelurahan_rows(city: City, counts: Mapping[str, AreaCount]) -> dict[str, list[AreaRow]]:
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


def kecamatan_rows(city: City, counts: Mapping[str, AreaCount]) -> list[AreaRow]:
    """Rows of the kecamatan; a kelurahan that the city does not know belongs to none."""
    sums: dict[str, tuple[int, int]] = dict.fromkeys(city.areas.kecamatan, (0, 0))
    for code, count in counts.items():
        if code in city.areas.kelurahan:
            home = city.areas.kelurahan[code].kecamatan_code
            sums[home] = (sums[home][0] + count.theme, sums[home][1] + count.total)
    return _rows([(each.code, each.name, "") for each in city.areas.kecamatan.values()], list(sums.values()))


def _rows(named: Sequence[tuple[str, str, str]], counts: Sequence[tuple[int, int]]) -> list[AreaRow]:
    themes, totals = published([theme for theme, _ in counts]), published([total for _, total in counts])
    return [
        AreaRow(code, name, within, shown, shown_total, theme / total if total >= ENOUGH else None)
        for (code, name, within), (theme, total), shown, shown_total in zip(named, counts, themes, totals, strict=True)
    ]


def ranked(rows: Sequence[AreaRow]) -> list[AreaRow]:
    """Highest share first, those without enough data last."""
    return sorted(rows, key=lambda row: (row.share is None, -(row.share or 0), row.name))
