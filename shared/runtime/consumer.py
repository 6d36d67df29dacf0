"""Batches in, exactly-once effect out (D4.3, D4.4): the one way every service consumes.

    fetch up to 1,000 records -> decode each by itself -> one idempotent transaction -> commit the offsets

- A record that cannot be decoded is a dead letter, not an exception for its 999 neighbours.
- A batch the handler refuses is bisected until the guilty records stand alone.
- A guilty record becomes a dead letter only with evidence that the fault is its own: neighbours of the same batch
  succeeded, and no more than MAX_REFUSED were refused. Otherwise the fault may be ours (a bad deploy): the batch is put
  back, with back-off, until somebody mends it. Nothing is dead-lettered, nothing is lost, the lag rises.
- Trouble of the world (database, broker, network) never dead-letters: back off, rewind all partitions, read again.
- Dead letters go through the outbox, in a transaction before the offsets are committed: they cannot get lost either.

FastStream brings the records and commits the offsets; its own decoding is bypassed because one bad header makes it skip
and commit a whole batch (0.7.8).
"""

import asyncio
import base64
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from pydantic import BaseModel, ValidationError

from shared.contracts.envelope import Event, Record, correlation_of, header_map
from shared.contracts.topics import Topic, dead_letters, event_types
from shared.runtime import metrics
from shared.runtime.logs import describe
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Database, is_unavailable

log = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)
Raw = ConsumerRecord[bytes | None, bytes | None]

MAX_RECORDS = 1000
MAX_REFUSED = 5
MAX_DELAY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record we cannot use. `ours`: the fault may be in our own code, so it needs evidence before it is set aside.

    `field`: which field of the data does not validate, dotted; empty where it is not about a field.
    """

    record: Raw
    reason: str
    detail: str
    ours: bool
    field: str = ""


class Suspicion(Exception):
    """Too much was refused, or all of it: the fault is more likely ours than the records'."""


@dataclass(frozen=True)
class Subscription(Generic[M]):
    """`group` reads `topics` (all of the same model) and hands batches of events to `handle`.

    `handle` is all-or-nothing and idempotent. `erased`: what a tombstone of a compacted topic means.
    `answer_unusable`: what the sender of a dead letter is told; published in the same transaction as the dead letter.
    `read`: bytes -> data where the model's own reading of JSON is not strict enough; ValidationError as from the model.
    """

    topics: Sequence[Topic]
    model: type[M]
    group: str
    handle: Callable[[list[Event[M]]], Awaitable[None]]
    erased: Callable[[UUID], M] | None = None
    answer_unusable: Callable[[Unusable], Sequence[Record]] | None = None
    read: Callable[[bytes], M] | None = None

    @property
    def consumer_group(self) -> str:
        """Kafka's group, one for each subscription: members of one group that read different topics only make each other
        rebalance, and the embedded broker forgets one of three that join at once."""
        return f"{self.group}.{self.model.__name__}"


