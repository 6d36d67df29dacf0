"""Every statement of notify fits its tables."""

import asyncpg
import pytest

from services.notify.store import QUERIES
from tests.integration.notify.conftest import MIGRATIONS
from tests.stack import Postgres


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_a_query_can_be_prepared_and_says_what_it_does(postgres: Postgres, name: str) -> None:
    connection = await asyncpg.connect(await postgres.database(MIGRATIONS))
    try:
        await connection.prepare(QUERIES[name])
    finally:
        await connection.close()
    assert QUERIES[name].startswith("-- ")
