"""The outbox and its relay on a real broker and a real PostgreSQL (D4.2)."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from shared.contracts.envelope import Record
from shared.contracts.topics import CONTACTS, MAX_DEAD_LETTER_BYTES
from shared.runtime import outbox
from shared.runtime.outbox import _LOCK, Acknowledgement, Relay, enqueue, prune, recognise_topics
from shared.runtime.postgres import Database
from tests.integration.runtime.conftest import TOPIC, Rig, reply
from tests.services import read
from tests.stack import Postgres
from tests.waiting import eventually, until_async

NO_MIGRATIONS = Path(__file__).parent / "no migrations but those of the runtime"
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


async def test_rows_of_a_topic_that_the_broker_does_not_have_hold_up_nobody(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [Record("nowhere.v1", b"key", b"{}", {}), reply(1)])

        async def neighbour_seen() -> bool:
            return await counter.seen() == 1

        await eventually("the reply behind it", neighbour_seen, 10)
        assert await service.database.pool.fetchval("SELECT topic FROM outbox WHERE sent_at IS NULL") == "nowhere.v1"


async def test_a_relay_that_lost_its_connection_leads_again(rig: Rig) -> None:
    leaders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1"
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(1)])

        async def seen(count: int) -> bool:
            return await counter.seen() == count

        await eventually("the first reply", lambda: seen(1))
        assert await service.database.pool.fetch(leaders, _LOCK)
        await rig.publish(service, [reply(2)])
        await eventually("the second reply", lambda: seen(2))
        assert service.died() == []


@dataclass
class Producer:
    """The far side of a relay, under the test's control: what it was given, and when that is acknowledged."""

    records: list[Record] = field(default_factory=list)
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    connected: bool = True
    asked: bool = False

    async def send(self, record: Record) -> Acknowledgement:
        if not self.connected:
            raise KafkaConnectionError
        self.records.append(record)
        self.acknowledgements.append(asyncio.get_running_loop().create_future())
        return self.acknowledgements[-1]

    async def topic_ids(self, names: Sequence[str]) -> Mapping[str, str]:
        self.asked = True
        return dict.fromkeys(names, "the same log")


@asynccontextmanager
async def outbox_of(postgres: Postgres, *records: Record) -> AsyncIterator[Database]:
    """A database that has an outbox with `records` and nothing else."""
    database = Database(await postgres.database(NO_MIGRATIONS))
    await database.open()
    async with database.transaction() as connection:
        await enqueue(connection, records)
    yield database
    await database.close()


@asynccontextmanager
async def relaying(postgres: Postgres, producer: Producer, *records: Record) -> AsyncIterator[Database]:
    """A relay at work on an outbox with `records`."""
    async with outbox_of(postgres, *records) as database:
        relay = Relay(database, producer.send, producer.topic_ids, [TOPIC])
        database.on_commit = relay.wake
        task = asyncio.create_task(relay.run())
        yield database
        task.cancel()
        await asyncio.wait([task])


async def unsent(database: Database) -> list[int]:
    return [row["id"] for row in await database.pool.fetch("SELECT id FROM outbox WHERE sent_at IS NULL ORDER BY id")]


async def test_only_one_relay_sends_and_another_takes_over_when_it_is_gone(postgres: Postgres) -> None:
    producer = Producer()
    tries: set[datetime] = set()
    async with outbox_of(postgres, reply(1)) as database:
        other = await asyncpg.connect(database.url)
        await other.execute("SELECT pg_advisory_lock($1)", _LOCK)  # as another process's relay holds it
        task = asyncio.create_task(Relay(database, producer.send, producer.topic_ids, [TOPIC]).run())

        async def tried_often() -> bool:
            asked = "SELECT query_start FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory%'"
            tries.update(row["query_start"] for row in await other.fetch(asked + " AND pid <> pg_backend_pid()"))
            return len(tries) > 3

        await eventually("several attempts to get the lock", tried_often)
        assert not producer.asked
        await other.close()
        await until_async("the row handed over by the relay that got the lock", lambda: producer.records)
        task.cancel()
        await asyncio.wait([task])


async def test_a_row_is_marked_only_after_the_broker_has_acknowledged_it(postgres: Postgres) -> None:
    producer = Producer()
    async with relaying(postgres, producer, reply(1), reply(2)) as database:

        async def handed_over() -> bool:
            return len(producer.records) == 2

        await eventually("both rows handed over", handed_over)
        producer.acknowledgements[0].set_result(None)
        assert await unsent(database) == [1, 2]
        producer.acknowledgements[1].set_exception(KafkaConnectionError())

        async def first_marked_and_second_again() -> bool:
            return await unsent(database) == [2] and len(producer.records) == 3

        await eventually("the first marked, the second handed over again", first_marked_and_second_again)
        assert producer.records[2] == producer.records[1]


