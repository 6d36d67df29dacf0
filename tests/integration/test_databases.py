"""One database and one role for each service; none reads another's."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from serap.databases import ensure_databases
from serap.ports import SERVICES
from tests.stack import Postgres

PASSWORDS = {name: f"{name}: p@ss/w'ord%" for name in SERVICES}


@pytest.fixture
async def dsns(postgres: Postgres) -> AsyncIterator[dict[str, str]]:
    made = await ensure_databases(postgres.admin_dsn, PASSWORDS)
    yield made
    for dsn in made.values():
        await postgres.drop(dsn)
    connection = await asyncpg.connect(postgres.admin_dsn)
    for service in SERVICES:
        await connection.execute(f"DROP ROLE serap_{service}")
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_owns_its_database(dsns: dict[str, str], service: str) -> None:
    connection = await asyncpg.connect(dsns[service])
    await connection.execute("CREATE EXTENSION pg_trgm; CREATE TABLE own (id int); INSERT INTO own VALUES (1)")
    assert await connection.fetchval("SELECT current_user || '@' || current_database()") == f"serap_{service}@serap_{service}"
    await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_no_service_enters_the_database_of_another(dsns: dict[str, str], service: str) -> None:
    for other in set(SERVICES) - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(dsns[service], database=f"serap_{other}")


async def test_made_again_everything_stays_and_the_password_becomes_the_new_one(postgres: Postgres, dsns: dict[str, str]) -> None:
    connection = await asyncpg.connect(dsns["intake"])
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await connection.close()
    again = await ensure_databases(postgres.admin_dsn, {**PASSWORDS, "intake": "another"})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsns["intake"])
    connection = await asyncpg.connect(again["intake"])
    assert await connection.fetchval("SELECT number FROM kept") == 7
    await connection.close()


async def test_an_administrator_without_superuser_rights_is_enough(postgres: Postgres) -> None:
    admin = await asyncpg.connect(postgres.admin_dsn)
    await admin.execute("CREATE ROLE modest LOGIN CREATEDB CREATEROLE PASSWORD 'modest'")
    dsn = postgres.admin_dsn.replace("postgres:for%20tests%20only@", "modest:modest@")
    try:
        made = await ensure_databases(dsn, {"small": "pw"})
        await ensure_databases(dsn, {"small": "pw"})
        connection = await asyncpg.connect(made["small"])
        await connection.execute("CREATE TABLE own (id int)")
        await connection.close()
    finally:
        await postgres.drop(postgres.dsn("serap_small"))
        await admin.execute("DROP ROLE IF EXISTS serap_small")
        await admin.execute("DROP ROLE modest")
        await admin.close()
