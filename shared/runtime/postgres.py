"""PostgreSQL: one pool, queries by name from a file, migrations that only go forward."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"

RUNTIME_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x5E2AA  # advisory lock number of the migrators; any fixed number does

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.exceptions.OperatorInterventionError,  # 57: shutdown, crash, starting up
    asyncpg.exceptions.InsufficientResourcesError,  # 53: disk full, too many connections
    asyncpg.exceptions.TransactionRollbackError,  # 40: deadlock, serialisation
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # a standby during failover
    asyncpg.InternalClientError,  # the protocol broke off in the middle
)
"""The database's trouble, not the data's: the same work may succeed later."""


def is_unavailable(error: BaseException) -> bool:
    """asyncpg reports a lost connection and an unusable argument by the same InterfaceError; only the first is the database's."""
    if isinstance(error, asyncpg.DataError | asyncpg.exceptions.DataError):
        return False
    return isinstance(error, (*UNAVAILABLE, asyncpg.InterfaceError))


def load_queries(path: Path) -> dict[str, str]:
    """`-- name: x` starts query x; its comment lines below stay with it, as its description."""
    parts = re.split(r"^-- name: *(\w+) *$", path.read_text(), flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def columns(rows: Sequence[object], names: Sequence[str]) -> list[list[Any]]:
    """The attributes `names` of all rows, one array each: the parameters of a statement over `unnest`."""
    return [[getattr(row, name) for row in rows] for name in names]


class Database:
    """A pool that is opened when the service starts. `url`: a libpq URL. `on_commit` is called after every transaction."""

    def __init__(self, url: str, *, max_size: int = 8, on_commit: Callable[[], None] = lambda: None) -> None:
        self.url, self.on_commit = url, on_commit
        self._max_size = max_size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @property
    def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The open pool; InterfaceError before `open` and after `close`."""
        if self._pool is None:
            raise asyncpg.InterfaceError("the pool is not open")
        return self._pool

    async def open(self) -> None:
        """Connects when somebody asks: a service starts while its database is away, and says so at /readyz."""
        self._pool = await asyncpg.create_pool(self.url, min_size=0, max_size=self._max_size, command_timeout=60, timeout=5)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back by any exception."""
        async with self.pool.acquire(timeout=5) as connection, connection.transaction():
            yield connection
        self.on_commit()

    async def check(self) -> None:
        """Raises where the database does not answer, or all connections are taken."""
        async with self.pool.acquire(timeout=2) as connection:
            await connection.fetchval("SELECT 1", timeout=2)


async def migrate(url: str, service_migrations: Path) -> list[str]:
    """Applies what is missing of the runtime's and the service's `*.sql`, in order of their names; returns what was applied.

    Each file is one transaction; two migrators at once wait for each other.
    """
    connection = await asyncpg.connect(url, timeout=10)
    try:
        # Until we disconnect. Not a lock on the table: two that create it at once collide in spite of IF NOT EXISTS.
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATING)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())"
        )
        applied = []
        for folder, prefix in ((RUNTIME_MIGRATIONS, "runtime"), (service_migrations, "service")):
            for path in sorted(folder.glob("*.sql")):
                if await _apply(connection, f"{prefix}/{path.name}", path.read_text()):
                    applied.append(f"{prefix}/{path.name}")
        return applied
    finally:
        await connection.close()


async def _apply(connection: Connection, name: str, sql: str) -> bool:
    async with connection.transaction():
        if await connection.fetchval("SELECT true FROM schema_migrations WHERE name = $1", name):
            return False
        await connection.execute(sql)
        await connection.execute("INSERT INTO schema_migrations (name) VALUES ($1)", name)
        return True
