"""One of several at a time: who holds an advisory lock of PostgreSQL leads, for as long as its session lives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.runtime.postgres import Connection, Database


@asynccontextmanager
async def leadership(database: Database, lock: int) -> AsyncIterator["Connection | None"]:
    """The connection that holds `lock` (any number, the same for all who compete); None: another leads.

    The lock is given back with the connection: asyncpg unlocks all before it lends a connection again.
    """
    async with database.pool.acquire(timeout=5) as connection:
        leads = await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock)
        yield connection if leads else None
