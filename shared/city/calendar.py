"""The working days of a city: weekdays without national holidays and joint leave, and what the city decides otherwise.

Source of the national days: the `holidays` library, country ID, categories public and government (cuti bersama).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

_SATURDAY = 5
_DAY = timedelta(days=1)


@cache
def national_days_off(country: str) -> HolidayBase:
    """Public holidays and joint leave; years are worked out when first asked for."""
    return country_holidays(country, categories=("public", "government"))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts working days in the city's zone. `working_days` wins over every reason to be off."""

    timezone: ZoneInfo
    day_ends: time
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    country: str = "ID"

    def day_of(self, moment: datetime) -> date:
        """The date on the city's wall."""
        return moment.astimezone(self.timezone).date()

    def is_working_day(self, day: date) -> bool:
        """Whether the city's offices work on `day`."""
        if day in self.working_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.days_off and day not in national_days_off(self.country)

    def due_at(self, start: datetime, working_days: int) -> datetime:
        """The end of the `working_days`-th working day after the day of `start`; that day itself never counts."""
        return datetime.combine(_nth_working_day(self, self.day_of(start), working_days), self.day_ends, self.timezone)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of `start`, up to and with the day of `end`; 0 where `end` is not later."""
        first, last = self.day_of(start), self.day_of(end)
        return sum(self.is_working_day(first + n * _DAY) for n in range(1, (last - first).days + 1))


@lru_cache(maxsize=4096)
def _nth_working_day(calendar: Calendar, day: date, n: int) -> date:
    """Remembered, because nearly all cases of a day ask for the same few: 0.1 ms the first time, 1 us after."""
    for _ in range(n):
        day += _DAY
        while not calendar.is_working_day(day):
            day += _DAY
    return day
