"""What a transaction publishes, and the relay that sends it (D4.2, D4.6).

A state change and its records are one transaction. The relay sends unsent rows in id order, waits for all
acknowledgements, then marks them. A crash between sending and marking sends them twice; their ids are derived, so
readers see the same event again. Two relays at once change nothing but work; an advisory lock keeps it at one.

Sent rows stay for the retention of their topic. When a topic has another id than the one we filled (the embedded
broker after every start, a cluster after a disaster), its rows are unsent again.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

import asyncpg
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from shared.contracts.envelope import Record
from shared.contracts.topics import Topic
from shared.runtime import metrics
from shared.runtime.leadership import leadership
from shared.runtime.logs import describe
from shared.runtime.postgres import Connection, Database, is_unavailable

log = logging.getLogger(__name__)

BATCH = 1000
BATCH_BYTES = 16 * 1024 * 1024  # a thousand dead letters of a megabyte must not fill the memory
IDLE_SECONDS = 0.2  # how late the relay notices rows of another process
RECOGNISE_SECONDS = 5.0  # how late a lost log is noticed
_LOCK = 0x5E2A9  # advisory lock number of the relay; any fixed number does

_ENQUEUE = """
INSERT INTO outbox (topic, key, value, headers)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[])
"""
_UNSENT = """
SELECT id, topic, key, value, headers FROM (
    SELECT *, sum(octet_length(value)) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
    FROM (
        SELECT * FROM outbox
        WHERE sent_at IS NULL AND topic = ANY($1::text[]) AND id <> ALL($2::bigint[]) ORDER BY id LIMIT $3
    ) AS first
) AS measured
WHERE coalesce(bytes_before, 0) < $4 ORDER BY id
"""
_MARK = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])"
_WAITING = "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM outbox WHERE sent_at IS NULL"
_DEAD = "SELECT topic, count(*) FROM outbox WHERE topic LIKE '%.dlq' GROUP BY topic"
_UNSEND = """
WITH unsent AS (UPDATE outbox SET sent_at = NULL WHERE topic = ANY($1::text[]) AND sent_at IS NOT NULL RETURNING topic)
SELECT topic, count(*) AS rows FROM unsent GROUP BY topic
"""
_REMEMBER = """
INSERT INTO known_topics SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (topic) DO UPDATE SET topic_id = excluded.topic_id
"""
_PRUNE = """
DELETE FROM outbox USING unnest($1::text[], $2::float8[]) AS kept (topic, seconds)
WHERE outbox.topic = kept.topic AND sent_at IS NOT NULL AND created_at < now() - make_interval(secs => seconds)
"""
_COMPACT = """
DELETE FROM outbox USING outbox AS newer
WHERE outbox.topic = ANY($1::text[]) AND newer.topic = outbox.topic AND newer.key = outbox.key AND newer.id > outbox.id
    AND outbox.sent_at IS NOT NULL
"""

Acknowledgement: TypeAlias = "asyncio.Future[object]"
Send = Callable[[Record], Awaitable[Acknowledgement]]
"""Hands a record to the producer; the future is done when the broker has acknowledged it."""
TopicIds = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""The ids of those topics that exist."""


async def enqueue(connection: Connection, records: Sequence[Record]) -> None:
    """Writes `records` into the outbox, in their order, as part of the caller's transaction."""
    if records:
        await connection.execute(
            _ENQUEUE,
            [r.topic for r in records],
            [r.key for r in records],
            [r.value for r in records],
            [json.dumps(dict(r.headers)) for r in records],
        )


async def recognise_topics(database: Database, topic_ids: Mapping[str, str]) -> int:
    """Compares the broker's topics with those we filled; makes the rows of each other log unsent. Returns how many rows."""
    async with database.transaction() as connection:
        known = {row["topic"]: row["topic_id"] for row in await connection.fetch("SELECT topic, topic_id FROM known_topics")}
        others = {topic: topic_id for topic, topic_id in topic_ids.items() if known.get(topic) != topic_id}
        if not others:
            return 0
        # One statement for all of them, however many topics the broker lost: it reads the whole table.
        unsent = await connection.fetch(_UNSEND, list(others.keys() & known.keys()), timeout=600)
        await connection.execute(_REMEMBER, list(others), list(others.values()))
    for topic, rows in unsent:
        metrics.OUTBOX_REPUBLISHED.labels(topic).inc(rows)
    republished: int = sum(rows for _, rows in unsent)
    if republished:
        log.warning("the broker lost its log: publishing again", extra={"rows": republished})
    return republished


