"""How old the figures may be."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from services.reporting.store import Store
from shared.runtime.freshness import Freshness, freshness

HowFresh = Callable[[datetime], Awaitable[Freshness]]
"""Now -> how old the figures may be."""


async def how_fresh(store: Store, done_until: Callable[[], float | None], now: datetime) -> Freshness:
    """`done_until`: see `Bus.done_until`, for the facts."""
    since = done_until()
    return freshness(since, await store.last_fact_at() if since is None else None, now)
