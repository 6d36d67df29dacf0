"""A service in the test's own process, and the world around it: who writes to its topics, who reads what it says."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared.contracts.envelope import Record
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from tests.stack import Broker

S = TypeVar("S", bound=Settings)
Headers = Sequence[tuple[str, bytes | None]]
Read = ConsumerRecord[bytes | None, bytes | None]
EMBEDDED_BROKER: dict[str, Any] = {"kafka_idempotence": False, "kafka_session_timeout_ms": 3_000}
"""It has no idempotent producer, and lets whoever joins a group wait for half of the session's timeout."""


def settings_for(dsn: str, broker: Broker | str, cls: type[S], **more: Any) -> S:
    """Settings of a service on this database and broker (or this bootstrap address)."""
    bootstrap = broker if isinstance(broker, str) else broker.bootstrap
    return cls(database_url=dsn, kafka_bootstrap_servers=bootstrap, **(EMBEDDED_BROKER | more))


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """The service with all it runs in the background; the client asks it without a network."""
    async with service.app.router.lifespan_context(service.app):
        transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://serap.test", trust_env=False) as client:
            yield client


Message = tuple[str, bytes | None, bytes | None, Headers, int | None]
"""Topic, value, key, headers, partition (None: by the key)."""


async def produce(
    bootstrap: str,
    topic: str,
    value: bytes | None,
    *,
    key: bytes | None = b"key",
    headers: Headers = (),
    partition: int | None = None,
) -> None:
    """One record exactly as given, as a broken or a foreign producer may send it."""
    await _produce(bootstrap, [(topic, value, key, headers, partition)])


async def send(bootstrap: str, *records: Record) -> None:
    """Well-formed records, in their order."""
    await _produce(bootstrap, [(r.topic, r.value, r.key, [(k, v.encode()) for k, v in r.headers.items()], None) for r in records])


async def _produce(bootstrap: str, messages: Sequence[Message]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        acknowledgements = [
            await producer.send(topic, value, key, headers=headers, partition=partition)
            for topic, value, key, headers, partition in messages
        ]
        await asyncio.gather(*acknowledgements)
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int, seconds: float = 30.0) -> list[Read]:
    """All records of a topic from offset zero, as soon as there are at least `count`; AssertionError when they do not come."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        found: list[Read] = []
        deadline = time.monotonic() + seconds
        while len(found) < count:
            batches = await consumer.getmany(timeout_ms=100)
            found += [record for batch in batches.values() for record in batch]
            assert time.monotonic() < deadline, f"waited {seconds} s for {count} records on {topic}, got {len(found)}"
        return found
    finally:
        await consumer.stop()
