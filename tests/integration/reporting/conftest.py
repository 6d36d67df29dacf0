"""A reporting service on real parts, filled through the log as in life."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from services.reporting import store
from services.reporting.app import build
from shared.contracts.events import LifecycleFact
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from tests.integration.reporting.lives import fact_record
from tests.services import running, send, settings_for
from tests.stack import Broker, Postgres
from tests.waiting import eventually


@dataclass
class Reporting:
    """A running service. `hear` publishes facts and waits until they are counted."""

    service: Service
    client: httpx.AsyncClient
    bootstrap: str

    async def hear(self, facts: Sequence[LifecycleFact]) -> None:
        await send(self.bootstrap, *map(fact_record, facts))
        await self.counted(len({fact.aspiration_id for fact in facts}), len({(f.aspiration_id, f.ver) for f in facts}))

    async def counted(self, aspirations: int, facts: int) -> None:
        """Until so many facts of so many aspirations are stored."""

        async def enough() -> bool:
            [row] = await self.service.database.pool.fetch(
                "SELECT (SELECT count(*) FROM facts) AS facts, (SELECT sum(count) FROM cube) AS aspirations"
            )
            return (row["facts"], row["aspirations"]) == (facts, aspirations)

        await eventually(f"{facts} facts of {aspirations} aspirations", enough)


@pytest.fixture
async def settings(postgres: Postgres, broker: Broker) -> Settings:
    return settings_for(await postgres.database(store.MIGRATIONS), broker, Settings)


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