@dataclass
class BatchConsumer(Generic[M]):
    """Consumes one subscription. FastStream calls `consume` with each batch of raw records."""

    subscription: Subscription[M]
    database: Database
    delay: float = 0.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    oldest_in_work: float | None = None
    """Unix time of the oldest record of the batch in work, for the lag in seconds."""

    def __post_init__(self) -> None:
        self._topics = {topic.name: topic for topic in self.subscription.topics}
        self._types = {topic.name: event_types(topic) for topic in self.subscription.topics}
        self._read = self.subscription.read or self.subscription.model.model_validate_json

    async def consume(self, records: Sequence[Raw], consumer: Any) -> None:
        """Done with all of `records`, or an exception after rewinding `consumer` (an aiokafka consumer) to the first of them."""
        started = time.perf_counter()
        self.oldest_in_work = min(record.timestamp for record in records) / 1000
        try:
            dead, skipped = await self._work(records)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) and task.cancelling():
                raise  # a real stop; nothing is committed
            await self._put_back(records, consumer, error)
            # A CancelledError from within a handler would end FastStream's loop for good while /health stays green.
            raise Suspicion("batch put back") from error
        self.delay, self.oldest_in_work = 0.0, None
        self._count(records, dead, skipped, time.perf_counter() - started)

    async def _work(self, records: Sequence[Raw]) -> tuple[list[Raw], list[Raw]]:
        """Handles what is usable, dead-letters the rest. Returns which records are dead and which were skipped."""
        usable: list[tuple[Raw, Event[M]]] = []
        unusable: list[Unusable] = []
        skipped: list[Raw] = []
        for record in records:
            match self.decode(record):
                case Event() as event:
                    usable.append((record, event))
                case Unusable() as fault:
                    unusable.append(fault)
                case None:
                    skipped.append(record)
        suspected = sum(fault.ours for fault in unusable)
        refused = await self._handle(usable, suspected)
        unusable += refused
        suspected += len(refused)
        if suspected > MAX_REFUSED or (suspected and len(usable) == len(refused)):
            raise Suspicion(f"{suspected} records of {len(records)} were refused: {unusable[-1].reason}")
        if unusable:
            await self._set_aside(unusable)
        return [fault.record for fault in unusable], skipped

    async def _set_aside(self, unusable: Sequence[Unusable]) -> None:
        """Dead letters, and what their senders are told, in one transaction."""
        letters = [dead_letter(fault, self.subscription.group) for fault in unusable]
        if answer := self.subscription.answer_unusable:
            letters += [told for fault in unusable for told in answer(fault)]
        async with self.database.transaction() as connection:
            await enqueue(connection, letters)

    async def _handle(self, batch: Sequence[tuple[Raw, Event[M]]], suspected: int) -> list[Unusable]:
        """Gives the batch to the handler; halves what it refuses until the guilty stand alone. Returns these."""
        if suspected > MAX_REFUSED:
            raise Suspicion(f"more than {MAX_REFUSED} records of one batch were refused")
        if not batch:
            return []
        try:
            await self.subscription.handle([event for _, event in batch])
            return []
        except Exception as error:
            if isinstance(error, KafkaError) or is_unavailable(error):
                raise
            if len(batch) == 1:
                log.warning("handler refused a record", extra={"topic": batch[0][0].topic, **describe(error)})
                return [Unusable(batch[0][0], f"refused:{type(error).__name__}", str(error), ours=True)]
        middle = len(batch) // 2
        refused = await self._handle(batch[:middle], suspected)
        return refused + await self._handle(batch[middle:], suspected + len(refused))

    async def _put_back(self, records: Sequence[Raw], consumer: Any, error: BaseException) -> None:
        """Waits (doubling, up to 10 s), then rewinds every partition of the batch."""
        self.delay = min(MAX_DELAY_SECONDS, self.delay * 2 or 0.1)
        topic, group = records[0].topic, self.subscription.group
        metrics.BATCHES.labels(topic, group, "retry").inc()
        log.warning("batch put back", extra={"topic": topic, "records": len(records), "again_in": self.delay, **describe(error)})
        with suppress(TimeoutError):
            async with asyncio.timeout(self.delay):
                await self.stopping.wait()
        rewind(records, consumer)

    def _count(self, records: Sequence[Raw], dead: Sequence[Raw], skipped: Sequence[Raw], seconds: float) -> None:
        """By the topic of each record: one batch may hold records of many agencies."""
        group = self.subscription.group
        outcomes = Counter((record.topic, "ok") for record in records)
        for outcome, others in (("dead", dead), ("skipped", skipped)):
            for record in others:
                outcomes[record.topic, "ok"] -= 1
                outcomes[record.topic, outcome] += 1
        for (topic, outcome), number in outcomes.items():
            metrics.CONSUMED.labels(topic, group, outcome).inc(number)
            metrics.PROGRESS.labels(topic, group).set(time.time())
        metrics.BATCHES.labels(records[0].topic, group, "ok").inc()
        metrics.BATCH_RECORDS.labels(group).observe(len(records))
        metrics.BATCH_SECONDS.labels(group).observe(seconds)

    def decode(self, record: Raw) -> Event[M] | Unusable | None:
        """The record's event; why it is unusable; or None for an event type we do not know."""
        topic = self._topics[record.topic]
        headers = header_map(record.headers)
        if record.value is None:
            return self._decode_tombstone(record, headers)
        if topic.trusted and not ("ce_type" in headers and "ce_id" in headers):
            return Unusable(record, "no_envelope", "ce_id or ce_type is missing, null or not UTF-8", ours=False)
        if topic.trusted and headers["ce_type"] not in self._types[record.topic]:
            return None
        try:
            data = self._read(record.value)
            return self._event(record, headers, data)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False, include_context=False)
            broken = faults[0]["type"] == "json_invalid"
            detail = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'value'}: {fault['msg']}" for fault in faults[:5])
            field = "" if broken else ".".join(map(str, faults[0]["loc"]))
            return Unusable(record, "not_json" if broken else "schema", detail, topic.trusted and not broken, field)
        except ValueError:
            return Unusable(record, "no_envelope", "ce_id or ce_correlationid is not a UUID", ours=False)

    def _decode_tombstone(self, record: Raw, headers: Any) -> Event[M] | Unusable:
        if self.subscription.erased is None or record.key is None:
            return Unusable(record, "null_value", "the record has no value", ours=False)
        try:
            return self._event(record, headers, self.subscription.erased(UUID(record.key.decode())))
        except ValueError:
            return Unusable(record, "bad_key", "the key of a tombstone is not a UUID", ours=False)

    def _event(self, record: Raw, headers: Any, data: M) -> Event[M]:
        """Outsiders need not send an envelope: where it is missing, the record's place in its topic is its identity."""
        event_id = UUID(headers["ce_id"]) if "ce_id" in headers and self._topics[record.topic].trusted else place_id(record)
        correlation = headers.get("ce_correlationid")
        return Event(
            id=event_id,
            type=headers.get("ce_type", self._topics[record.topic].event_type),
            topic=record.topic,
            key=record.key or b"",
            correlation_id=UUID(correlation) if correlation else correlation_of(headers.get("traceparent")) or event_id,
            data=data,
        )


