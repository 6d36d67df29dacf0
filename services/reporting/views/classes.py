"""The five classes in which areas are coloured: quintiles with round breaks."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

CLASSES = 5
_STEPS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Round breaks are multiples of the largest of these that still tells the classes apart."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The classes of some areas. `breaks`: between them; `tones`: class of every area that has a share, 0 to 4."""

    breaks: tuple[float, ...]
    tones: Mapping[str, int]

    @classmethod
    def of(cls, shares: Mapping[str, float]) -> Self:
        """The scale for these shares, by area."""
        breaks = round_breaks(shares.values())
        return cls(breaks, {area: class_of(share, breaks) for area, share in shares.items()})

    def tone(self, share: float | None) -> int | None:
        """Class of a share; None: there is none, the area is hatched."""
        return None if share is None else class_of(share, self.breaks)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many areas each class holds, for the legend."""
        held = list(self.tones.values())
        return tuple(held.count(each) for each in range(len(self.breaks) + 1))

    @property
    def decimals(self) -> int:
        """How many the percentages of the legend need."""
        return 0 if all(abs(each * 100 - round(each * 100)) < 1e-6 for each in self.breaks) else 1


def round_breaks(shares: Iterable[float]) -> tuple[float, ...]:
    """Up to four breaks between five classes: the quintiles, rounded as far as they stay apart. Empty for no shares."""
    ordered = sorted(shares)
    if not ordered:
        return ()
    quintiles = [ordered[len(ordered) * n // CLASSES] for n in range(1, CLASSES)]
    tried = [tuple(dict.fromkeys(round(q / step) * step for q in quintiles)) for step in _STEPS]
    apart = [breaks for breaks in tried if len(breaks) == CLASSES - 1 and breaks[0] > 0]
    best = apart[0] if apart else max(tried, key=len)
    return tuple(round(each, 4) for each in best if each > 0)


def class_of(share: float, breaks: Sequence[float]) -> int:
    """0 to 4: which class a share belongs to; a break itself belongs to the class above."""
    return bisect_right(breaks, share)
