"""What may be published of small numbers (pages.md, section 6): on pages, in JSON and in CSV files alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

SMALLEST = 5
"""A count from 1 up to here is shown as `<5`: so few voices may point at a person. Nobody is behind a zero: it is shown."""
ENOUGH = 20
"""A share of fewer is noise: of 20 the standard error is 22 %."""


class Hidden(Enum):
    """Why a count does not show."""

    SMALL = "<5"
    GUARD = "…"
    """Not small itself, but it would reveal the only small one beside it."""


Published = int | Hidden
Key = tuple[str, ...]
Line = tuple[int, Key]


def published(counts: Sequence[int]) -> list[Published]:
    """The counts of parts whose total is shown too. If only one is small, the next smallest is hidden with it."""
    return list(published_cells({(str(place),): count for place, count in enumerate(counts)}).values())


def published_cells(counts: Mapping[Key, int]) -> dict[Key, Published]:
    """The cells of a table by their place along each axis, in their order.

    Sums along an axis may be known, e.g. from a coarser table: wherever only one cell of such a line is hidden, the next
    smallest of the line is hidden with it. (Where there is none, the sum itself is small, and hidden where it stands.)
    """
    shown: dict[Key, Published] = {key: one(count) for key, count in counts.items()}
    lines = _lines(counts)
    unchecked = list(lines)
    while unchecked:
        line = lines[unchecked.pop()]
        guards = [key for key in line if isinstance(shown[key], int) and counts[key]]
        if guards and sum(isinstance(shown[key], Hidden) for key in line) == 1:
            guard = min(guards, key=counts.__getitem__)
            shown[guard] = Hidden.GUARD
            unchecked += _names(guard)  # one hidden cell more: its other lines may have only this one now
    return shown


def one(count: int) -> Published:
    """A count that stands alone."""
    return Hidden.SMALL if 0 < count < SMALLEST else count


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


def _lines(keys: Iterable[Key]) -> Mapping[Line, list[Key]]:
    """Cells that differ along one axis only."""
    lines: dict[Line, list[Key]] = defaultdict(list)
    for key in keys:
        for name in _names(key):
            lines[name].append(key)
    return lines


def _names(key: Key) -> list[Line]:
    """The lines that a cell lies on."""
    return [(axis, key[:axis] + key[axis + 1 :]) for axis in range(len(key))]
