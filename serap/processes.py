"""Child processes: started in a process group of their own, recognised again later, stopped for certain."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MAX_LOG_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for certain: a pid alone may be given to a stranger later. `started`: as psutil tells, in Unix seconds."""

    pid: int
    started: float

    def find(self) -> psutil.Process | None:
        """The process, where it still lives and is no stranger with the same pid."""
        try:
            process = psutil.Process(self.pid)
            # psutil computes the time from the boot time, which moves a little when the clock is set.
            same = abs(process.create_time() - self.started) < 2 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same else None


def own_identity() -> Identity:
    """Ours, for those who come after us."""
    return identify(os.getpid())


def identify(pid: int) -> Identity:
    return Identity(pid, psutil.Process(pid).create_time())


class Child:
    """A process that we started. `death_signal`: what it gets when we die without stopping it (Linux only).

    Must be made in the main thread: the death signal comes when the *thread* that started the child ends.
    `user`: the numeric id to run as; only root may say so.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: tuple[int, int] | None = None,
        death_signal: int = signal.SIGTERM,
    ) -> None:
        parent = os.getpid()
        self.command, self.log = list(argv), log
        _make_room(log)

        def before_exec() -> None:
            if _libc is not None:
                _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
                if os.getppid() != parent:  # we died in between
                    os._exit(1)

        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=cwd,
                user=user[0] if user else None,
                group=user[1] if user else None,
                extra_groups=[] if user else None,
                start_new_session=True,
                preexec_fn=before_exec,  # noqa: PLW1509  (started in the main thread; one C call and no lock inside)
            )
        self.identity = identify(self._popen.pid)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def exit_status(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    def send(self, number: int) -> None:
        self._popen.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, patience: float = 15.0) -> bool:
        """Sends the signal, waits up to `patience` seconds, then kills its whole process group. False: it had to be killed."""
        self._popen.send_signal(number)
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the child and everything in its group; waits for its end."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()


def _make_room(log: Path) -> None:
    """Keeps one older log, so that a stack that runs for months does not fill the disk."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.rename(log.with_suffix(".old.log"))


def describe_exit(status: int) -> str:
    """In words: `exit status 3`, `killed by SIGKILL`."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
