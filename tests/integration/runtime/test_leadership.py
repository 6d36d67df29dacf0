"""One leader at a time."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.runtime.leadership import leadership
from shared.runtime.postgres import Database
from tests.stack import Postgres
from tests.waiting import eventually

LOCK = 7


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    database = Database(await postgres.database())
    await database.open()
    yield database
    await database.close()


async def test_the_second_leads_when_the_first_has_ended_even_by_an_error(database: Database) -> None:
    with pytest.raises(ValueError, match="ended"):
        async with leadership(database, LOCK) as first:
            assert first is not None
            async with leadership(database, LOCK) as second:
                assert second is None
            raise ValueError("ended")
    async with leadership(database, LOCK) as second:
        assert second is not None


async def test_whose_session_breaks_leads_no_longer(database: Database) -> None:
    with pytest.raises(asyncpg.PostgresError):
        async with leadership(database, LOCK) as first:
            assert first is not None
            await first.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async def leads() -> bool:
        async with leadership(database, LOCK) as second:
            return second is not None

    await eventually("the next to lead", leads)
