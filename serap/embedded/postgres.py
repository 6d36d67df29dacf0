"""The embedded PostgreSQL 18: durable, with passwords, on 127.0.0.1 only, no Unix socket (so a long path is no trouble)."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from serap.embedded.system_user import SystemUser, home_of_cluster, programs_for, server_user
from serap.errors import OperatorError
from serap.ports import HOST, require_free
from serap.processes import Child, describe_exit

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
ADMIN = "postgres"
FAST_SHUTDOWN = signal.SIGINT  # PostgreSQL's own meaning: end the sessions, write a checkpoint, stop

SMALL: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "io_method": "sync",  # no I/O worker processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Settings for a server that shares a small machine with four services."""


class EmbeddedPostgres:
    """A server on 127.0.0.1:`port`, everything of it below `data_dir`, which must exist. `password`: of the administrator.

    `settings` override SMALL. After a crash or SIGKILL, `start` recovers: what is left of the old server is ended first.
    """

    def __init__(self, data_dir: Path, port: int, password: str, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir, self.port, self._password = data_dir, port, password
        self._settings = {**SMALL, **(settings or {}), "port": str(port)}
        self.child: Child | None = None

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://{ADMIN}:{quote(self._password, safe='')}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Until it takes connections. PortTaken, OperatorError."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> Child:
        """Starts the server; at the first call after an installation, makes its cluster (about 2 s)."""
        user = server_user()
        programs, home = programs_for(user), home_of_cluster(self.data_dir, user)
        cluster = home / "data"
        end_leftovers(cluster)
        require_free(self.port, "the embedded PostgreSQL")
        if not cluster.exists():
            _make_cluster(programs, home, self._password, user)
        arguments = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self.child = Child(
            [str(programs / "postgres"), "-D", str(cluster), *arguments],
            log=self.data_dir / "postgres.log",
            environment=_environment(),
            cwd=Path("/"),
            user=user.ids if user else None,
            death_signal=FAST_SHUTDOWN,
        )
        return self.child

    def wait_until_ready(self) -> None:
        assert self.child is not None
        status_file = (self.data_dir / "postgres" / "data" / "postmaster.pid").resolve()
        deadline = time.monotonic() + READY_SECONDS
        while not _says_ready(status_file, self.child.pid):
            if (status := self.child.exit_status()) is not None:
                raise OperatorError(f"the embedded PostgreSQL ended at once ({describe_exit(status)})", f"See {self.child.log}")
            if time.monotonic() > deadline:
                self.stop()
                raise OperatorError(
                    f"the embedded PostgreSQL was not ready within {READY_SECONDS:.0f} s", f"See {self.child.log}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the sessions and stops; what was committed is on the disk."""
        if self.child is not None:
            self.child.stop(FAST_SHUTDOWN, STOP_SECONDS)
            self.child = None

    def kill(self) -> None:
        """SIGKILL to the server and all its sessions, as a power cut would end it."""
        if self.child is not None:
            for process in _processes_of((self.data_dir / "postgres" / "data").resolve()):
                with contextlib.suppress(psutil.NoSuchProcess):  # a session that ended meanwhile
                    process.kill()
            self.child.kill()
            self.child = None

    def restart(self) -> None:
        self.stop()
        self.start()


def end_leftovers(cluster: Path) -> None:
    """Ends what still runs on this cluster, e.g. after the supervisor was killed: fast shutdown, after a while SIGKILL.

    Also a server whose parent died: the rest of it holds the shared memory, and a new one would refuse to start.
    """
    left = _processes_of(cluster)
    with contextlib.suppress(psutil.NoSuchProcess):  # its children may be gone before we ask them
        for process in _leaders(left):
            process.send_signal(FAST_SHUTDOWN)
    _, stubborn = psutil.wait_procs(left, timeout=10)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=10)
    _forget_stranger(cluster / "postmaster.pid")


def _leaders(family: list[psutil.Process]) -> list[psutil.Process]:
    """The postmaster; or, where it is dead, each of those it left."""
    pids = {process.pid for process in family}
    return [process for process in family if process.ppid() not in pids]


def _forget_stranger(status_file: Path) -> None:
    """After a reboot somebody else may have the old server's pid, and PostgreSQL would believe that it still runs.

    Otherwise the file stays: with it the new server finds the old one's shared memory, and frees it.
    """
    if status_file.exists() and psutil.pid_exists(int(status_file.read_text().split("\n", 1)[0])):
        status_file.unlink()


def _processes_of(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL's processes all work in their cluster's directory: this tells ours from anybody else's."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == str(cluster):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # gone, or another user's and so not ours
    return found


def _says_ready(status_file: Path, pid: int) -> bool:
    """`postmaster.pid`: the pid in its first line, and `ready` in its eighth when connections are taken."""
    try:
        lines = status_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _environment() -> dict[str, str]:
    """PG... variables of the operator's own client would change our server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _make_cluster(programs: Path, home: Path, password: str, user: SystemUser | None) -> None:
    """initdb beside, then renamed: one that was interrupted leaves nothing that looks like a cluster."""
    with tempfile.TemporaryDirectory(prefix="new-", dir=home) as draft:
        password_file = Path(draft) / "password"
        password_file.write_text(password)
        if user is not None:
            for path in (Path(draft), password_file):
                os.chown(path, *user.ids)
        command = [
            str(programs / "initdb"),
            f"--pgdata={draft}/data",
            f"--pwfile={password_file}",
            f"--username={ADMIN}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",  # the same order of texts on every machine
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode != 0:
            raise OperatorError(f"PostgreSQL's initdb failed: {(done.stderr.strip() or done.stdout.strip())[-500:]}")
        (Path(draft) / "data").rename(home / "data")
