"""Rows of agencies: who works on a theme, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.reporting.domain.counts import AgencyCount
from services.reporting.domain.disclosure import SMALLEST, Published, one, published
from shared.city import Agency, City


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


def agency_rows(city: City, counts: Sequence[AgencyCount]) -> tuple[AgencyRow, ...]:
    """Rows of the city's agencies in the order of `counts`; last what is joined."""
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
