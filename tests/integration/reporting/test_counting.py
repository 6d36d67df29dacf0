"""Reporting's one statement on a real PostgreSQL: whatever the order, the numbers are those of a plain recount."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeAlias

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting import store
from shared.city import City
from shared.contracts.events import LifecycleFact
from shared.contracts.vocabulary import Fact, Outcome, Status
from tests.integration.reporting.lives import NOW, Lives, outcome_of
from tests.integration.reporting.recount import CITY, Cell, Moments, cube_of, moments_of
from tests.stack import Postgres
from tests.waiting import eventually

ZONE = CITY.key
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def save(connection: Connection, facts: Sequence[LifecycleFact]) -> int:
    """As the consumer does it; returns how many first decisions were new."""
    async with connection.transaction():
        return len(await store.save_facts(connection, facts, ZONE))


async def cube(connection: Connection) -> dict[Cell, int]:
    rows = await connection.fetch("SELECT day, agency, topic, kelurahan, kecamatan, channel, status, role, count FROM cube")
    return {tuple(row)[:-1]: row["count"] for row in rows}


async def moments(connection: Connection) -> dict[object, Moments]:
    rows = await connection.fetch("SELECT aspiration_id, answered_at, resolved_at, ending FROM aspirations")
    return {row["aspiration_id"]: (row["answered_at"], row["resolved_at"], row["ending"]) for row in rows}


async def assert_recounted(connection: Connection, facts: Sequence[LifecycleFact]) -> None:
    assert await cube(connection) == cube_of(facts)
    assert await moments(connection) == moments_of(facts)


async def test_every_query_can_be_prepared(connection: Connection) -> None:
    await connection.execute("CREATE SCHEMA rebuilt; SET search_path TO rebuilt")
    for path in store.MIGRATIONS.glob("*.sql"):
        await connection.execute(path.read_text())
    for query in store.QUERIES.values():
        await connection.prepare(query)


async def test_each_aspiration_counts_once_in_the_cell_of_its_latest_fact(connection: Connection, city: City) -> None:
    facts = list(Lives(city).facts(400))
    await save(connection, facts)
    await assert_recounted(connection, facts)
    assert await connection.fetchval("SELECT sum(count) FROM cube") == 400


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_and_any_repetition_end_in_the_same_numbers(
    connection: Connection, city: City, data: st.DataObject
) -> None:
    await connection.execute("TRUNCATE facts, aspirations, cube")
    facts = list(Lives(city, seed=data.draw(st.integers(0, 1000), "seed")).facts(6))
    told = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts)), "again")), "order")
    while told:
        size = data.draw(st.integers(1, len(told)), "batch")
        await save(connection, told[:size])
        told = told[size:]
    await assert_recounted(connection, facts)


async def test_a_fact_that_comes_late_does_not_move_its_aspiration_back(connection: Connection, city: City) -> None:
    life = next(life for life in ([*Lives(city, seed=n).facts(1)] for n in range(100)) if len(life) >= 4)
    await save(connection, life[2:])
    await save(connection, life[:2])
    await assert_recounted(connection, life)


async def test_what_is_redelivered_counts_nothing_and_is_not_new(connection: Connection, city: City) -> None:
    facts = list(Lives(city).facts(50))
    assert await save(connection, facts) == 50
    before = await store.digest(connection)
    assert await save(connection, facts) == 0
    assert await store.digest(connection) == before


async def test_two_consumers_at_once_count_like_one(dsn: str, connection: Connection, city: City) -> None:
    facts = list(Lives(city).facts(300))
    zombie = await asyncpg.connect(dsn)
    try:
        forwards = [facts[n : n + 40] for n in range(0, len(facts), 40)]
        backwards = [batch[::-1] for batch in forwards[::-1]]

        async def work(on: Connection, batches: Sequence[Sequence[LifecycleFact]]) -> None:
            for batch in batches:
                await save(on, batch)

        await asyncio.gather(work(connection, forwards), work(zombie, backwards))
    finally:
        await zombie.close()
    await assert_recounted(connection, facts)


async def test_a_writer_sees_what_the_one_before_it_has_not_yet_committed(dsn: str, connection: Connection, city: City) -> None:
    life = list(Lives(city).facts(1))
    zombie, onlooker = await asyncpg.connect(dsn), await asyncpg.connect(dsn)

    async def waits() -> bool:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await onlooker.fetchval(waiting))

    try:
        async with zombie.transaction():
            await store.save_facts(zombie, life[:1], ZONE)
            second = asyncio.create_task(save(connection, life[1:]))
            await eventually("the second writer to wait", waits)
        await second
    finally:
        await zombie.close()
        await onlooker.close()
    await assert_recounted(connection, life)


async def test_the_day_is_the_citys_not_the_servers(connection: Connection, city: City) -> None:
    fact = next(Lives(city).facts(1))
    late = fact.model_copy(update={"received_at": NOW.replace(hour=17, minute=30)})  # 00.30 of the next day in Tangerang
    await save(connection, [late])
    assert await connection.fetchval("SELECT day::text FROM cube") == "2026-11-25"


async def test_a_dispute_reopens_what_was_closed_and_the_result_that_follows_counts(connection: Connection, city: City) -> None:
    steps = [
        (Fact.RESOLVED, Status.RESOLVED),
        (Fact.CLOSED_UNCONFIRMED, Status.CLOSED),
        (Fact.DISPUTED, Status.IN_PROGRESS),
    ]
    first = next(Lives(city).facts(1))
    life = [first] + [first.model_copy(update={"ver": n, "fact": f, "status": s}) for n, (f, s) in enumerate(steps, 2)]
    await save(connection, life)
    await assert_recounted(connection, life)
    assert await connection.fetchval("SELECT ending FROM aspirations") == ""


async def test_outcomes_count_once_by_day_kind_and_outcome(connection: Connection, city: City) -> None:
    facts = list(Lives(city, days=1).facts(20))
    outcomes = [outcome_of(fact, Outcome.FAILED if fact.ver == 1 else Outcome.SENT) for fact in facts]
    for batch in (outcomes[:15], outcomes[10:], outcomes):
        async with connection.transaction():
            await store.save_outcomes(connection, batch, ZONE)
    rows = await connection.fetch("SELECT outcome, sum(count) AS n FROM outcome_days WHERE kind = 'whatsapp' GROUP BY outcome")
    assert {row["outcome"]: row["n"] for row in rows} == {"failed": 20, "sent": len(facts) - 20}


async def test_the_digest_is_the_same_for_the_same_facts_in_another_order(postgres: Postgres, city: City) -> None:
    facts = list(Lives(city).facts(40))
    digests = set()
    for told in (facts, facts[::-1], facts[:-1]):
        connection = await asyncpg.connect(await postgres.database(store.MIGRATIONS))
        await connection.execute("SET TimeZone = 'Asia/Jakarta'" if told is facts else "SET TimeZone = 'UTC'")
        for fact in told:
            await save(connection, [fact])
        digests.add(await store.digest(connection))
        await connection.close()
    assert len(digests) == 2
