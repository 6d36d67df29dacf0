"""A `serap up` of its own for tests: its directory, its ports, what it says."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from serap import state
from serap.cli import build, guarded
from serap.options import ROOT, StackOptions
from serap.ports import PortPlan
from tests.stack import free_port_base
from tests.waiting import until


class Up:
    """One `serap up`. `fake`: its services are stand-ins that only answer; PostgreSQL and the broker are real."""

    def __init__(self, data_dir: Path, base: int, *, fake: bool) -> None:
        self.data_dir, self.base, self._fake = data_dir, base, fake
        self._log = data_dir.parent / "said"

    @property
    def command(self) -> list[str]:
        if self._fake:
            return [sys.executable, "-m", "tests.fakes.stack", str(self.data_dir), str(self.base)]
        return [sys.executable, "-m", "serap", "up", "--data", str(self.data_dir), "--port-base", str(self.base)]

    def start(self, **environment: str) -> "subprocess.Popen[bytes]":
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **environment})
        return self.process

    def ready(self) -> None:
        self.hears("Serap is up")

    def said(self) -> str:
        return self._log.read_text()

    def hears(self, words: str) -> None:
        def check() -> object:
            assert self.process.poll() is None, self.said()
            return re.search(words, self.said())

        until(words, check, 60)

    def pids(self) -> dict[str, int]:
        known = state.load(self.data_dir)
        assert known is not None
        return {name: running.pid for name, running in known.processes.items()}

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    @property
    def options(self) -> StackOptions:
        return StackOptions(data_dir=self.data_dir, ports=PortPlan(self.base), database_url="", kafka_bootstrap_servers="")

    def serap(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """`serap ...` about this stack."""
        return command_line([*arguments, "--data", str(self.data_dir)], environment)


def command_line(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """`serap ...` in this process: as from a shell, without the second that a new interpreter takes to import everything."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ, environment):
        try:
            guarded(lambda: build()(list(arguments), prog_name="serap"))
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(list(arguments), status, out.getvalue(), err.getvalue())


@contextmanager
def one_up(*, fake: bool) -> Iterator[Up]:
    """Not started; what was started is ended, and its directory goes."""
    place = Path(tempfile.mkdtemp(prefix="serap-up-"))
    place.chmod(0o755)
    one = Up(place / "data", free_port_base(), fake=fake)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGINT)
            one.process.send_signal(signal.SIGINT)
            one.process.wait(60)
        shutil.rmtree(place)
