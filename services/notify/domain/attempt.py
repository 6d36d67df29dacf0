"""How one attempt to send went, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.vocabulary import Outcome

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)
PATIENCE = timedelta(hours=24)
"""After this a message is stale; the tracking page has told more in the meantime."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The notice is over. `reason`: a code, e.g. `smtp_550`; never words of the server, which may quote an address."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly not sent; this notice may be tried again later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Away:
    """Certainly not sent, because the carrier takes nothing from anybody at the moment."""

    reason: str


Attempt = Ended | NotNow | Away

_OUR_FAULT = frozenset({530, 534, 535, 538})
"""Authentication (RFC 4954): the operator's mistake, not the citizen's address. Mended, the message can go."""


def judge(code: int) -> Attempt:
    """What a mail server's answer means for the message (RFC 5321, 4.2.1): 4yz may be tried again, 5yz is final."""
    reason = f"smtp_{code}"
    if 400 <= code < 500 or code in _OUR_FAULT:
        return NotNow(reason)
    if 500 <= code < 600:
        return Ended(Outcome.FAILED, reason)
    return Ended(Outcome.UNKNOWN, reason)


def next_try(tries: int, ready_at: datetime, now: datetime) -> datetime | None:
    """When to try again after `tries` attempts that were put off (doubling, from 1 s to 15 min); None: give up."""
    if now - ready_at >= PATIENCE:
        return None
    return now + min(LONGEST_DELAY, FIRST_DELAY * (1 << min(tries, 20)))
