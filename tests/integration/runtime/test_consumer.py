"""What keeps a consumer alive and honest (D4.3, D4.4), beyond the plain delivery."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.envelope import Event, Record
from shared.contracts.events import CitizenReplied
from shared.runtime import bus, metrics
from shared.runtime.consumer import MAX_REFUSED, BatchConsumer, Raw, Subscription, Suspicion, Unusable
from shared.runtime.postgres import Database
from shared.runtime.service import Service
from tests.integration.runtime.conftest import DEAD, FORBIDDEN, TOPIC, Counter, Rig, reply
from tests.services import produce, read, send
from tests.waiting import eventually, until_async


class Unsteady(Counter):
    """Cancelled from within, once, as a library's own timeout may do it."""

    cancelled = False

    async def handle(self, events: list[Event[CitizenReplied]]) -> None:
        if not self.cancelled:
            self.cancelled = True
            raise asyncio.CancelledError
        await super().handle(events)


@dataclass
class Stuck(Counter):
    """Never done with its batch until it is let go."""

    called: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, events: list[Event[CitizenReplied]]) -> None:
        self.called.set()
        await self.let_go.wait()
        await super().handle(events)


Answer = Callable[[Unusable], Sequence[Record]]


async def nothing(events: list[Event[CitizenReplied]]) -> None:
    """A handler that never has trouble."""


async def committed(rig: Rig) -> int:
    """How many records of the topic the group is done with, by what the broker knows."""
    group = Subscription([TOPIC], CitizenReplied, "routing", nothing).consumer_group
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.broker.bootstrap, group_id=group)
    await consumer.start()
    try:
        offsets = [await consumer.committed(TopicPartition(TOPIC.name, n)) for n in range(TOPIC.partitions)]
    finally:
        await consumer.stop()
    return sum(offset or 0 for offset in offsets)


def one_partition(record: Record) -> Record:
    """The same with a key that all have, so that they come as one batch."""
    return replace(record, key=b"the same")


@asynccontextmanager
async def running(rig: Rig, kind: type[Counter], answer: Answer | None = None) -> AsyncIterator[tuple[Service, Counter]]:
    service = Service("routing", "counts", rig.settings, written=[TOPIC, *DEAD])
    counter = kind(service.database)
    service.subscribe(Subscription([TOPIC], CitizenReplied, "routing", counter.handle, answer_unusable=answer))
    async with service.app.router.lifespan_context(service.app):
        yield service, counter


async def test_a_cancellation_inside_a_handler_does_not_end_consumption(rig: Rig) -> None:
    await send(rig.broker.bootstrap, *(reply(n) for n in range(10)))
    async with running(rig, Unsteady) as (service, counter):

        async def all_seen() -> bool:
            return await counter.seen() == 10

        await eventually("ten replies after the cancellation", all_seen)
        assert service.died() == []


async def test_a_dead_letter_keeps_bytes_key_and_headers_and_tells_its_sender(rig: Rig) -> None:
    def answer(fault: Unusable) -> Sequence[Record]:
        return [Record("told", fault.record.key, fault.field.encode(), {"reason": fault.reason})]

    good = reply(1)
    headers = [(name, value.encode()) for name, value in good.headers.items()]
    bad = b'{"reply_id": 7}'
    await produce(
        rig.broker.bootstrap, TOPIC.name, bad, key=b"theirs", headers=[*headers, ("odd", None), ("raw", b"\xff")], partition=0
    )
    await produce(rig.broker.bootstrap, TOPIC.name, good.value, headers=headers, partition=0)
    async with running(rig, Counter, answer) as (service, _):

        async def set_aside() -> list[asyncpg.Record]:
            return await service.database.pool.fetch("SELECT topic, key, value, headers::jsonb FROM outbox ORDER BY id")

        letter, told = await eventually("a dead letter and what its sender is told", set_aside)
    assert (letter["topic"], letter["key"], letter["value"]) == (DEAD[0].name, b"theirs", bad)
    assert '"dlq-reason": "schema"' in letter["headers"]
    assert '"dlq-group": "routing"' in letter["headers"]
    assert "b2Rk -" in letter["headers"]
    assert "cmF3 /w==" in letter["headers"]
    assert (told["topic"], told["key"], told["value"]) == ("told", b"theirs", b"reply_id")


async def test_more_refusals_than_a_few_set_nothing_aside_however_many_neighbours_succeed(rig: Rig) -> None:
    records = [*(reply(n) for n in range(50)), *(reply(n, FORBIDDEN) for n in range(50, 56))]
    await send(rig.broker.bootstrap, *(one_partition(record) for record in records))
    async with running(rig, Counter) as (service, counter):
        retries = metrics.BATCHES.labels(TOPIC.name, "routing", "retry")
        before = retries._value.get()
        await until_async("several attempts", lambda: retries._value.get() >= before + 4)
        assert await counter.dead() == []
        assert service.died() == []


