"""What becomes of a batch, without a broker: blame, counting, back-off, and stopping."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError
from prometheus_client import REGISTRY

from shared.contracts import topics
from shared.contracts.envelope import Event
from shared.contracts.events import CitizenReplied, ContactRegistered
from shared.contracts.vocabulary import ContactKind
from shared.runtime.consumer import MAX_DELAY_SECONDS, BatchConsumer, Raw, Subscription, Suspicion, Unusable, place_id
from shared.runtime.postgres import Database
from tests.contracts.golden import FOLDER, loaded

REPLY = loaded(FOLDER / "serap.citizen.replied.v1.answer.json")
KEY = "0190f4e2-0000-7000-8000-000000000001"
NO_DATABASE = Database("")  # nothing here may be set aside: it would raise
Handle = Callable[[list[Event[CitizenReplied]]], Awaitable[None]]


def raw(topic: topics.Topic, offset: int = 0, *, value: bytes | None = REPLY.value, **headers: bytes | None) -> Raw:
    """A record as aiokafka brings it; `headers` replace those of a proper reply."""
    sent: dict[str, bytes | None] = {name: text.encode() for name, text in REPLY.headers.items()}
    sent |= headers
    return ConsumerRecord(topic.name, 0, offset, 0, 0, KEY.encode(), value, None, 0, 0, tuple(sent.items()))  # type: ignore[arg-type]


def replies(handle: Handle) -> BatchConsumer[CitizenReplied]:
    return BatchConsumer(Subscription([topics.REPLIES], CitizenReplied, "testing", handle), NO_DATABASE)


class Positions:
    """Where an aiokafka consumer would read on."""

    def __init__(self) -> None:
        self.sought: list[tuple[TopicPartition, int]] = []

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))


def consumed(topic: str, outcome: str) -> float:
    labels = {"topic": topic, "group": "testing", "outcome": outcome}
    return REGISTRY.get_sample_value("serap_consumer_records_total", labels) or 0.0


async def test_an_unknown_type_is_skipped_and_counted_and_its_neighbours_are_handled() -> None:
    handled: list[UUID] = []

    async def handle(events: list[Event[CitizenReplied]]) -> None:
        handled.extend(event.id for event in events)

    before = consumed(topics.REPLIES.name, "skipped"), consumed(topics.REPLIES.name, "ok")
    batch = [raw(topics.REPLIES, 0), raw(topics.REPLIES, 1, ce_type=b"serap.citizen.sang.v2", value=b"{}")]
    await replies(handle).consume(batch, Positions())
    assert handled == [UUID(REPLY.headers["ce_id"])]
    assert (consumed(topics.REPLIES.name, "skipped"), consumed(topics.REPLIES.name, "ok")) == (before[0] + 1, before[1] + 1)


async def test_records_are_counted_by_their_own_topic_however_they_were_batched() -> None:
    async def handle(events: list[Event[Any]]) -> None:
        """Done."""

    first, second = topics.updates("FIRST"), topics.updates("SECOND")
    consumer = BatchConsumer(Subscription([first, second], CitizenReplied, "testing", handle), NO_DATABASE)
    await consumer.consume([raw(first, 0), raw(second, 0), raw(second, 1)], Positions())
    assert (consumed(first.name, "ok"), consumed(second.name, "ok")) == (1, 2)


async def test_a_refused_batch_is_halved_until_the_guilty_stands_alone_so_neighbours_cost_few_attempts() -> None:
    sizes: list[int] = []

    async def handle(events: list[Event[CitizenReplied]]) -> None:
        sizes.append(len(events))
        if UUID(int=7) in [event.id for event in events]:
            raise ValueError

    batch = [raw(topics.REPLIES, n, ce_id=str(UUID(int=n)).encode()) for n in range(8)]
    refused = await replies(handle)._handle([(record, event) for record in batch if (event := decoded(record))], 0)
    assert [fault.record.offset for fault in refused] == [7]
    assert refused[0].reason == "refused:ValueError"
    assert sizes == [8, 4, 4, 2, 2, 1, 1]


def decoded(record: Raw) -> Event[CitizenReplied]:
    event = replies(never).decode(record)
    assert isinstance(event, Event)
    return event


async def never(events: list[Event[Any]]) -> None:
    raise AssertionError("nothing reaches the handler")


@pytest.mark.parametrize("trouble", [OSError(), TimeoutError(), asyncio.CancelledError(), ValueError()])
async def test_whatever_goes_wrong_a_batch_is_put_back_from_its_first_record(trouble: BaseException) -> None:
    async def handle(events: list[Event[CitizenReplied]]) -> None:
        raise trouble

    consumer, positions = replies(handle), Positions()
    with pytest.raises(Suspicion):
        await consumer.consume([raw(topics.REPLIES, 8), raw(topics.REPLIES, 7)], positions)
    assert positions.sought == [(TopicPartition(topics.REPLIES.name, 0), 7)]


@pytest.mark.parametrize("trouble", [OSError(), KafkaConnectionError(), asyncpg.TooManyConnectionsError()])
async def test_trouble_of_the_world_is_not_looked_for_in_the_records(trouble: Exception) -> None:
    sizes: list[int] = []

    async def handle(events: list[Event[CitizenReplied]]) -> None:
        sizes.append(len(events))
        raise trouble

    with pytest.raises(Suspicion):
        await replies(handle).consume([raw(topics.REPLIES, n) for n in range(8)], Positions())
    assert sizes == [8]


async def test_a_batch_waits_longer_each_time_it_is_put_back_and_no_longer_after_it_succeeded() -> None:
    fail = True

    async def handle(events: list[Event[CitizenReplied]]) -> None:
        if fail:
            raise OSError

    consumer, delays = replies(handle), []
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(Suspicion):
            await consumer.consume([raw(topics.REPLIES)], Positions())
        delays.append(consumer.delay)
    assert delays == [0.1, 0.2, 0.4]
    assert time.monotonic() - started >= sum(delays)
    fail = False
    await consumer.consume([raw(topics.REPLIES)], Positions())
    assert consumer.delay == 0


async def test_a_stop_ends_the_waiting_of_a_batch_that_was_put_back() -> None:
    async def handle(events: list[Event[CitizenReplied]]) -> None:
        raise OSError

    consumer = replies(handle)
    consumer.delay = MAX_DELAY_SECONDS
    consumer.stopping.set()
    started = time.monotonic()
    with pytest.raises(Suspicion):
        await consumer.consume([raw(topics.REPLIES)], Positions())
    assert consumer.delay == MAX_DELAY_SECONDS  # never longer, however often
    assert time.monotonic() - started < MAX_DELAY_SECONDS / 2


async def test_a_real_cancellation_goes_through_and_is_no_trouble() -> None:
    reached = asyncio.Event()

    async def handle(events: list[Event[CitizenReplied]]) -> None:
        reached.set()
        await asyncio.Event().wait()

    consumer, positions = replies(handle), Positions()
    task = asyncio.create_task(consumer.consume([raw(topics.REPLIES)], positions))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (positions.sought, consumer.delay) == ([], 0)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (raw(topics.REPLIES, value=b"{"), "not_json"),
        (raw(topics.REPLIES, value=None), "null_value"),
        (raw(topics.REPLIES, ce_id=None), "no_envelope"),
        (raw(topics.REPLIES, ce_id=b"7"), "no_envelope"),
        (raw(topics.REPLIES, ce_correlationid=b"7"), "no_envelope"),
    ],
)
def test_what_cannot_be_read_at_all_is_never_our_own_fault(record: Raw, reason: str) -> None:
    fault = replies(never).decode(record)
    assert isinstance(fault, Unusable)
    assert (fault.reason, fault.ours) == (reason, False)


def test_what_does_not_fit_the_schema_is_suspected_of_us_only_where_we_wrote_it_ourselves() -> None:
    theirs = topics.updates("FIRST")
    of_us = replies(never).decode(raw(topics.REPLIES, value=b"{}"))
    of_them = BatchConsumer(Subscription([theirs], CitizenReplied, "testing", never), NO_DATABASE).decode(
        raw(theirs, value=b"{}")
    )
    assert isinstance(of_us, Unusable)
    assert isinstance(of_them, Unusable)
    assert (of_us.reason, of_us.ours, of_them.reason, of_them.ours) == ("schema", True, "schema", False)


def test_an_outsider_is_known_by_the_place_of_the_record_and_not_by_what_it_claims() -> None:
    theirs = topics.updates("FIRST")
    record = raw(theirs, 3)
    event = BatchConsumer(Subscription([theirs], CitizenReplied, "testing", never), NO_DATABASE).decode(record)
    assert isinstance(event, Event)
    assert event.id == place_id(record) != UUID(REPLY.headers["ce_id"])


def test_a_tombstone_is_an_erasure_where_the_topic_has_them_and_a_fault_where_it_has_not() -> None:
    contacts = Subscription([topics.CONTACTS], ContactRegistered, "testing", never, erased=ContactRegistered.erased)
    event = BatchConsumer(contacts, NO_DATABASE).decode(raw(topics.CONTACTS, value=None))
    assert isinstance(event, Event)
    assert (event.data.aspiration_id, event.data.kind) == (UUID(KEY), ContactKind.ERASED)
    assert isinstance(replies(never).decode(raw(topics.REPLIES, value=None)), Unusable)
    nobody: Raw = ConsumerRecord(topics.CONTACTS.name, 0, 0, 0, 0, b"nobody", None, None, 0, 0, ())
    fault = BatchConsumer(contacts, NO_DATABASE).decode(nobody)
    assert isinstance(fault, Unusable)
    assert fault.reason == "bad_key"
