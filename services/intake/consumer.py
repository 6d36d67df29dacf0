"""Intake's subscribers: what channels hand in through Kafka, and what routing tells for the tracking page.

Kafka's door: channels that prefer it hand in on a topic of their own, and read on another what became of it. The topic is the
identity, the record's key is the idempotency key. Whatever a channel does wrong is answered with a refused receipt, never
raised: an exception here would mean that the fault is ours.

Facts and answers come in any order, doubled, and of aspirations that we do not hold: they are stored as they come and put
together only when somebody looks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.intake.counter import Counter, Outcome, Receipt, count
from services.intake.domain.aspiration import Aspiration, HandedIn, fingerprint
from services.intake.domain.reading import read, refusal_of
from services.intake.store import following
from shared.city import City
from shared.contracts import ids, topics
from shared.contracts.envelope import Event, Record, to_record
from shared.contracts.events import AgencyAnswered, LifecycleFact, SubmissionReceipt
from shared.contracts.submission import MAX_KEY, IdempotencyKey, Submission
from shared.runtime.consumer import Subscription, Unusable, place_id
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

GROUP = "intake"
_KEY = TypeAdapter(IdempotencyKey)


class Subscribers:
    """The handlers of one intake service."""

    def __init__(self, database: Database, counter: Counter, city: City) -> None:
        self._database, self._counter = database, counter
        self._doors = [topics.submissions(channel) for channel in city.kafka_channels]

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What intake reads."""
        return (
            Subscription(
                self._doors, Submission, GROUP, self.on_submissions, answer_unusable=_refuse_unusable, read=read_submission
            ),
            Subscription([topics.LIFECYCLE], LifecycleFact, GROUP, self.on_facts),
            Subscription([topics.ANSWERS], AgencyAnswered, GROUP, self.on_answers),
        )

    async def on_submissions(self, events: list[Event[Submission]]) -> None:
        """Stores what is acceptable and answers each, in one transaction."""
        judged = [self._judge(event) for event in events]
        async with self._database.transaction() as connection:
            stored = iter(await self._counter.take(connection, [one for one in judged if isinstance(one, Aspiration)]))
            outcomes = [next(stored) if isinstance(one, Aspiration) else one for one in judged]
            now = datetime.now(UTC)
            await enqueue(connection, [_receipt(event, outcome, now) for event, outcome in zip(events, outcomes, strict=True)])
        for event, outcome in zip(events, outcomes, strict=True):
            count(topics.channel_of(event.topic), outcome)

    async def on_facts(self, events: list[Event[LifecycleFact]]) -> None:
        """What routing says of the state."""
        async with self._database.transaction() as connection:
            await following.save_facts(connection, [event.data for event in events])

    async def on_answers(self, events: list[Event[AgencyAnswered]]) -> None:
        """What agencies say to citizens."""
        async with self._database.transaction() as connection:
            await following.save_answers(connection, events)

    def _judge(self, event: Event[Submission]) -> Aspiration | Problem:
        try:
            key = _KEY.validate_python(event.key.decode())
        except ValueError:  # of which both UnicodeDecodeError and ValidationError are
            return Problem("invalid-idempotency-key", field="idempotency_key")
        channel = topics.channel_of(event.topic)
        return self._counter.judge(HandedIn(channel, key, event.data, fingerprint(event.data), event.correlation_id))


def read_submission(raw: bytes) -> Submission:
    return read(raw, Submission)


def _receipt(event: Event[Submission], outcome: Outcome, now: datetime) -> Record:
    base = SubmissionReceipt(idempotency_key=_readable(event.key), accepted=isinstance(outcome, Receipt), at=now)
    if isinstance(outcome, Receipt):
        told = {
            "repeated": outcome.repeated,
            "aspiration_id": outcome.aspiration_id,
            "tracking_code": outcome.tracking_code,
            "pin": outcome.pin,
        }
    else:
        told = {"reason": outcome.slug, "field": outcome.field}
    return _record(event.topic, event.key, event.id, event.correlation_id, base.model_copy(update=told))


def _refuse_unusable(fault: Unusable) -> Sequence[Record]:
    """What the channel hears of a record that became a dead letter."""
    record, subject = fault.record, place_id(fault.record)
    slug, field = _reason(record.value)
    receipt = SubmissionReceipt(
        idempotency_key=_readable(record.key or b""),
        accepted=False,
        reason=slug,
        field=_readable((field or "").encode()) or None,
        at=datetime.now(UTC),
    )
    return [_record(record.topic, record.key or b"", subject, subject, receipt)]


def _reason(value: bytes | None) -> tuple[str, str | None]:
    """Slug and field as HTTP would have answered; read once more, because a dead letter's own reason is for operators."""
    try:
        read_submission(value or b"")
    except ValidationError as error:
        refusal = refusal_of(error)
        return refusal.slug, refusal.field
    return "invalid-request", None


def _readable(given: bytes) -> str:
    """What a channel sent in place of a word, as far as text can hold it."""
    return given.decode(errors="replace").replace("\x00", "")[:MAX_KEY]


def _record(submissions_topic: str, key: bytes, subject: UUID, correlation_id: UUID, receipt: SubmissionReceipt) -> Record:
    """`subject`: the id of the submission's record, so that the receipt of a record read again is the same event."""
    topic = topics.receipts(topics.channel_of(submissions_topic))
    record = to_record(
        topic,
        receipt,
        key=receipt.idempotency_key,
        event_id=ids.event_id(subject, topic.event_type, 1),
        time=receipt.at,
        correlation_id=correlation_id,
    )
    return replace(record, key=key)  # as it came, also where it is no text
