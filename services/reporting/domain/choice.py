"""What a reader of the map chose by its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from shared.city import City

PERIODS = (365, 90, 30)
"""Days that the reader may choose; the first is the default: shorter ones leave most kelurahan without enough data."""
MONTHS = 12
"""Bars of the chart over time, the month under way included."""


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


class NoSuchView(Exception):
    """The address names a theme, a period or a kecamatan that does not exist."""


def choice_of(parameters: Mapping[str, str], city: City, most_voiced: str | None) -> Choice:
    """The view of an address. Without a theme: the one most voiced, or the city's first while nothing was said."""
    theme = parameters.get("tema") or most_voiced
    if not theme:
        theme = next(iter(city.topics))
    period = parameters.get("hari") or str(PERIODS[0])
    kecamatan = parameters.get("kecamatan") or None
    if theme not in city.topics or period not in map(str, PERIODS) or (kecamatan and kecamatan not in city.areas.kecamatan):
        raise NoSuchView
    return Choice(theme, int(period), kecamatan)


def first_day(until: date, period: int) -> date:
    """The first of `period` days that end with `until`."""
    return until - timedelta(days=period - 1)


def months_until(until: date) -> list[date]:
    """The first days of the last MONTHS months, oldest first."""
    last = until.year * 12 + until.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - MONTHS + 1, last + 1)]
