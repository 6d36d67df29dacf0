"""Reporting on real parts: filled through the log as in life, or, where only its answers matter, straight into its tables."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import pytest

from services.reporting import store
from services.reporting.app import build
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from tests.integration.reporting.lives import fact_record
from tests.integration.reporting.recount import CITY
from tests.services import running, send, settings_for
from tests.stack import Broker, Postgres, free_port
from tests.waiting import eventually


@dataclass
class Reporting:
    """A running service. `hear` publishes facts and waits until they are counted."""

    service: Service
    client: httpx.AsyncClient
    bootstrap: str

    async def hear(self, facts: Sequence[LifecycleFact]) -> None:
        await send(self.bootstrap, *map(fact_record, facts))
        await self.counted(facts)

    async def counted(self, facts: Sequence[LifecycleFact]) -> None:
        """Until all of `facts` are stored, and nothing else."""
        expected = len({(fact.aspiration_id, fact.ver) for fact in facts}), len({fact.aspiration_id for fact in facts})

        async def enough() -> bool:
            [row] = await self.service.database.pool.fetch(
                "SELECT (SELECT count(*) FROM facts) AS facts, (SELECT sum(count) FROM cube) AS aspirations"
            )
            return (row["facts"], row["aspirations"]) == expected

        await eventually(f"{expected[0]} facts of {expected[1]} aspirations", enough)


async def fill(dsn: str, facts: Sequence[LifecycleFact], outcomes: Sequence[NotificationEnded] = ()) -> None:
    """What the consumer would have stored."""
    connection = await asyncpg.connect(dsn)
    try:
        for start in range(0, len(facts), 1000):
            async with connection.transaction():
                await store.save_facts(connection, facts[start : start + 1000], CITY.key)
        async with connection.transaction():
            await store.save_outcomes(connection, outcomes, CITY.key)
    finally:
        await connection.close()


@pytest.fixture
async def dsn(postgres: Postgres) -> str:
    """A fresh database of reporting."""
    return await postgres.database(store.MIGRATIONS)


@pytest.fixture
def settings(dsn: str, broker: Broker) -> Settings:
    """Of a service on the database and a broker of the test's own."""
    return settings_for(dsn, broker, Settings)


Start = Callable[[], AbstractAsyncContextManager[Reporting]]


@pytest.fixture
def start(settings: Settings) -> Start:
    """Starts a service on the same database and broker; may be called again."""

    @asynccontextmanager
    async def starting() -> AsyncIterator[Reporting]:
        service = build(settings)
        async with running(service) as client:
            yield Reporting(service, client, settings.kafka_bootstrap_servers)

    return starting


@pytest.fixture
async def reporting(start: Start) -> AsyncIterator[Reporting]:
    async with start() as started:
        yield started


@pytest.fixture
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a service whose broker is away: what is counted can be read all the same."""
    service = build(settings_for(dsn, f"127.0.0.1:{free_port()}", Settings))
    async with running(service) as client:
        yield client
