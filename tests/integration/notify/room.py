"""Notify without Kafka: its own consumer, sender and mailbox on PostgreSQL; records are handed to it as its consumers would.

The embedded broker keeps every consumer waiting for seconds, and what happens between batch and citizen does not need it;
test_on_kafka has the rest.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from services.notify.app import Parts, assemble
from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.envelope import Event, Record
from shared.contracts.events import NotificationEnded
from shared.contracts.topics import OUTCOMES
from shared.contracts.vocabulary import Outcome
from shared.runtime.consumer import Subscription
from shared.runtime.postgres import Database
from tests.waiting import eventually


@dataclass
class Room:
    """`parts` of notify on an open `database`."""

    parts: Parts
    database: Database

    async def tell(self, *records: Record) -> None:
        """Hands records over in their order; neighbours of the same topic in one batch."""
        subscriptions = {subscription.topics[0].name: subscription for subscription in self.parts.subscribers.subscriptions()}
        for topic, batch in groupby(records, key=lambda record: record.topic):
            subscription = subscriptions[topic]
            await subscription.handle([_event(subscription, record) for record in batch])

    async def published(self) -> list[NotificationEnded]:
        """What is in the outbox, in its order."""
        rows = await self.database.pool.fetch("SELECT value FROM outbox WHERE topic = $1 ORDER BY id", OUTCOMES.name)
        return [NotificationEnded.model_validate_json(row["value"]) for row in rows]

    async def outcomes(self, count: int) -> list[NotificationEnded]:
        """All outcomes by aspiration and `ver`, as soon as there are `count`; none may be told twice."""

        async def enough() -> list[NotificationEnded]:
            found = await self.published()
            return found if len(found) >= count else []

        found = await eventually(f"{count} outcomes", enough)
        assert len({(one.aspiration_id, one.ver) for one in found}) == len(found), "an outcome was published twice"
        return sorted(found, key=lambda one: (one.aspiration_id, one.ver))

    async def endings(self, count: int) -> list[tuple[int, Outcome, str | None]]:
        """The same for a single aspiration: (ver, outcome, reason)."""
        return [(one.ver, one.outcome, one.reason) for one in await self.outcomes(count)]


@asynccontextmanager
async def open_room(settings: NotifySettings, city: City) -> AsyncIterator[Room]:
    """Notify at work until the end of the block; then it stops as a service does."""
    database = Database(settings.database_url)
    await database.open()
    parts = assemble(settings, city, database)
    work = [parts.sender.run, *([parts.mailbox.run] if parts.mailbox else [])]
    tasks = [asyncio.create_task(each()) for each in work]
    try:
        yield Room(parts, database)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


def _event(subscription: Subscription[Any], record: Record) -> Event[Any]:
    key = record.key or b""
    if record.value is None:
        assert subscription.erased is not None
        aspiration_id = UUID(key.decode())
        return Event(aspiration_id, "", record.topic, key, aspiration_id, subscription.erased(aspiration_id))
    headers = record.headers
    data = subscription.model.model_validate_json(record.value)
    return Event(UUID(headers["ce_id"]), headers["ce_type"], record.topic, key, UUID(headers["ce_correlationid"]), data)
