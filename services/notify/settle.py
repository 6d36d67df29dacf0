"""Decides anew for some aspirations, in the transaction of whatever changed, and publishes what ended by it.

Called after every change: a half that came, a notice that ended, one that was put back. Each caller commits its change
or holds the locks before it gets here, so whoever comes last sees everything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify import store
from services.notify.domain.notice import Ready, Suppress, decide
from services.notify.store import Known, Over
from shared.contracts.envelope import Record, to_record
from shared.contracts.events import NotificationEnded
from shared.contracts.ids import event_id
from shared.contracts.topics import LIFECYCLE, OUTCOMES
from shared.contracts.vocabulary import ContactKind, Outcome
from shared.runtime import metrics
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """What a call changed: how many notices may be sent now, and which ended without being sent."""

    ready: int
    suppressed: Sequence[Over]


async def settle(connection: Connection, ids: Collection[UUID], carried: Collection[ContactKind], now: datetime) -> Settled:
    """Makes ready or suppresses what has become decidable. `carried`: the kinds that some carrier takes."""
    known = await store.lock(connection, ids)
    ready: list[tuple[UUID, int, ContactKind]] = []
    suppressed: list[Over] = []
    for aspiration_id, one in known.items():
        for change in decide(one.notices, one.contact, one.answered, carried):
            assert one.contact is not None  # without one nothing is decided
            match change:
                case Ready(ver):
                    ready.append((aspiration_id, ver, one.contact.kind))
                case Suppress():
                    suppressed.append(_over(aspiration_id, one, change, one.contact.kind))
    await store.make_ready(connection, ready, now)
    await store.suppress(connection, suppressed, now)
    await store.forget_answers(connection, ids)
    await publish(connection, suppressed, now)
    return Settled(len(ready), suppressed)


async def publish(connection: Connection, over: Sequence[Over], now: datetime) -> None:
    """Tells how notices ended, in the transaction that records it."""
    await enqueue(connection, [_outcome(one, now) for one in over])


def count(over: Sequence[Over]) -> None:
    """Counts notices that ended; to be called after the commit."""
    for one in over:
        metrics.NOTIFICATIONS.labels(one.kind, one.outcome).inc()


def _over(aspiration_id: UUID, known: Known, suppressed: Suppress, kind: ContactKind) -> Over:
    fact = next(notice.fact for notice in known.notices if notice.ver == suppressed.ver)
    correlation_id = known.correlation[suppressed.ver]
    return Over(aspiration_id, suppressed.ver, fact, kind, Outcome.SUPPRESSED, suppressed.reason, correlation_id)


def _outcome(over: Over, now: datetime) -> Record:
    data = NotificationEnded(
        aspiration_id=over.aspiration_id,
        ver=over.ver,
        fact=over.fact,
        kind=over.kind,
        outcome=over.outcome,
        reason=over.reason,
        at=now,
    )
    return to_record(
        OUTCOMES,
        data,
        key=over.aspiration_id,
        event_id=event_id(over.aspiration_id, OUTCOMES.event_type, over.ver),
        time=now,
        correlation_id=over.correlation_id,
        causation_id=event_id(over.aspiration_id, LIFECYCLE.event_type.format(fact=over.fact), over.ver),
    )
