"""Makes the derived tables anew from offset zero, while the service runs, and puts them in the place of the live ones.

    read the log into a schema of its own -> add what only the live tables know -> lock the writers, add the rest, exchange

The same store functions write both, so the same facts end in the same bytes. Facts that the log no longer has (the
embedded broker forgets, a cluster may after a disaster) are taken from the live tables: a replay never loses any.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.reporting import store
from services.reporting.consumer import Subscribers
from shared.city import load_city
from shared.contracts.envelope import Event
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.runtime.bus import aiokafka_security
from shared.runtime.consumer import MAX_RECORDS, BatchConsumer
from shared.runtime.postgres import Connection, Database
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

POLL_MS = 1_000
STALLED_POLLS = 30
"""So many empty polls in a row before the end of the log mean that the broker is away."""
TAIL_POLLS = 10
"""The embedded broker tells ends that are too low: from there on until a poll stays empty. Under traffic none ever does;
what comes after the end is in the live tables anyway."""
_LOCK = 0x5E2AB  # advisory lock number of the rebuild; any fixed number does

Told = Callable[[int], None]
"""Hears how many records have been read so far."""


class RebuildError(Exception):
    """Why the live tables were left as they are."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`records` read from the log; digests of all derived tables, live before and rebuilt after, of the same facts."""

    records: int
    digest_before: str
    digest_after: str


async def rebuild(settings: Settings, told: Told = lambda records: None) -> Rebuilt:
    """Rebuilds and exchanges. RebuildError: another one is running, or the log cannot be read to its end."""
    zone = load_city(settings.city).calendar.timezone.key
    async with _rebuilt_schema(settings.database_url) as connection:
        records = await _read_log(settings, connection, zone, told)
        await _add_missing(connection, zone)  # most of it before anybody has to wait
        before, after = await _exchange(connection, zone)
    return Rebuilt(records, before, after)


@asynccontextmanager
async def _rebuilt_schema(url: str) -> AsyncIterator[Connection]:
    """A connection whose tables are those of the empty schema `rebuilt`; the schema is gone afterwards."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            raise RebuildError("another rebuild is running")
        await connection.execute("DROP SCHEMA IF EXISTS rebuilt CASCADE; CREATE SCHEMA rebuilt; SET search_path TO rebuilt")
        for path in sorted(store.MIGRATIONS.glob("*.sql")):
            await connection.execute(path.read_text())
        yield connection
        await connection.execute("DROP SCHEMA IF EXISTS rebuilt CASCADE")
    finally:
        await connection.close()


async def _read_log(settings: Settings, connection: Connection, zone: str, told: Told) -> int:
    """Every record from offset zero into the rebuilt tables. Returns how many. Nothing is committed to the broker."""
    database = Database(settings.database_url)
    decoders = {
        topic.name: BatchConsumer(subscription, database)
        for subscription in Subscribers(database, zone).subscriptions()
        for topic in subscription.topics
    }
    consumer = AIOKafkaConsumer(
        *decoders,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id="serap-reporting-replay",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **aiokafka_security(settings),
    )
    await consumer.start()
    try:
        records = 0
        async for batch in read_batches(consumer):
            events = [decoders[record.topic].decode(record) for record in batch]
            await _save(connection, [event.data for event in events if isinstance(event, Event)], zone)
            records += len(batch)
            told(records)
        return records
    finally:
        await consumer.stop()


async def read_batches(consumer: Any) -> AsyncIterator[list[Any]]:
    """Batches up to the ends that the log has now, and on until a poll stays empty."""
    partitions = [
        TopicPartition(topic, number) for topic in consumer.subscription() for number in consumer.partitions_for_topic(topic)
    ]
    ends = await consumer.end_offsets(partitions)
    empty = tail = 0
    while empty < STALLED_POLLS and tail < TAIL_POLLS:
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        batch = [record for records in found.values() for record in records]
        if batch:
            yield batch
        read = [await consumer.position(partition) >= end for partition, end in ends.items()]
        if all(read):
            if not batch:
                return
            tail += 1
        empty = 0 if batch else empty + 1
    if empty >= STALLED_POLLS:
        raise RebuildError("the broker does not give the log up to its end")


async def _save(connection: Connection, data: list[LifecycleFact | NotificationEnded], zone: str) -> None:
    async with connection.transaction():
        if facts := [each for each in data if isinstance(each, LifecycleFact)]:
            await store.save_facts(connection, facts, zone)
        if outcomes := [each for each in data if isinstance(each, NotificationEnded)]:
            await store.save_outcomes(connection, outcomes, zone)


async def _add_missing(connection: Connection, zone: str) -> None:
    """What the live tables know and the rebuilt ones do not."""
    for query, model in (("facts_missing_in", LifecycleFact), ("outcomes_missing_in", NotificationEnded)):
        last: tuple[UUID, int] = (UUID(int=0), 0)
        while rows := await connection.fetch(store.QUERIES[query], *last, MAX_RECORDS):
            await _save(connection, [model(**dict(row)) for row in rows], zone)
            last = (rows[-1]["aspiration_id"], rows[-1]["ver"])


async def _exchange(connection: Connection, zone: str) -> tuple[str, str]:
    """In one transaction: the digest of the live tables, the exchange, the digest of those that are live now."""
    async with connection.transaction():
        await store.lock_writers(connection)
        await _add_missing(connection, zone)
        await connection.execute("SET LOCAL search_path TO public")
        before = await store.digest(connection)
        for table in store.DERIVED:
            await connection.execute(f"DROP TABLE public.{table}; ALTER TABLE rebuilt.{table} SET SCHEMA public")
        return before, await store.digest(connection)
