"""What was counted, as the store reads it; nothing of it may be shown before `disclosure` has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.reporting.domain.disclosure import Part


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
    def on_time(self) -> Part:
        return Part.of(self.closed_on_time, self.closed + self.overdue)

    def part(self, count: int) -> Part:
        """Of all that came in."""
        return Part.of(count, self.received)


@dataclass(frozen=True, slots=True)
class Overall:
    """Aspirations of all themes by where they stand. `done`: answered, waiting for the citizen's word or closed in any way."""

    sorting: int
    working: int
    done: int

    @property
    def received(self) -> int:
        return self.sorting + self.working + self.done


@dataclass(frozen=True, slots=True)
class Counts:
    """All that the map page is made of. Kelurahan and months without aspirations may be absent."""

    overall: Overall
    areas: Sequence[AreaCount]
    months: Sequence[MonthCount]
    agencies: Sequence[AgencyCount]
    handling: Handling
