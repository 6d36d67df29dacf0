"""Programs that die are started again; programs are stopped in order, and for certain."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from serap.processes import Child
from serap.state import Running
from serap.supervisor import Program, Supervisor
from tests.waiting import until_async

SLEEP = "import time; time.sleep(1000)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(1000)"
FAREWELL = """
import signal, sys, time
def leave(*_):
    time.sleep(0.1)
    open(sys.argv[1], "a").write(sys.argv[2] + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("listening", flush=True)
time.sleep(1000)
"""


class Operator:
    """Hears what the supervisor says, sees what it records."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.recorded: list[Running] = []
        self.hurry = asyncio.Event()

    def note(self, running: list[Running]) -> None:
        self.recorded = running

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@pytest.fixture
async def operator() -> Operator:
    return Operator()


@pytest.fixture
async def supervisor(operator: Operator) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(operator.lines.append, operator.note, operator.hurry)
    yield supervisor
    operator.hurry.set()
    await supervisor.stop()


async def at_once() -> None:
    """A program that needs no settling."""


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(
        name: str, code: str, *arguments: str, settle: Callable[[], Awaitable[None]] = at_once, patience: float = 15.0
    ) -> Program:
        def spawn() -> Child:
            return Child([sys.executable, "-c", code, *arguments], log=tmp_path / f"{name}.log")

        return Program(name, "", spawn, settle, patience=patience)

    return make


async def test_a_program_that_is_killed_is_started_again_and_said_so(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program]
) -> None:
    await supervisor.start(program("routing", SLEEP))
    first = operator.recorded[0].pid
    os.kill(first, signal.SIGKILL)
    await until_async("the second start", lambda: operator.heard("routing runs again"))
    assert operator.recorded[0].pid != first
    assert operator.heard("routing ended (killed by SIGKILL); starting it again in 0.2 s")


async def test_a_program_that_keeps_dying_is_started_ever_more_slowly(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program]
) -> None:
    await supervisor.start(program("routing", "raise SystemExit(3)"))
    await until_async("three deaths", lambda: operator.heard("in 0.8 s"))
    deaths = [line.split(". Log")[0] for line in operator.lines if "ended" in line]
    assert deaths == [f"routing ended (exit status 3); starting it again in {delay} s" for delay in ("0.2", "0.4", "0.8")]


async def test_a_program_that_was_steady_is_forgiven_its_earlier_deaths(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serap.supervisor.STEADY_SECONDS", 0.0)
    await supervisor.start(program("routing", "raise SystemExit(3)"))
    await until_async("three deaths", lambda: len(operator.lines) >= 6)
    assert all("in 0.2 s" in line for line in operator.lines if "ended" in line)


async def test_a_program_that_does_not_settle_after_its_return_is_started_once_more(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program]
) -> None:
    starts = 0

    async def settle() -> None:
        nonlocal starts
        starts += 1
        if starts == 2:
            raise RuntimeError("no topics")

    await supervisor.start(program("broker", SLEEP, settle=settle))
    os.kill(operator.recorded[0].pid, signal.SIGKILL)
    await until_async("the third start", lambda: operator.heard("broker runs again"))
    assert operator.heard("broker does not come back: no topics")
    assert starts == 3


async def test_a_first_start_that_fails_is_the_callers_to_tell(supervisor: Supervisor, program: Callable[..., Program]) -> None:
    async def settle() -> None:
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        await supervisor.start(program("postgres", SLEEP, settle=settle))


async def test_what_was_started_last_is_stopped_first(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program], tmp_path: Path
) -> None:
    order = tmp_path / "order"
    await supervisor.start(program("postgres", FAREWELL, str(order), "postgres"))
    await supervisor.start(program("broker", FAREWELL, str(order), "broker"))
    await supervisor.start(
        program("intake", FAREWELL, str(order), "service"), program("routing", FAREWELL, str(order), "service")
    )
    for name in ("postgres", "broker", "intake", "routing"):
        await until_async(f"{name} listens", (tmp_path / f"{name}.log").read_text)
    await supervisor.stop()
    assert order.read_text().split() == ["service", "service", "broker", "postgres"]
    assert operator.recorded == []


async def test_a_program_that_ignores_the_signal_is_killed_and_said_so(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program], tmp_path: Path
) -> None:
    await supervisor.start(program("notify", STUBBORN, patience=0.2))
    await until_async("it is deaf", (tmp_path / "notify.log").read_text)
    await supervisor.stop()
    assert operator.lines == ["notify does not stop; killing it"]
    assert operator.recorded == []


async def test_an_operator_in_a_hurry_does_not_wait_for_the_patience(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program], tmp_path: Path
) -> None:
    await supervisor.start(program("notify", STUBBORN, patience=1000))
    await until_async("it is deaf", (tmp_path / "notify.log").read_text)
    stopping = asyncio.create_task(supervisor.stop())
    operator.hurry.set()
    await asyncio.wait_for(stopping, 10)


async def test_a_program_that_is_being_stopped_is_not_started_again(
    supervisor: Supervisor, operator: Operator, program: Callable[..., Program]
) -> None:
    await supervisor.start(program("routing", SLEEP))
    await supervisor.stop()
    assert operator.lines == []
    assert supervisor.running() == []
