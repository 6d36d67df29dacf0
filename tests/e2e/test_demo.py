"""`serap demo` and `serap up` as an operator meets them: real processes, embedded parts, nothing simulated inside."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from serap.ports import PortPlan
from tests.faults.running import ROOT, Running
from tests.stack import free_port_base

GIGABYTE = 1_000_000_000


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that another user may pass through: PostgreSQL does not run as root."""
    folder = Path(tempfile.mkdtemp(prefix="serap-e2e-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_demo_without_a_person_goes_the_whole_way_and_tells_programs_so(place: Path) -> None:
    arguments = ["demo", "--data", str(place / "data"), "--port-base", str(free_port_base()), "--count", "40", "--exit", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "serap", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert list(told) == [
        "accepted", "assigned", "triaged", "answered", "notified", "aggregated", "lost", "doubled", "seconds",
    ]  # fmt: skip
    assert (told["accepted"], told["notified"], told["aggregated"], told["lost"], told["doubled"]) == (40, 40, 40, 0, 0)
    assert told["assigned"] + told["triaged"] == 40
    assert told["answered"] >= told["assigned"] > 0


async def test_the_whole_stack_answers_and_idles_in_less_than_a_gigabyte(place: Path) -> None:
    plan, started = PortPlan(free_port_base()), time.monotonic()
    stack = Running(place / "data", plan.base)
    try:
        await stack.start()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            pages = [
                await client.get(url) for url in (plan.url("intake"), plan.url("reporting"), f"{plan.url('notify')}/mailbox")
            ]
        seconds = time.monotonic() - started
        assert [page.status_code for page in pages] == [200, 200, 200]
        memory = sum(_memory(process) for process in stack.all_processes())
        print(f"first pages after {seconds:.1f} s, idle with {memory / 1e6:.0f} MB")  # a figure to look at: pytest -rP
        assert memory < GIGABYTE
    finally:
        stack.end()


def _memory(process: psutil.Process) -> int:
    """Bytes of one process; what several share is divided among them where the system tells (PSS)."""
    full = process.memory_full_info()
    return int(getattr(full, "pss", full.rss))
