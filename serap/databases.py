"""One database and one role for each service, so that none can read another's (D2)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from serap import secret_store
from serap.errors import OperatorError
from serap.options import StackOptions

PREFIX = "serap_"


async def ensure_databases(admin_dsn: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Makes what is missing of database and role `serap_<service>` for each service of `passwords`; may be called again.

    A role's password becomes the given one. `admin_dsn`: a superuser, or a role with CREATEDB and CREATEROLE.
    Returns the DSN of each service.
    """
    connection = await asyncpg.connect(admin_dsn, timeout=10)
    try:
        for service, password in passwords.items():
            await _ensure_role(connection, PREFIX + service, password)
            await _ensure_database(connection, PREFIX + service)
    finally:
        await connection.close()
    return {service: service_dsn(admin_dsn, service, password) for service, password in passwords.items()}


def service_dsn(admin_dsn: str, service: str, password: str) -> str:
    """`admin_dsn` with the service's own database, role and password; host, port and parameters stay."""
    parts = urlsplit(admin_dsn)
    address = parts.netloc.rpartition("@")[2]
    name = PREFIX + service
    return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{address}", path=f"/{name}"))


def known_dsn(options: StackOptions, service: str) -> str:
    """DSN of a service of the stack that `options` means. OperatorError where that stack was never started."""
    secrets = secret_store.load(options.data_dir)
    if secrets is None:
        raise OperatorError(f"{options.data_dir} holds no stack yet", "Start one: serap up. Or name its directory: --data DIR")
    # Only host, port and parameters of the administrator's DSN matter here, never the password.
    return service_dsn(options.database_url or f"postgresql://{options.database_address}", service, secrets.databases[service])


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection for one command. OperatorError where the database cannot be reached."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        address = urlsplit(dsn).netloc.rpartition("@")[2]
        reason = str(error) or type(error).__name__
        raise OperatorError(
            f"the database at {address} cannot be reached: {reason}", "Does the stack run? serap status"
        ) from error
    try:
        yield connection
    finally:
        await connection.close()


async def _ensure_role(connection: "asyncpg.Connection[asyncpg.Record]", name: str, password: str) -> None:
    # Neither CREATE nor ALTER ROLE takes parameters: the server's own format() quotes for us.
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if exists else "CREATE"
    template = f"{verb} ROLE %I LOGIN PASSWORD %L"
    await connection.execute(await connection.fetchval("SELECT format($1, $2::text, $3::text)", template, name, password))
    if not await connection.fetchval("SELECT pg_has_role(current_user, $1, 'SET')", name):
        await connection.execute(f'GRANT "{name}" TO CURRENT_USER')  # who is no superuser may give away only to its own roles


async def _ensure_database(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}" TEMPLATE template0 ENCODING UTF8')
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
