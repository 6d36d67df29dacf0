"""How long the oldest record not yet done has been waiting. Kafka tells offsets, not times, so the log's end is remembered.

Pure: times are arguments, in Unix seconds. Kept apart from `bus` because being wrong here means alarms at night.
"""

from collections import deque
from dataclasses import dataclass, field

MAX_SAMPLES = 5_000
"""Some hours of a growing log at a look every two seconds; after that the newest sample moves on instead."""


@dataclass
class Backlog:
    """Of one partition: when the log's end was first seen at each offset that is not yet done."""

    _ends: deque[tuple[float, int]] = field(default_factory=deque)

    def waiting_since(self, end: int, done: int, now: float) -> float | None:
        """When the oldest undone record was first seen, or None where nothing waits. `end`, `done`: next offsets to be
        written and to be worked on. A record that came between two looks counts from the later one."""
        if self._ends and end < self._ends[-1][1]:
            self._ends.clear()  # another log: the broker lost the first one
        if not self._ends or end > self._ends[-1][1]:
            if len(self._ends) >= MAX_SAMPLES:
                self._ends.pop()
            self._ends.append((now, end))
        while self._ends and self._ends[0][1] <= done:
            self._ends.popleft()
        return self._ends[0][0] if self._ends else None
