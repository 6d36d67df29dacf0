"""A real `serap up` in processes of its own, and the ways to hurt it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

from serap import secret_store, state
from serap.commands.status import report
from serap.databases import service_dsn
from serap.embedded import EmbeddedPostgres
from serap.options import StackOptions
from serap.ports import SERVICES, PortPlan
from tests.waiting import eventually, until_async

ROOT = Path(__file__).parents[2]
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_BUSY = (
    _SESSIONS + "AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock' AND wait_event_type IS DISTINCT FROM 'Client'"
)
_OPEN = _SESSIONS + "AND state = 'idle in transaction'"


@dataclass
class Running:
    """`environment`: what `serap up` gets besides ours."""

    data_dir: Path
    base: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def options(self) -> StackOptions:
        return StackOptions(data_dir=self.data_dir, ports=PortPlan(self.base), database_url="", kafka_bootstrap_servers="")

    @property
    def dsns(self) -> dict[str, str]:
        """DSN by service."""
        secrets = secret_store.load_or_make(self.data_dir)
        admin = EmbeddedPostgres(self.data_dir, self.options.ports.of("postgres"), secrets.postgres).dsn()
        return {service: service_dsn(admin, service, word) for service, word in secrets.databases.items()}

    async def start(self) -> None:
        """Until it says that everything is ready."""
        self._spawn()

        def is_up() -> bool:
            assert self._process.poll() is None, self.said()
            return "Serap is up" in self.said()

        await until_async("Serap is up", is_up, 60)

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "serap", "up", "--data", str(self.data_dir), "--port-base", str(self.base)]
        self._log = self.data_dir.parent / "said"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **self.environment})

    async def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        self._process.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self._process.wait, 60)

    def end(self) -> None:
        """Ends it for certain."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGINT)
                self._process.wait(40)

    def said(self) -> str:
        return self._log.read_text()

    def pid(self, name: str) -> int:
        known = state.load(self.data_dir)
        assert known is not None
        return known.processes[name].pid

    def processes(self, name: str) -> list[psutil.Process]:
        """The process of that name and its children."""
        leader = psutil.Process(self.pid(name))
        return [leader, *leader.children(recursive=True)]

    def all_processes(self) -> list[psutil.Process]:
        """Everything that runs because of this `serap up`, itself too."""
        leader = psutil.Process(self._process.pid)
        return [leader, *leader.children(recursive=True)]

    def send(self, name: str, number: signal.Signals) -> None:
        """A signal to a part and its children."""
        for process in self.processes(name):
            process.send_signal(number)

    async def comes_back(self, name: str, killed: int) -> None:
        """Until the supervisor has started `name` again, which had the pid `killed`."""
        await until_async(f"{name} runs again", lambda: self.pid(name) != killed and psutil.pid_exists(self.pid(name)))

    async def kill_in_mid_work(self, service: str) -> None:
        """SIGKILL at a moment when the service has a transaction open: frozen first, so that the moment does not pass.

        AssertionError where no such moment comes.
        """
        connection = await asyncpg.connect(self.dsns[service])
        pid = self.pid(service)
        try:

            async def frozen_in_a_transaction() -> bool:
                os.kill(pid, signal.SIGSTOP)
                if await _has_open_transaction(connection, f"serap_{service}"):
                    return True
                os.kill(pid, signal.SIGCONT)
                return False

            await eventually(f"{service} is in the middle of a transaction", frozen_in_a_transaction)
            os.kill(pid, signal.SIGKILL)
        finally:
            await connection.close()
        await self.comes_back(service, pid)

    async def query(self, service: str, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """From the service's own database."""
        connection = await asyncpg.connect(self.dsns[service])
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    def condition(self) -> list[str]:
        """What each service says of itself: what is missing, waiting, lagging."""
        return [str({name: value for name, value in one.items() if value}) for one in report(self.data_dir)["services"]]

    async def unsent(self) -> dict[str, int]:
        """Rows in each service's outbox that wait to be sent; empty: all drained."""
        counts = {name: (await self.query(name, "SELECT count(*) FROM outbox WHERE sent_at IS NULL"))[0][0] for name in SERVICES}
        return {name: count for name, count in counts.items() if count}

    async def dead_letters(self) -> set[tuple[str, str, str]]:
        """Topic (without what tells that it is a DLQ), key and reason of every dead letter."""
        sql = "SELECT topic, key, headers::json ->> 'dlq-reason' AS reason FROM outbox WHERE topic LIKE '%.dlq'"
        rows = [row for name in SERVICES for row in await self.query(name, sql)]
        return {(row["topic"].removesuffix(".dlq"), (row["key"] or b"").decode(), row["reason"]) for row in rows}


async def _has_open_transaction(connection: "asyncpg.Connection[asyncpg.Record]", database: str) -> bool:
    """Of a frozen process: what is still being executed for it comes to its end first, then what is open stays open."""

    async def nobody_is_busy() -> bool:
        return int(await connection.fetchval(_BUSY, database)) == 0

    await eventually("what it had begun is done, or waits", nobody_is_busy)
    return bool(await connection.fetchval(_OPEN, database))
