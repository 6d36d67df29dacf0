"""What reporting hears. Nothing is decided here: facts are stored, and what they mean follows from all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.reporting import store
from shared.contracts.envelope import Event
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.contracts.topics import LIFECYCLE, OUTCOMES
from shared.runtime import metrics
from shared.runtime.consumer import Subscription
from shared.runtime.postgres import Database

GROUP = "reporting"


@dataclass(frozen=True)
class Subscribers:
    """`zone`: the city's clock, by which a day begins."""

    database: Database
    zone: str

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What reporting reads."""
        return (
            Subscription([LIFECYCLE], LifecycleFact, GROUP, self.on_facts),
            Subscription([OUTCOMES], NotificationEnded, GROUP, self.on_outcomes),
        )

    async def on_facts(self, events: list[Event[LifecycleFact]]) -> None:
        """Counts every aspiration in the cell of its latest fact."""
        async with self.database.transaction() as connection:
            decided = await store.save_facts(connection, [event.data for event in events], self.zone)
        now = datetime.now(UTC)
        for received_at in decided:
            metrics.END_TO_END.labels("aggregated").observe((now - received_at).total_seconds())

    async def on_outcomes(self, events: list[Event[NotificationEnded]]) -> None:
        """Counts how telling the citizens ended."""
        async with self.database.transaction() as connection:
            await store.save_outcomes(connection, [event.data for event in events], self.zone)
