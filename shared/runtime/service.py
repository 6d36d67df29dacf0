"""Joins the parts into one running service: settings -> database -> outbox relay -> consumers -> HTTP.

A service's `app.py` makes one `Service`, subscribes its handlers, adds its routes, and hands out `service.app`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from shared.contracts.topics import Topic
from shared.runtime import outbox
from shared.runtime.bus import Bus
from shared.runtime.consumer import BatchConsumer, Subscription
from shared.runtime.http import build_app
from shared.runtime.logs import describe
from shared.runtime.outbox import Relay
from shared.runtime.postgres import Database, is_unavailable
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

Background = Callable[[], Any]
"""A coroutine function that runs as long as the service; it handles its own trouble."""
MEASURE_SECONDS = 2.0
PRUNE_SECONDS = 3600.0


class Service:
    """`written`: the topics this service writes, dead letters included. `needs_broker`: not ready without Kafka."""

    def __init__(self, name: str, about: str, settings: Settings, *, written: Sequence[Topic], needs_broker: bool = True) -> None:
        self.name, self.settings = name, settings
        self.database = Database(settings.database_url)
        self.bus = Bus(settings, client_id=f"serap-{name}")
        self.relay = Relay(self.database, self.bus.send, self.bus.topic_ids, written)
        self.database.on_commit = self.relay.wake  # what was committed goes out at once
        self._written = written
        self._background: list[tuple[str, Background]] = [
            ("relay", self.relay.run),
            ("outbox gauges", self._measure),
            ("outbox pruning", self._prune),
        ]
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        optional = frozenset() if needs_broker else frozenset({"broker"})
        self.app: FastAPI = build_app(
            name, about, alive=self.died, optional=optional, checks={"database": self.database.check, "broker": self.bus.check}
        )
        self.app.router.lifespan_context = self._lifespan

    def subscribe(self, subscription: Subscription[Any]) -> None:
        self.bus.subscribe(BatchConsumer(subscription, self.database))

    def run_beside(self, name: str, work: Background) -> None:
        """Runs `work` in the background for as long as the service lives."""
        self._background.append((name, work))

    def died(self) -> list[str]:
        """What has ended inside this process though it should run for ever."""
        return [name for name, task in self._tasks.items() if task.done()] + self.bus.died()

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        await self.database.open()
        await self.bus.open()
        self._tasks = {name: asyncio.create_task(work(), name=name) for name, work in self._background}
        try:
            yield
        finally:
            # Consumers first: what they commit in their last batch is in the outbox and goes out at the next start.
            await self.bus.close()
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await self.database.close()

    async def _measure(self) -> None:
        await _repeat(lambda: outbox.measure(self.database), MEASURE_SECONDS)

    async def _prune(self) -> None:
        await _repeat(lambda: outbox.prune(self.database, self._written), PRUNE_SECONDS)


async def _repeat(work: Callable[[], Awaitable[None]], pause: float) -> None:
    """For ever; while the database is away it is tried again all the same."""
    while True:
        try:
            await work()
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.debug("the database is away", extra=describe(error))
        await asyncio.sleep(pause)
