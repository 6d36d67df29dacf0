"""An operator's machine: a data directory, the databases of its stack, a broker, and the command line."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from serap.data_dir import prepare
from serap.databases import ensure_databases
from serap.options import ROOT
from serap.secret_store import load_or_make
from shared.runtime.postgres import migrate
from tests.integration.up import Up, command_line, one_up
from tests.stack import Broker, Postgres


@dataclass(frozen=True)
class Home:
    """A stack with a PostgreSQL and a broker of the operator's own; its services do not run."""

    data_dir: Path
    dsns: dict[str, str]
    environment: dict[str, str]

    async def serap(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """`serap ... --data DIR`."""
        told = [*arguments, "--data", str(self.data_dir)]
        return await asyncio.to_thread(command_line, told, {**self.environment, **environment})


@pytest.fixture
async def home(tmp_path: Path, postgres: Postgres, broker: Broker) -> AsyncIterator[Home]:
    data_dir = prepare(tmp_path / "data")
    dsns = await ensure_databases(postgres.admin_dsn, load_or_make(data_dir).databases)
    for service, dsn in dsns.items():
        await migrate(dsn, ROOT / "services" / service / "migrations")
    yield Home(data_dir, dsns, {"DATABASE_URL": postgres.admin_dsn, "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap})
    connection = await asyncpg.connect(postgres.admin_dsn)
    for service, dsn in dsns.items():
        await postgres.drop(dsn)
        await connection.execute(f"DROP ROLE serap_{service}")
    await connection.close()


@pytest.fixture(scope="session")
def real() -> Iterator[Up]:
    """A whole running stack with the real services, one for all tests of this folder."""
    with one_up(fake=False) as one:
        one.start()
        one.ready()
        yield one