async def test_the_lag_is_told_in_records_and_in_seconds_while_a_handler_is_stuck(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "LAG_SECONDS", 0.2)
    await send(rig.broker.bootstrap, *(reply(n) for n in range(30)))
    async with running(rig, Stuck) as (_, counter):
        assert isinstance(counter, Stuck)
        records = metrics.LAG_RECORDS.labels(TOPIC.name, "routing")
        seconds = metrics.LAG_SECONDS.labels(TOPIC.name, "routing")
        await until_async("a lag of 30 records", lambda: records._value.get() == 30 and seconds._value.get() > 0)
        counter.let_go.set()
        await until_async("no lag", lambda: records._value.get() == 0 and seconds._value.get() == 0)


async def test_a_batch_that_is_put_back_rewinds_every_partition_that_is_still_ours(rig: Rig) -> None:
    def record(partition: int, offset: int) -> Raw:
        return ConsumerRecord(TOPIC.name, partition, offset, 0, 0, None, b"{}", None, 0, 0, ())

    consumer = AIOKafkaConsumer(bootstrap_servers=rig.broker.bootstrap, group_id="rewinding")
    await consumer.start()
    kept = [TopicPartition(TOPIC.name, 1), TopicPartition(TOPIC.name, 2)]
    consumer.assign(kept)
    # Dead letters all of them, for which there is no database; partition 0 was taken away meanwhile.
    batch = [record(0, 5), record(1, 8), record(1, 7), record(2, 9)]
    with pytest.raises(Suspicion):
        await BatchConsumer(Subscription([TOPIC], CitizenReplied, "g", nothing), Database("")).consume(batch, consumer)
    positions = [await consumer.position(partition) for partition in kept]
    await consumer.stop()
    assert positions == [7, 9]


async def test_no_value_at_all_can_end_consumption(rig: Rig) -> None:
    values = [b"", b"null", b"[]", b"7", b"\x00" * 100, b"[" * 50_000, b"{}" + b" " * 900_000]
    headers = [(name, text.encode()) for name, text in reply(1).headers.items()]
    trusted_faults = {b"null", b"[]", b"7", b"{}" + b" " * 900_000}
    assert len(trusted_faults) <= MAX_REFUSED
    for value in values:
        await produce(rig.broker.bootstrap, TOPIC.name, value, headers=headers, partition=0)
    await produce(rig.broker.bootstrap, TOPIC.name, reply(1).value, headers=headers, partition=0)
    async with running(rig, Counter) as (_, counter):

        async def settled() -> bool:
            return await counter.seen() == 1 and len(await counter.dead()) == len(values)

        await eventually("the good one counted, the bad ones set aside", settled)


async def test_a_record_with_neither_key_nor_value_is_set_aside_and_holds_up_no_relay(rig: Rig) -> None:
    empty: Raw = ConsumerRecord(TOPIC.name, 0, 7, 0, 0, None, None, None, 0, 0, ())
    async with running(rig, Counter) as (service, counter):
        await BatchConsumer(Subscription([TOPIC], CitizenReplied, "routing", nothing), service.database).consume([empty], None)
        (letter,) = await read(rig.broker.bootstrap, DEAD[0].name, 1)
        assert (letter.key, letter.value) == (b"", None)
        await rig.publish(service, [reply(1)])

        async def seen() -> bool:
            return await counter.seen() == 1

        await eventually("the reply behind the dead letter", seen)


async def test_what_is_done_is_committed_and_what_is_not_done_is_not(rig: Rig) -> None:
    await send(rig.broker.bootstrap, *(reply(n) for n in range(30)))
    async with running(rig, Stuck) as (service, counter):
        assert isinstance(counter, Stuck)
        await eventually("a batch in work", counter.called.wait)
        assert await committed(rig) == 0
        ((_, subscriber),) = service.bus._consumers
        assert not subscriber.consumer._enable_auto_commit  # which would commit this batch after five seconds
        counter.let_go.set()

        async def all_committed() -> bool:
            return await committed(rig) == 30

        await eventually("thirty commits", all_committed)
        assert await counter.seen() == 30


async def test_a_service_that_is_stopped_finishes_and_commits_the_batch_in_work(rig: Rig) -> None:
    await send(rig.broker.bootstrap, *(one_partition(reply(n)) for n in range(30)))
    async with running(rig, Stuck) as (_, counter):
        assert isinstance(counter, Stuck)
        await eventually("a batch in work", counter.called.wait)
        asyncio.get_running_loop().call_later(0.2, counter.let_go.set)  # while the service is being stopped
    assert await committed(rig) == 30
    connection = await asyncpg.connect(rig.settings.database_url)
    assert await connection.fetchval("SELECT count(*) FROM seen") == 30
    await connection.close()
