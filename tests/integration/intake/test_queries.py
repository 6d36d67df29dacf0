"""Every statement of intake fits its tables."""

from pathlib import Path

import asyncpg
import pytest

from shared.runtime.postgres import load_queries
from tests.integration.intake.channels import MIGRATIONS
from tests.stack import Postgres

STORE = MIGRATIONS.parent / "store"
FILES = sorted(STORE.glob("*.sql"))


def test_every_module_of_the_store_has_its_queries_beside_it() -> None:
    assert {file.stem for file in FILES} == {module.stem for module in STORE.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_every_query_can_be_prepared_and_says_what_it_does(postgres: Postgres, file: Path) -> None:
    queries = load_queries(file)
    connection = await asyncpg.connect(await postgres.database(MIGRATIONS))
    try:
        for query in queries.values():
            await connection.prepare(query)
    finally:
        await connection.close()
    assert queries
    assert all(query.startswith("-- ") for query in queries.values())
