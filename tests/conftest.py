"""Real parts for the tests: one PostgreSQL and one broker per session, a database and topics of its own per test."""

import itertools
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from serap.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.runtime.postgres import migrate

_numbers = itertools.count(1)
MakeDatabase = Callable[[Path], Awaitable[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), free_port(), "secret-of-the-tests")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    (tmp_path / "broker").mkdir()
    server = EmbeddedBroker(tmp_path / "broker", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make_database(postgres: EmbeddedPostgres) -> MakeDatabase:
    """Makes an empty database with the runtime's and the given migrations; returns its URL."""

    async def make(migrations: Path) -> str:
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(postgres.dsn())
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url = postgres.dsn(name)
        await migrate(url, migrations)
        return url

    return make