def place_id(record: Raw) -> UUID:
    """The identity of a record without an envelope: its place in its topic; the same however often it is read.

    With its time, because a broker that lost its log counts from zero again.
    """
    return uuid5(NAMESPACE_OID, f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}")


def dead_letter(fault: Unusable, group: str) -> Record:
    """The original bytes, and beside them why and from where, so that `serap dlq redrive` can put them back as they came.

    A header becomes base64 of its name and, after a space, of its value; `-`, which base64 does not have, is no value.
    One thing changes: where there was neither key nor value, the key is empty, because aiokafka sends no such record.
    """
    record = fault.record
    key = b"" if record.key is None and record.value is None else record.key
    headers = {
        "dlq-reason": fault.reason,
        "dlq-detail": fault.detail[:1000].replace("\x00", ""),
        "dlq-group": group,
        "dlq-topic": record.topic,
        "dlq-origin": f"{record.topic}/{record.partition}/{record.offset}",
        "dlq-timestamp": str(record.timestamp),
    }
    for number, (name, value) in enumerate(record.headers):
        encoded = "-" if value is None else base64.b64encode(value).decode()
        headers[f"dlq-header-{number}"] = f"{base64.b64encode(name.encode()).decode()} {encoded}"
    return Record(dead_letters(record.topic, group), key, record.value, headers)


def rewind(records: Sequence[Raw], consumer: Any) -> None:
    """Puts every partition of the batch back to its first record; FastStream stops at one that a rebalance took away."""
    first: dict[TopicPartition, int] = {}
    for record in records:
        partition = TopicPartition(record.topic, record.partition)
        first[partition] = min(record.offset, first.get(partition, record.offset))
    for partition, offset in first.items():
        try:
            consumer.seek(partition, offset)
        except IllegalStateError:
            log.info("partition was taken away meanwhile", extra={"topic": partition.topic, "partition": partition.partition})
