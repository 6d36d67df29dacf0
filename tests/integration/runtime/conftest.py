"""A tiny service around the delivery core: it counts events into a table, idempotently."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.contracts import topics
from shared.contracts.envelope import Event, Record, to_record
from shared.contracts.events import CitizenReplied
from shared.contracts.ids import event_id
from shared.contracts.vocabulary import ReplyKind
from shared.runtime.consumer import Subscription
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Database
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from tests.services import settings_for
from tests.stack import Broker, Postgres

TOPIC = topics.REPLIES
DEAD = topics.dead_letter_topics(TOPIC)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FORBIDDEN = "our own handler refuses this"


def reply(number: int, text: str = "sudah dikerjakan") -> Record:
    """The record of one reply; the same number is the same event."""
    aspiration = UUID(int=number + 1)
    data = CitizenReplied(reply_id=aspiration, aspiration_id=aspiration, kind=ReplyKind.ANSWER, text=text, at=NOW)
    return to_record(
        TOPIC, data, key=aspiration, event_id=event_id(aspiration, TOPIC.event_type, 1), time=NOW, correlation_id=uuid4()
    )


@dataclass
class Counter:
    """The handler under test: one row per reply, whatever the number of deliveries."""

    database: Database
    refuse_all: bool = False
    on_batch: Callable[[], None] = field(default=lambda: None)

    async def handle(self, events: list[Event[CitizenReplied]]) -> None:
        self.on_batch()
        if self.refuse_all or any(event.data.text == FORBIDDEN for event in events):
            raise ValueError("refused")
        async with self.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO seen SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", [event.data.reply_id for event in events]
            )

    async def seen(self) -> int:
        return int(await self.database.pool.fetchval("SELECT count(*) FROM seen"))

    async def dead(self) -> list[dict[str, str]]:
        rows = await self.database.pool.fetch(
            "SELECT headers::jsonb->>'dlq-reason' AS reason FROM outbox WHERE topic LIKE '%.dlq'"
        )
        return [dict(row) for row in rows]


@dataclass
class Rig:
    """A database, a broker, and the settings to run the counting service on them."""

    settings: Settings
    broker: Broker

    @asynccontextmanager
    async def running(self, *, refuse_all: bool = False) -> AsyncIterator[tuple[Service, Counter]]:
        service = Service("routing", "counts", self.settings, written=[TOPIC, *DEAD])
        counter = Counter(service.database, refuse_all)
        service.subscribe(Subscription([TOPIC], CitizenReplied, "routing", counter.handle))
        async with service.app.router.lifespan_context(service.app):
            yield service, counter

    async def publish(self, service: Service, records: list[Record]) -> None:
        async with service.database.transaction() as connection:
            await enqueue(connection, records)


@pytest.fixture
async def rig(postgres: Postgres, broker: Broker, tmp_path: Path) -> Rig:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "0001_seen.sql").write_text("CREATE TABLE seen (id uuid PRIMARY KEY)")
    return Rig(settings_for(await postgres.database(migrations), broker, Settings), broker)
