"""The real parts that tests run on. Which PostgreSQL and which broker is decided here and nowhere else."""

import socket
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from serap import topics
from serap.embedded import EmbeddedBroker, EmbeddedPostgres
from serap.ports import HOST, PortPlan, is_free
from shared.city import City
from shared.contracts.topics import catalogue
from shared.runtime.postgres import migrate

FAST = {"fsync": "off", "full_page_writes": "off"}
"""Tests kill processes, never the machine: what PostgreSQL has written survives without being forced to the disk.
`synchronous_commit` stays on: without it a killed server has not even written its last transactions."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def free_port_base() -> int:
    """The first of seven free ports in a row, for a whole stack."""
    for base in range(free_port() % 20000 + 20000, 65000, 7):
        if all(is_free(port) for port in PortPlan(base).all().values()):
            return base
    raise AssertionError("no seven free ports in a row")


@dataclass
class Postgres:
    """A server for the whole session. `database(migrations)`: a fresh database with these migrations, in some 30 ms."""

    server: EmbeddedPostgres
    _templates: dict[Path | None, str] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def admin_dsn(self) -> str:
        return self.server.dsn()

    def dsn(self, database: str) -> str:
        return self.server.dsn(database)

    async def database(self, migrations: Path | None = None) -> str:
        """DSN of a new database, cloned from a template that is migrated once. None: an empty one."""
        if migrations not in self._templates:
            template = await self._make("template0")
            if migrations is not None:
                await migrate(self.dsn(template), migrations)
            self._templates[migrations] = template
        return self.dsn(await self._make(self._templates[migrations]))

    async def drop(self, dsn: str) -> None:
        """Ends the sessions of that database and drops it."""
        await self._execute(f'DROP DATABASE IF EXISTS "{urlsplit(dsn).path[1:]}" WITH (FORCE)')

    async def _make(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@dataclass(frozen=True)
class Broker:
    """A Kafka broker of its own for one test. This one forgets its log when it stops, and has no idempotent producers."""

    server: EmbeddedBroker
    city: City

    @property
    def bootstrap(self) -> str:
        return self.server.bootstrap

    def apply_topics(self) -> None:
        """Creates what is missing of the city's topics, as `serap topics apply` does."""
        topics.apply(self.bootstrap, catalogue(self.city.kafka_channels, self.city.agencies))

    def lose_log(self) -> None:
        """As after a crash of the embedded broker: the same address, the same topics, nothing in them."""
        self.server.kill()
        self.server.start()
        self.apply_topics()
