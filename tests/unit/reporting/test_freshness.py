"""How old the figures say they are."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.errors import KafkaConnectionError

from services.reporting.freshness import STALE, Freshness
from shared.contracts.topics import LIFECYCLE
from shared.runtime import metrics

STARTED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LAST_FACT = STARTED - timedelta(days=2)


async def answers() -> None:
    """A broker that is there."""


async def is_away() -> None:
    raise KafkaConnectionError


async def last_fact_at() -> datetime | None:
    return LAST_FACT


@pytest.fixture(autouse=True)
def lag() -> None:
    metrics.LAG_SECONDS.labels(LIFECYCLE.name, "reporting").set(0)


async def watched(freshness: Freshness) -> datetime | None:
    """What it says after it has looked."""
    looking = asyncio.create_task(freshness.run())
    await asyncio.sleep(0)  # its first look needs no more than its turn
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    return await freshness.as_of()


async def test_while_the_log_is_read_the_figures_are_as_of_now() -> None:
    freshness = Freshness(answers, last_fact_at, STARTED)
    as_of = await watched(freshness)
    assert as_of
    assert datetime.now(UTC) - as_of < timedelta(seconds=30)
    assert not freshness.is_stale(as_of + STALE)
    assert freshness.is_stale(as_of + STALE + timedelta(seconds=1))


async def test_without_a_broker_they_are_as_of_the_last_fact_that_is_known() -> None:
    freshness = Freshness(is_away, last_fact_at, STARTED)
    assert await watched(freshness) == LAST_FACT
    assert not freshness.is_stale(STARTED + STALE)
    assert freshness.is_stale(STARTED + STALE + timedelta(seconds=1))


async def test_a_consumer_that_is_far_behind_makes_them_old_though_the_broker_answers() -> None:
    metrics.LAG_SECONDS.labels(LIFECYCLE.name, "reporting").set(600)
    freshness = Freshness(answers, last_fact_at, STARTED)
    assert await watched(freshness) == LAST_FACT
