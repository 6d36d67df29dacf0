"""One of several at a time: who holds an advisory lock of PostgreSQL leads, for as long as its session lives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from shared.runtime.postgres import Connection, Database


@asynccontextmanager
async def leadership(database: Database, lock: int) -> AsyncIterator["Connection | None"]:
    """The connection that holds `lock` (any number, the same for all who compete); None: another leads.

    Given back at the end; where the session broke, PostgreSQL has given it back already.
    """
    async with database.pool.acquire(timeout=5) as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            yield None
            return
        try:
            yield connection
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.execute("SELECT pg_advisory_unlock($1)", lock)
