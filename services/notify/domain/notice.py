"""What becomes of the notices of one aspiration, from all that is known of it so far.

A notice needs its fact, the contact and, where an agency speaks, the answer; they come on three topics in any order. So
the decision is made anew from the whole state whenever a part arrives, and making it twice changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.vocabulary import ContactKind, Fact, Outcome


class State(StrEnum):
    """Where a notice stands. The last four are the terminal outcomes."""

    UNTOLD = "untold"  # a fact the city does not tell of; kept because its `ver` has its place in the order
    WAITING = "waiting"  # for its contact, its answer, or an earlier notice
    READY = "ready"
    CLAIMED = "claimed"  # a sender has it; only that sender knows whether it went out
    SENT = Outcome.SENT.value
    FAILED = Outcome.FAILED.value
    UNKNOWN = Outcome.UNKNOWN.value
    SUPPRESSED = Outcome.SUPPRESSED.value


OPEN = frozenset({State.WAITING, State.READY})
"""Not yet in anyone's hands: may still be suppressed."""
DONE = frozenset(State) - OPEN - {State.CLAIMED}

WITH_ANSWER = frozenset({Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED})
"""Facts by which an agency speaks: there is always exactly one answer at their `ver`."""


class Silence(StrEnum):
    """Why a citizen is not told: the reason of a suppressed notice."""

    NO_CONTACT = "no_contact"
    NO_CONSENT = "no_consent"
    ERASED = "erased"
    NO_PROVIDER = "no_provider"  # nobody here carries messages of that kind


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact of an aspiration."""

    ver: int
    fact: Fact
    state: State


@dataclass(frozen=True, slots=True)
class Contact:
    """How the citizen can be reached. `addressed`: there is an address."""

    kind: ContactKind
    addressed: bool
    consent: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """May be sent now."""

    ver: int


@dataclass(frozen=True, slots=True)
class Suppress:
    """Ends without being sent."""

    ver: int
    reason: Silence


def silence(contact: Contact, carried: Collection[ContactKind]) -> Silence | None:
    """Why nothing can be sent to `contact`, or None. `carried`: the kinds that some carrier takes."""
    if contact.kind is ContactKind.ERASED:
        return Silence.ERASED
    if contact.kind is ContactKind.NONE or not contact.addressed:
        return Silence.NO_CONTACT
    if not contact.consent:
        return Silence.NO_CONSENT
    if contact.kind not in carried:
        return Silence.NO_PROVIDER
    return None


def decide(
    notices: Sequence[Notice], contact: Contact | None, answered: Collection[int], carried: Collection[ContactKind]
) -> Sequence[Ready | Suppress]:
    """What changes now. `notices`: of one aspiration by `ver`; `answered`: the `ver`s whose answer is there.

    Order: a notice becomes ready only when every earlier `ver` is known and done. Who cannot be told at all does not
    wait for anything.
    """
    if contact is None:
        return ()
    if reason := silence(contact, carried):
        return [Suppress(notice.ver, reason) for notice in notices if notice.state in OPEN]
    head = _head(notices)
    if head is None or head.state is not State.WAITING or (head.fact in WITH_ANSWER and head.ver not in answered):
        return ()
    return [Ready(head.ver)]


def _head(notices: Sequence[Notice]) -> Notice | None:
    """The first that is not done, unless a `ver` before it is still unknown."""
    for place, notice in enumerate(notices, start=1):
        if notice.ver != place:
            return None
        if notice.state not in DONE:
            return notice
    return None
