"""The pool and the migrations on a real PostgreSQL."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.runtime.postgres import Database, is_unavailable, load_queries, migrate
from tests.stack import Postgres
from tests.waiting import eventually


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    (tmp_path / "0001_one.sql").write_text("CREATE TABLE one (n int); INSERT INTO one VALUES (1)")
    (tmp_path / "0002_two.sql").write_text("INSERT INTO one VALUES (2)")
    return tmp_path


async def value(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_migrations_are_applied_once_in_the_order_of_their_names(postgres: Postgres, migrations: Path) -> None:
    dsn = await postgres.database()
    assert await migrate(dsn, migrations) == ["runtime/0001_outbox.sql", "service/0001_one.sql", "service/0002_two.sql"]
    assert await migrate(dsn, migrations) == []
    (migrations / "0003_three.sql").write_text("INSERT INTO one VALUES (3)")
    assert await migrate(dsn, migrations) == ["service/0003_three.sql"]
    assert await value(dsn, "SELECT array_agg(n ORDER BY ctid) FROM one") == [1, 2, 3]


async def test_many_migrators_at_once_apply_every_migration_once(postgres: Postgres, migrations: Path) -> None:
    dsn = await postgres.database()
    applied = await asyncio.gather(*(migrate(dsn, migrations) for _ in range(8)))
    assert sorted(name for names in applied for name in names) == [
        "runtime/0001_outbox.sql",
        "service/0001_one.sql",
        "service/0002_two.sql",
    ]
    assert await value(dsn, "SELECT array_agg(n ORDER BY ctid) FROM one") == [1, 2]


@pytest.mark.parametrize("fault", ["SELECT 1/0", "ALTER TABLE schema_migrations ADD CHECK (name NOT LIKE '%two%')"])
async def test_a_migration_that_fails_leaves_nothing_of_itself_and_keeps_those_before_it(
    postgres: Postgres, migrations: Path, fault: str
) -> None:
    (migrations / "0002_two.sql").write_text(f"INSERT INTO one VALUES (2); {fault}")
    dsn = await postgres.database()
    with pytest.raises((asyncpg.DivisionByZeroError, asyncpg.CheckViolationError)):
        await migrate(dsn, migrations)
    assert await value(dsn, "SELECT array_agg(n) FROM one") == [1]
    (migrations / "0002_two.sql").write_text("INSERT INTO one VALUES (2)")
    assert await migrate(dsn, migrations) == ["service/0002_two.sql"]


async def test_a_commit_is_told_and_a_rollback_is_not(postgres: Postgres) -> None:
    told: list[str] = []
    database = Database(await postgres.database(), on_commit=lambda: told.append("committed"))
    await database.open()
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError
    assert told == []
    async with database.transaction():
        assert told == []
    assert told == ["committed"]
    await database.close()


async def test_a_pool_opens_while_the_database_is_away_and_finds_it_when_it_comes(postgres: Postgres) -> None:
    dsn = await postgres.database()
    postgres.server.kill()
    database = Database(dsn)
    try:
        await database.open()
        with pytest.raises(Exception) as caught:
            await database.check()
        assert is_unavailable(caught.value)
    finally:
        postgres.server.start()

    async def answers() -> bool:
        try:
            await database.check()
        except Exception as error:
            assert is_unavailable(error), error
            return False
        return True

    await eventually("the database answers", answers)
    await database.close()


async def test_a_pool_without_a_free_connection_does_not_keep_the_readiness_check_waiting(postgres: Postgres) -> None:
    database = Database(await postgres.database(), max_size=1)
    await database.open()
    async with database.transaction():
        with pytest.raises(TimeoutError):
            await database.check()
    await database.check()
    await database.close()


async def test_what_the_database_refuses_for_its_content_is_no_outage(postgres: Postgres) -> None:
    database = Database(await postgres.database())
    await database.open()
    for argument in ("\x00", "\ud800", 7):
        with pytest.raises(Exception) as caught:
            await database.pool.fetchval("SELECT $1::text", argument)
        assert not is_unavailable(caught.value), caught.value
    await database.close()


def test_queries_are_named_in_their_file_and_keep_their_description(tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_text("-- name: first\n-- What it is for.\nSELECT 1;\n\n-- name: second\nSELECT 2;\n")
    assert load_queries(path) == {"first": "-- What it is for.\nSELECT 1;", "second": "SELECT 2;"}
