"""The outbox and its relay on a real broker and a real PostgreSQL (D4.2)."""

import asyncpg
import pytest

from shared.contracts.envelope import Record
from shared.contracts.topics import MAX_DEAD_LETTER_BYTES
from shared.runtime.outbox import _LOCK, enqueue, prune
from tests.integration.runtime.conftest import TOPIC, Rig, reply
from tests.services import read
from tests.waiting import eventually

UNSENT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"


async def test_records_arrive_in_the_order_of_their_rows_with_key_value_and_headers(rig: Rig) -> None:
    async with rig.running() as (service, _):
        records = [Record(TOPIC.name, b"one key", str(n).encode(), {"n": str(n)}) for n in range(300)]
        await rig.publish(service, records)
        arrived = await read(rig.broker.bootstrap, TOPIC.name, 300)
    assert [(r.key, r.value, r.headers) for r in arrived] == [
        (record.key, record.value, (("n", record.headers["n"].encode()),)) for record in records
    ]


async def test_a_rolled_back_transaction_publishes_nothing(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        with pytest.raises(ZeroDivisionError):
            async with service.database.transaction() as connection:
                await enqueue(connection, [reply(1)])
                raise ZeroDivisionError
        await rig.publish(service, [reply(2)])

        async def second_seen() -> bool:
            return await counter.seen() == 1

        await eventually("the second reply", second_seen)
        assert await service.database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_only_one_relay_sends_and_another_takes_over_when_it_is_gone(rig: Rig) -> None:
    other = await asyncpg.connect(rig.settings.database_url)
    await other.execute("SELECT pg_advisory_lock($1)", _LOCK)  # as another process's relay holds it
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(1)])

        async def the_relay_has_tried() -> bool:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory%'"
            return int(await service.database.pool.fetchval(waits)) > 0

        await eventually("the relay asks for the lock", the_relay_has_tried)
        assert await service.database.pool.fetchval(UNSENT) == 1
        await other.close()

        async def seen() -> bool:
            return await counter.seen() == 1

        await eventually("the reply, sent by the relay that got the lock", seen)


async def test_a_row_that_is_too_large_does_not_hold_up_those_behind_it(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [Record(TOPIC.name, b"key", b"x" * (MAX_DEAD_LETTER_BYTES + 1), {}), reply(1), reply(2)])

        async def neighbours_seen() -> bool:
            return await counter.seen() == 2

        await eventually("the two behind the large one", neighbours_seen)
        assert await service.database.pool.fetchval(UNSENT) == 1


async def test_rows_wait_while_the_broker_is_away_and_go_out_when_it_comes(rig: Rig) -> None:
    rig.broker.server.stop()
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(n) for n in range(20)])
        rig.broker.server.start()
        rig.broker.apply_topics()

        async def all_seen() -> bool:
            return await counter.seen() == 20

        await eventually("twenty replies", all_seen)


async def test_sent_rows_are_forgotten_after_the_retention_of_their_topic(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(1), reply(2)])

        async def both_seen() -> bool:
            return await counter.seen() == 2 and await service.database.pool.fetchval(UNSENT) == 0

        await eventually("both replies", both_seen)
        age = "UPDATE outbox SET created_at = now() - make_interval(secs => $1) WHERE id = (SELECT min(id) FROM outbox)"
        await service.database.pool.execute(age, TOPIC.retention_ms / 1000 + 60)
        await prune(service.database, [TOPIC])
        assert await service.database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_an_unsent_row_is_never_forgotten_however_old(rig: Rig) -> None:
    rig.broker.server.stop()
    async with rig.running() as (service, _):
        await rig.publish(service, [reply(1)])
        await service.database.pool.execute("UPDATE outbox SET created_at = now() - interval '10 years'")
        await prune(service.database, [TOPIC])
        assert await service.database.pool.fetchval(UNSENT) == 1
