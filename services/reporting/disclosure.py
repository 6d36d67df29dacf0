"""What may be published of small numbers (pages.md, section 6): on pages and in CSV files alike."""

from collections.abc import Sequence
from enum import Enum

SMALLEST = 5
"""A count below is shown as `<5`: so few voices may point at a person."""
ENOUGH = 20
"""A share of fewer is noise: of 20 the standard error is 22 %."""


class Hidden(Enum):
    """Why a count does not show."""

    SMALL = "<5"
    GUARD = "…"
    """Not small itself, but it would reveal the only small one beside it."""


Published = int | Hidden


def published(counts: Sequence[int]) -> list[Published]:
    """The counts of parts whose total is shown too. If only one is small, the next smallest is hidden with it."""
    shown: list[Published] = [count if count >= SMALLEST else Hidden.SMALL for count in counts]
    if shown.count(Hidden.SMALL) == 1 and len(counts) > 1:
        _, place = min((count, i) for i, count in enumerate(counts) if count >= SMALLEST)
        shown[place] = Hidden.GUARD
    return shown
