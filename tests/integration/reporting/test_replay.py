"""`serap replay reporting`: the same bytes from offset zero, while the service runs."""

import asyncio

import asyncpg
import pytest

from services.reporting import store
from services.reporting.replay import RebuildError, rebuild
from shared.city import City
from shared.runtime.settings import Settings
from tests.integration.reporting.conftest import Reporting
from tests.integration.reporting.lives import Lives, fact_record, outcome_of, outcome_record
from tests.services import send
from tests.stack import Broker
from tests.waiting import eventually


async def digest(settings: Settings) -> str:
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await store.digest(connection)
    finally:
        await connection.close()


async def test_a_rebuild_reads_every_record_and_ends_in_the_same_bytes(
    reporting: Reporting, settings: Settings, city: City
) -> None:
    facts = list(Lives(city).facts(300))
    await send(reporting.bootstrap, *(outcome_record(outcome_of(fact)) for fact in facts[:50]))
    await reporting.hear(facts)

    async def outcomes_counted() -> bool:
        return await reporting.service.database.pool.fetchval("SELECT sum(count) FROM outcome_days") == 50

    await eventually("50 outcomes", outcomes_counted)
    before = await digest(settings)
    rebuilt = await rebuild(settings)
    assert rebuilt.records == len(facts) + 50
    assert rebuilt.digest_before == rebuilt.digest_after == before == await digest(settings)


async def test_a_rebuild_mends_numbers_that_went_wrong(reporting: Reporting, settings: Settings, city: City) -> None:
    facts = list(Lives(city).facts(100))
    await reporting.hear(facts)
    right = await digest(settings)
    await reporting.service.database.pool.execute("UPDATE cube SET count = count + 1")
    rebuilt = await rebuild(settings)
    assert rebuilt.digest_before != right
    assert rebuilt.digest_after == right


async def test_the_service_goes_on_counting_and_answering_during_and_after_a_rebuild(
    reporting: Reporting, settings: Settings, city: City
) -> None:
    facts = list(Lives(city).facts(400))
    records = [fact_record(fact) for fact in facts]
    await send(reporting.bootstrap, *records[:600])
    answers: list[int] = []

    async def talk() -> None:
        for n in range(600, len(records), 25):
            await send(reporting.bootstrap, *records[n : n + 25])
            answers.append((await reporting.client.get("/v1/aggregates", params={"group_by": "agency"})).status_code)

    await asyncio.gather(talk(), rebuild(settings))
    await reporting.counted(400, len(facts))
    assert set(answers) == {200}
    assert (await reporting.client.get("/v1/aggregates")).json()["total"] == 400
    again = await rebuild(settings)
    assert again.digest_before == again.digest_after


async def test_what_the_log_has_lost_is_kept(reporting: Reporting, settings: Settings, broker: Broker, city: City) -> None:
    facts = list(Lives(city).facts(80))
    await reporting.hear(facts)
    before = await digest(settings)
    broker.lose_log()
    rebuilt = await rebuild(settings)
    assert rebuilt.records == 0
    assert rebuilt.digest_after == before


async def test_only_one_rebuild_runs_at_a_time(reporting: Reporting, settings: Settings) -> None:
    results = await asyncio.gather(rebuild(settings), rebuild(settings), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, BaseException)] == [RebuildError]


async def test_a_rebuild_leaves_nothing_of_itself_behind(reporting: Reporting, settings: Settings, city: City) -> None:
    await reporting.hear(list(Lives(city).facts(10)))
    await rebuild(settings)
    pool = reporting.service.database.pool
    assert await pool.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'rebuilt'") == 0
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in tables} == {*store.DERIVED, "outbox", "known_topics", "schema_migrations"}


@pytest.mark.parametrize("table", store.DERIVED)
async def test_a_rebuilt_table_has_the_indexes_of_the_migrations(reporting: Reporting, settings: Settings, table: str) -> None:
    asked = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = $1 ORDER BY indexname"
    before = await reporting.service.database.pool.fetch(asked, table)
    await rebuild(settings)
    assert await reporting.service.database.pool.fetch(asked, table) == before
