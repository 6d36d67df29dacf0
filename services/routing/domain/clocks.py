"""Due dates: the city's promise in working days from receipt; the clock stands still while it is the citizen's turn (D5)."""

from dataclasses import dataclass
from datetime import datetime

from shared.city import City


@dataclass(frozen=True, slots=True)
class DueDates:
    """When the first answer and the end are due; ends of working days in the city's zone."""

    answer_at: datetime
    resolve_at: datetime


def due_dates(
    city: City, received_at: datetime, *, topic: str | None, agency: str | None = None, paused_days: int = 0
) -> DueDates:
    """Both dates anew from receipt, so that returns, comments and reassignments never reset a clock.

    `paused_days`: working days that the city waited for the citizen.
    """
    promise = city.promise(topic, agency)
    return DueDates(
        city.calendar.due_at(received_at, promise.answer + paused_days),
        city.calendar.due_at(received_at, promise.resolve + paused_days),
    )


def confirm_before(city: City, resolved_at: datetime) -> datetime:
    """Until when the citizen may dispute a result."""
    return city.calendar.due_at(resolved_at, city.clocks.confirm_days)
