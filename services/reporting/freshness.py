"""How old the figures may be: whether the log could be read, and how long its oldest unread record has been waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY

from services.reporting.consumer import GROUP
from shared.contracts.topics import LIFECYCLE

LOOK_SECONDS = 2.0
STALE = timedelta(seconds=60)


class Freshness:
    """`check_broker` raises where the log cannot be read; `last_fact_at`: the youngest fact that is counted."""

    def __init__(
        self,
        check_broker: Callable[[], Awaitable[None]],
        last_fact_at: Callable[[], Awaitable[datetime | None]],
        started: datetime,
    ) -> None:
        self._check_broker, self._last_fact_at, self.started = check_broker, last_fact_at, started
        self._read_up_to: datetime | None = None
        self._before: datetime | None = None

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            try:
                await self._check_broker()
                if behind_seconds() < STALE.total_seconds():
                    self._read_up_to = datetime.now(UTC)
            except (KafkaError, OSError, TimeoutError):
                pass  # /readyz says so; here time simply stands still
            await asyncio.sleep(LOOK_SECONDS)

    async def as_of(self) -> datetime | None:
        """All that the log held then is counted, give or take STALE. None: nothing was ever counted."""
        if self._read_up_to is None and self._before is None:
            self._before = await self._last_fact_at()
        return self._read_up_to or self._before

    def is_stale(self, now: datetime) -> bool:
        """Whether the page must say that it is behind; a service that has just started gets the same time to read."""
        return now - (self._read_up_to or self.started) > STALE


def behind_seconds() -> float:
    """How long the oldest fact not yet counted has been waiting."""
    return REGISTRY.get_sample_value("serap_consumer_lag_seconds", {"topic": LIFECYCLE.name, "group": GROUP}) or 0.0