async def prune(database: Database, topics: Sequence[Topic]) -> None:
    """Forgets those sent rows that their topic has forgotten too: too old, or of a key that has a newer row (an erasure)."""
    kept = {topic.name: topic.retention_ms / 1000 for topic in topics if topic.retention_ms > 0 and not topic.compacted}
    await database.pool.execute(_PRUNE, list(kept), list(kept.values()), timeout=600)
    await database.pool.execute(_COMPACT, [topic.name for topic in topics if topic.compacted], timeout=600)


class Relay:
    """Sends one service's outbox. `wake()` after a commit makes it look at once."""

    def __init__(self, database: Database, send: Send, topic_ids: TopicIds, topics: Sequence[Topic]) -> None:
        self._database, self._send, self._topic_ids = database, send, topic_ids
        self._topics = [topic.name for topic in topics]
        self._awake = asyncio.Event()
        self._recognise_at = 0.0
        self._present: list[str] = []
        self._refused: list[int] = []

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled. Trouble of broker or database is waited out, with back-off."""
        delay = 0.0
        while True:
            try:
                async with leadership(self._database, _LOCK) as connection:
                    if connection is not None:
                        await self._lead(connection)
                delay = IDLE_SECONDS
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_unavailable(error)):
                    log.exception("relay stopped on an unexpected error; trying again")
                self._recognise_at = 0.0
                delay = min(5.0, max(IDLE_SECONDS, delay * 2))
            await asyncio.sleep(delay)

    async def _lead(self, connection: Connection) -> None:
        """Sends batch after batch for as long as we hold the lock."""
        while True:
            now = asyncio.get_running_loop().time()
            if now >= self._recognise_at:
                topic_ids = await self._topic_ids(self._topics)
                await recognise_topics(self._database, topic_ids)
                self._present, self._refused = list(topic_ids), []
                self._recognise_at = now + RECOGNISE_SECONDS
            self._awake.clear()
            if await self.send_batch(connection) < BATCH:
                with suppress(TimeoutError):  # not `wait_for`: before Python 3.12 it can swallow our own cancellation
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._awake.wait()

    async def send_batch(self, connection: Connection) -> int:
        """Sends up to BATCH rows and marks those the broker acknowledged. Returns how many were waiting.

        Rows of topics that the broker does not have wait. A row that is refused stays and is tried again after the next
        look at the topics. Neither holds up those behind it. KafkaError when nothing could be sent.
        """
        rows = await connection.fetch(_UNSENT, self._present, self._refused, BATCH, BATCH_BYTES)
        acknowledgements, trouble = await self._hand_over(rows)
        outcomes = await asyncio.gather(*acknowledgements, return_exceptions=True)
        handed = list(zip(rows, outcomes, strict=False))
        sent = [row for row, outcome in handed if not isinstance(outcome, BaseException)]
        if sent:
            await connection.execute(_MARK, [row["id"] for row in sent])
        for row, outcome in handed:
            if not isinstance(outcome, BaseException):
                metrics.OUTBOX_SENT.labels(row["topic"]).inc()
                continue
            metrics.OUTBOX_REFUSED.labels(row["topic"], type(outcome).__name__).inc()
            if _is_its_own(outcome):
                self._refused.append(row["id"])
                log.error("a row of the outbox is refused", extra={"row": row["id"], "topic": row["topic"], **describe(outcome)})
            else:
                trouble = trouble or outcome
        if trouble is not None and not sent:
            raise trouble
        return len(rows)

    async def _hand_over(self, rows: Sequence[asyncpg.Record]) -> tuple[list[Acknowledgement], BaseException | None]:
        """Gives rows to the producer, up to the first for which it is not connected; what it took is awaited all the same."""
        acknowledgements: list[Acknowledgement] = []
        for row in rows:
            try:
                record = Record(row["topic"], row["key"], row["value"], json.loads(row["headers"]))
                acknowledgements.append(await self._send(record))
            except Exception as error:
                if not _is_its_own(error):
                    return acknowledgements, error
                acknowledgements.append(asyncio.get_running_loop().create_future())
                acknowledgements[-1].set_exception(error)
        return acknowledgements, None


def _is_its_own(error: BaseException) -> bool:
    """Whether a row is what no producer sends (aiokafka asserts) or no broker takes; other errors are trouble of the world."""
    return isinstance(error, MessageSizeTooLargeError | AssertionError | TypeError | ValueError)


async def measure(database: Database) -> None:
    """Sets the outbox's gauges; true also while the broker is away."""
    rows, age = await database.pool.fetchrow(_WAITING) or (0, 0)
    metrics.OUTBOX_ROWS.set(rows)
    metrics.OUTBOX_AGE.set(float(age))
    dead = await database.pool.fetch(_DEAD)
    metrics.DEAD_LETTERS.clear()
    for topic, count in dead:
        metrics.DEAD_LETTERS.labels(topic).set(count)
