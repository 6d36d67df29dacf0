"""Dead letters: what a service could not use lies in its own outbox, as it came. Looked at here, and driven again (D4.4).

A dead letter that is driven again goes back to its own topic and partition with its own bytes, key and headers. Only
when the broker has acknowledged it does its row go away, and with it the metric. A crash in between drives it twice:
consumers are idempotent.
"""

import base64
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from serap.databases import connected
from serap.errors import OperatorError
from serap.ports import SERVICES
from shared.runtime.bus import aiokafka_security
from shared.runtime.settings import Settings

BATCH = 200
REQUEST_TIMEOUT_MS = 15_000

_SUMMARY = """
SELECT topic, headers::jsonb ->> 'dlq-reason' AS reason, count(*) AS count, min(created_at) AS oldest
FROM outbox WHERE topic LIKE '%.dlq' GROUP BY 1, 2 ORDER BY 1, 2
"""
_NEWEST = """
SELECT id, key, value, headers, created_at FROM outbox WHERE topic = $1 AND topic LIKE '%.dlq' ORDER BY id DESC LIMIT $2
"""
_RANGE = """
SELECT min(id), max(id), count(*) FROM outbox WHERE topic = $1 AND topic LIKE '%.dlq' AND id = coalesce($2::bigint, id)
"""
_NEXT = """
SELECT id, key, value, headers, created_at FROM outbox
WHERE topic = $1 AND topic LIKE '%.dlq' AND id BETWEEN $2 AND $3 ORDER BY id LIMIT $4 FOR UPDATE
"""
"""Waits where the relay is just marking a row as sent: skipping it would leave it behind."""
_FORGET = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"

Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What lies in one dead-letter topic. `reasons`: how many by reason."""

    topic: str
    service: str
    count: int
    oldest: datetime
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record as it came, and why it lies here. `id` counts within its service; `died_at`: when it was set aside."""

    id: int
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    detail: str
    arrived_at: datetime
    died_at: datetime


def service_of(topic: str) -> str:
    """The service that wrote a dead-letter topic, `<topic>.<group>.dlq`. OperatorError where it cannot be one of ours."""
    group = topic.removesuffix(".dlq").rpartition(".")[2]
    if not topic.endswith(".dlq") or group not in SERVICES:
        raise OperatorError(f"{topic} is not a dead-letter topic", "Which there are: serap dlq list")
    return group


async def summaries(dsn: str, service: str) -> list[Summary]:
    """One for each dead-letter topic of the service that has something in it."""
    async with connected(dsn) as connection:
        rows = await connection.fetch(_SUMMARY)
    by_topic: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_topic.setdefault(row["topic"], []).append(row)
    return [
        Summary(
            topic,
            service,
            sum(row["count"] for row in found),
            min(row["oldest"] for row in found),
            {row["reason"]: row["count"] for row in found},
        )
        for topic, found in by_topic.items()
    ]


async def newest(dsn: str, topic: str, limit: int) -> list[DeadLetter]:
    """Up to `limit` dead letters of `topic`, the newest first."""
    async with connected(dsn) as connection:
        return [_dead_letter(row) for row in await connection.fetch(_NEWEST, topic, limit)]


async def redrive(settings: Settings, topic: str, one: int | None, on_done: Callable[[int, int], None]) -> int:
    """Puts dead letter `one` of `topic` (None: all that are there now) back where it came from. Returns how many went.

    `settings`: of the service that set them aside. `on_done(done, total)` is called as it goes on.
    OperatorError where the broker is away; what it acknowledged before stays done.
    """
    async with connected(settings.database_url) as connection:
        first, last, total = await connection.fetchrow(_RANGE, topic, one) or (0, 0, 0)
        if not total:
            return 0
        done = 0
        async with _Producer(settings) as producer:
            # What dies again meanwhile gets a higher id than `last`: this ends.
            while went := await _redrive_batch(connection, producer, (topic, first, last), f"{done} of {total}"):
                done += went
                on_done(done, total)
        return done


async def _redrive_batch(
    connection: "asyncpg.Connection[asyncpg.Record]", producer: "_Producer", span: tuple[str, int, int], before: str
) -> int:
    """Sends the next batch and forgets what was acknowledged; returns how many. OperatorError at the first that was not."""
    async with connection.transaction():
        letters = [_dead_letter(row) for row in await connection.fetch(_NEXT, *span, BATCH)]
        acknowledged, trouble = await producer.send(letters)
        await connection.execute(_FORGET, acknowledged)
    if trouble is not None:
        words = str(trouble) or type(trouble).__name__
        raise OperatorError(
            f"the broker refused after {before} and {len(acknowledged)} more dead letters: {words}",
            "What is wrong: serap doctor. The same command again goes on with the rest",
        ) from trouble
    return len(acknowledged)


class _Producer:
    """A producer for dead letters: acks=all, and each record with headers that need not be text."""

    def __init__(self, settings: Settings) -> None:
        self._bootstrap = settings.kafka_bootstrap_servers
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            client_id="serap-redrive",
            acks="all",
            enable_idempotence=settings.kafka_idempotence,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            **aiokafka_security(settings),
        )

    async def __aenter__(self) -> "_Producer":
        try:
            await self._producer.start()
        except (KafkaError, OSError) as error:
            await self._producer.stop()
            raise OperatorError(f"the broker at {self._bootstrap} does not answer", "What is wrong: serap doctor") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(self, letters: Sequence[DeadLetter]) -> tuple[list[int], BaseException | None]:
        """The ids of what was acknowledged, and what was wrong with the rest."""
        acknowledged: list[int] = []
        trouble: BaseException | None = None
        waiting = []
        try:
            for letter in letters:
                waiting.append((letter.id, await self._hand_over(letter)))
        except KafkaError as error:
            trouble = error
        for number, acknowledgement in waiting:
            try:
                await acknowledgement
                acknowledged.append(number)
            except KafkaError as error:
                trouble = error
        return acknowledged, trouble

    async def _hand_over(self, letter: DeadLetter) -> Any:
        partitions = await self._producer.partitions_for(letter.topic)
        partition = letter.partition if letter.partition in partitions else None  # the topic was made anew, and smaller
        return await self._producer.send(letter.topic, letter.value, letter.key, partition=partition, headers=letter.headers)


def _dead_letter(row: asyncpg.Record) -> DeadLetter:
    told: dict[str, str] = json.loads(row["headers"])
    topic, partition, offset = told["dlq-origin"].rsplit("/", 2)
    return DeadLetter(
        id=row["id"],
        topic=topic,
        partition=int(partition),
        offset=int(offset),
        key=row["key"],
        value=row["value"],
        headers=_original_headers(told),
        reason=told["dlq-reason"],
        detail=told["dlq-detail"],
        arrived_at=datetime.fromtimestamp(int(told["dlq-timestamp"]) / 1000, UTC),
        died_at=row["created_at"],
    )


def _original_headers(told: dict[str, str]) -> Headers:
    """What `shared.runtime.consumer.dead_letter` wrote as `dlq-header-N`: base64 of name and value, `-` for no value."""
    headers: Headers = []
    with suppress(KeyError):
        while True:
            name, _, value = told[f"dlq-header-{len(headers)}"].partition(" ")
            headers.append((base64.b64decode(name).decode(), None if value == "-" else base64.b64decode(value)))
    return headers
