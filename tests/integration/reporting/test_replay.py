"""`serap replay reporting`: the same bytes from offset zero, while the service runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.reporting import store
from services.reporting.replay import RebuildError, rebuild
from shared.city import City
from shared.contracts.events import LifecycleFact
from shared.runtime.settings import Settings
from tests.integration.reporting.conftest import Reporting, fill
from tests.integration.reporting.lives import Lives, fact_record, outcome_of, outcome_record
from tests.integration.reporting.recount import CITY
from tests.services import send
from tests.stack import Broker
from tests.waiting import eventually


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(settings.database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def digest(settings: Settings) -> str:
    async with connected(settings) as connection:
        return await store.digest(connection)


async def execute(settings: Settings, sql: str) -> None:
    async with connected(settings) as connection:
        await connection.execute(sql)


async def fetch(settings: Settings, sql: str) -> list[asyncpg.Record]:
    async with connected(settings) as connection:
        return await connection.fetch(sql)


@pytest.fixture
async def told(settings: Settings, city: City) -> list[LifecycleFact]:
    """Facts that are in the log and counted, 50 outcomes beside them."""
    facts = list(Lives(city).facts(200))
    outcomes = [outcome_of(fact) for fact in facts[:50]]
    await send(settings.kafka_bootstrap_servers, *map(fact_record, facts), *map(outcome_record, outcomes))
    await fill(settings.database_url, facts, outcomes)
    return facts


async def test_a_rebuild_reads_every_record_and_ends_in_the_same_bytes(settings: Settings, told: list[LifecycleFact]) -> None:
    before = await digest(settings)
    heard: list[int] = []
    rebuilt = await rebuild(settings, heard.append)
    assert rebuilt.records == heard[-1] == len(told) + 50
    assert rebuilt.digest_before == rebuilt.digest_after == before == await digest(settings)


async def test_a_rebuild_mends_numbers_that_went_wrong(settings: Settings, told: list[LifecycleFact]) -> None:
    right = await digest(settings)
    await execute(settings, "UPDATE cube SET count = count + 1")
    rebuilt = await rebuild(settings)
    assert rebuilt.digest_before != right
    assert rebuilt.digest_after == right


async def test_the_service_goes_on_counting_and_answering_during_and_after_a_rebuild(
    reporting: Reporting, settings: Settings, city: City
) -> None:
    facts = list(Lives(city).facts(400))
    await reporting.hear(facts[:600])
    answers: list[int] = []

    async def talk() -> None:
        for n in range(600, len(facts), 25):
            await send(reporting.bootstrap, *map(fact_record, facts[n : n + 25]))
            answers.append((await reporting.client.get("/v1/aggregates", params={"group_by": "agency"})).status_code)

    await asyncio.gather(talk(), rebuild(settings))
    await reporting.counted(facts)
    assert set(answers) == {200}
    assert (await reporting.client.get("/v1/aggregates")).json()["total"] == 400
    again = await rebuild(settings)
    assert again.digest_before == again.digest_after


async def test_what_the_log_has_lost_is_kept(settings: Settings, broker: Broker, told: list[LifecycleFact]) -> None:
    before = await digest(settings)
    broker.lose_log()
    rebuilt = await rebuild(settings)
    assert rebuilt.records == 0
    assert rebuilt.digest_after == before


async def test_facts_that_come_at_the_last_moment_are_not_lost(settings: Settings, city: City) -> None:
    facts = list(Lives(city).facts(3))

    async def waits(on: "asyncpg.Connection[asyncpg.Record]") -> bool:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await on.fetchval(waiting))

    async with connected(settings) as consumer, connected(settings) as onlooker:
        async with consumer.transaction():
            await store.save_facts(consumer, facts, CITY.key)
            rebuilding = asyncio.create_task(rebuild(settings))  # the log is empty: it goes straight to the exchange
            await eventually("the rebuild to wait for the consumer", lambda: waits(onlooker))
        await rebuilding
        assert await onlooker.fetchval("SELECT sum(count) FROM cube") == 3


async def test_only_one_rebuild_runs_at_a_time(settings: Settings) -> None:
    results = await asyncio.gather(rebuild(settings), rebuild(settings), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, BaseException)] == [RebuildError]


async def test_a_rebuild_leaves_tables_and_indexes_as_the_migrations_made_them(
    settings: Settings, told: list[LifecycleFact]
) -> None:
    shape = """
        SELECT schemaname, tablename, indexname, indexdef FROM pg_tables LEFT JOIN pg_indexes USING (schemaname, tablename)
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3
    """
    before = await fetch(settings, shape)
    await rebuild(settings)
    assert await fetch(settings, shape) == before
    assert {row["tablename"] for row in before} == {*store.DERIVED, "outbox", "known_topics", "schema_migrations"}