async def test_a_commit_goes_out_at_once_and_not_at_the_next_look(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 60.0)
    producer = Producer()
    async with relaying(postgres, producer, reply(1)) as database:
        await until_async("the first row handed over", lambda: producer.acknowledgements)
        producer.acknowledgements[0].set_result(None)

        async def idle() -> bool:
            return await unsent(database) == []

        await eventually("nothing left to send", idle)
        async with database.transaction() as connection:
            await enqueue(connection, [reply(2)])
        await until_async("the second row handed over", lambda: len(producer.records) == 2, 5)


@pytest.mark.parametrize("refusal", [MessageSizeTooLargeError(), AssertionError(), ValueError()])
async def test_a_row_that_nobody_takes_rests_and_does_not_slow_down_the_others(
    postgres: Postgres, refusal: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 1)  # so that it would be a whole batch that holds up everything

    class Refusing(Producer):
        async def send(self, record: Record) -> Acknowledgement:
            acknowledgement = await super().send(record)
            if record.value == b"bad":
                raise refusal
            acknowledgement.set_result(None)
            return acknowledgement

    producer = Refusing()
    bad = Record(TOPIC.name, b"key", b"bad", {})
    async with relaying(postgres, producer, bad, reply(1), reply(2)) as database:

        async def others_sent() -> bool:
            return await unsent(database) == [1]

        await eventually("the two behind it", others_sent, 3)
        assert [record.value for record in producer.records].count(b"bad") == 1


async def test_a_broker_that_goes_away_in_the_middle_of_a_batch_gets_the_rest_when_it_is_back(postgres: Postgres) -> None:
    class GoingAway(Producer):
        async def send(self, record: Record) -> Acknowledgement:
            acknowledgement = await super().send(record)
            acknowledgement.set_result(None)
            self.connected = len(self.records) != 1
            return acknowledgement

    producer = GoingAway()
    async with relaying(postgres, producer, *(reply(n) for n in range(3))) as database:

        async def first_sent() -> bool:
            return await unsent(database) == [2, 3]

        await eventually("the first marked", first_sent)
        producer.connected = True

        async def all_sent() -> bool:
            return await unsent(database) == []

        await eventually("all sent", all_sent)
    assert [record.key for record in producer.records] == [reply(n).key for n in range(3)]


async def test_large_rows_are_taken_a_few_at_a_time(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH_BYTES", 2500)
    producer = Producer()
    records = [Record(TOPIC.name, b"key", bytes(1000), {}) for _ in range(7)]
    async with relaying(postgres, producer, *records, Record(TOPIC.name, b"key", None, {})) as database:
        for handed in (3, 6, 8):

            async def taken(count: int = handed) -> bool:
                return len(producer.records) == count

            await eventually(f"{handed} rows handed over", taken)
            for acknowledgement in producer.acknowledgements:
                if not acknowledgement.done():
                    acknowledgement.set_result(None)

        async def all_sent() -> bool:
            return await unsent(database) == []

        await eventually("all sent", all_sent)


async def test_of_a_compacted_topic_the_newest_row_of_each_key_stays_so_that_an_erasure_erases(postgres: Postgres) -> None:
    def contact(key: bytes, value: bytes | None) -> Record:
        return Record(CONTACTS.name, key, value, {})

    rows = [contact(b"a", b"old"), contact(b"b", b"only"), contact(b"a", None), reply(1), reply(1), contact(b"c", b"unsent")]
    async with outbox_of(postgres, *rows, contact(b"c", None)) as database:
        await database.pool.execute("UPDATE outbox SET sent_at = now() WHERE id < 6")
        await prune(database, [CONTACTS, TOPIC])
        left = await database.pool.fetch("SELECT id FROM outbox ORDER BY id")
        assert [row["id"] for row in left] == [2, 3, 4, 5, 6, 7]


async def test_a_topic_with_another_id_makes_its_own_sent_rows_unsent_and_no_others(postgres: Postgres) -> None:
    async with outbox_of(postgres, reply(1), Record("other.v1", b"key", b"{}", {})) as database:
        assert await recognise_topics(database, {TOPIC.name: "a", "other.v1": "a"}) == 0
        await database.pool.execute("UPDATE outbox SET sent_at = now()")
        assert await recognise_topics(database, {TOPIC.name: "a", "other.v1": "a"}) == 0
        assert await recognise_topics(database, {TOPIC.name: "b"}) == 1
        assert await unsent(database) == [1]
        assert await recognise_topics(database, {TOPIC.name: "b", "other.v1": "a"}) == 0
