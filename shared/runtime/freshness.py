"""How old what a service tells may be, by how far it has read the log."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STALE_AFTER = timedelta(minutes=1)
"""The broker is asked every two seconds; who knows less than this long ago is behind, or cannot ask."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of`: all that had been said until then is told; None: nothing ever was. `stale`: whoever reads it must be warned."""

    as_of: datetime | None
    stale: bool


def freshness(done_until: float | None, last_news: datetime | None, now: datetime) -> Freshness:
    """`done_until`: see `Bus.done_until`. Before the broker was ever reached, nothing after the `last_news` is known."""
    if done_until is None:
        return Freshness(last_news, stale=True)
    as_of = datetime.fromtimestamp(done_until, UTC)
    return Freshness(as_of, stale=now - as_of > STALE_AFTER)
