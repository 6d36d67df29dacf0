"""Keeps programs running: starts them, starts them again with back-off when they die, stops them in order."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from serap.processes import Child, describe_exit
from serap.state import Running

FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
STEADY_SECONDS = 30.0
"""Alive for this long, a program is forgiven its earlier deaths."""
LOOK_SECONDS = 0.05

Say = Callable[[str], None]
"""Tells the operator one line."""


@dataclass(frozen=True)
class Program:
    """`spawn` starts it (called in the main thread); `settle` waits until it answers and does what each start needs."""

    name: str
    url: str
    spawn: Callable[[], Child]
    settle: Callable[[], Awaitable[None]]
    stop_signal: int = signal.SIGTERM
    patience: float = 15.0


@dataclass
class _Supervised:
    program: Program
    child: Child
    watcher: "asyncio.Task[None] | None" = None


class Supervisor:
    """`on_change` gets all running processes whenever one comes or goes; `hurry`, once set, ends every patience."""

    def __init__(self, say: Say, on_change: Callable[[list[Running]], None], hurry: asyncio.Event) -> None:
        self._say, self._on_change, self._hurry = say, on_change, hurry
        self._stages: list[list[_Supervised]] = []

    def running(self) -> list[Running]:
        """What runs now, in the order it was started."""
        return [_as_running(one) for stage in self._stages for one in stage if one.child.exit_status() is None]

    def send(self, names: Collection[str], number: int) -> None:
        """A signal to those of `names` that run."""
        for one in (one for stage in self._stages for one in stage if one.program.name in names):
            if one.child.exit_status() is None:
                one.child.send(number)

    async def start(self, *programs: Program) -> None:
        """Starts `programs` as one stage and waits until all have settled. Raises what their start raises."""
        stage: list[_Supervised] = []
        self._stages.append(stage)
        for program in programs:
            stage.append(_Supervised(program, program.spawn()))
            self._on_change(self.running())
        await asyncio.gather(*(program.settle() for program in programs))
        for one in stage:
            one.watcher = asyncio.create_task(self._keep(one), name=f"keep {one.program.name}")

    async def stop(self) -> None:
        """The last stage first; the programs of a stage together."""
        watchers = [one.watcher for stage in self._stages for one in stage if one.watcher]
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        while self._stages:
            await asyncio.gather(*(self._stop(one) for one in self._stages[-1]))
            self._stages.pop()
            self._on_change(self.running())

    async def _keep(self, one: _Supervised) -> None:
        """Until cancelled: whenever the child has ended, starts it again."""
        delay = FIRST_DELAY
        while True:
            born = time.monotonic()
            status = await _end_of(one.child)
            delay = FIRST_DELAY if time.monotonic() - born > STEADY_SECONDS else delay
            how = describe_exit(status or 0)
            self._say(f"{one.program.name} ended ({how}); starting it again in {delay:.1f} s. Log: {one.child.log}")
            await asyncio.sleep(delay)
            delay = min(LONGEST_DELAY, delay * 2)
            await self._start_again(one)

    async def _start_again(self, one: _Supervised) -> None:
        """Whatever goes wrong is told and tried again by the caller: nobody else keeps this program alive."""
        try:
            one.child = one.program.spawn()
            self._on_change(self.running())
            await one.program.settle()
            self._say(f"{one.program.name} runs again (process {one.child.pid})")
        except Exception as error:
            self._say(f"{one.program.name} does not come back: {error}")
            await self._stop(one)  # half settled is worse than away

    async def _stop(self, one: _Supervised) -> None:
        name, child = one.program.name, one.child
        if child.exit_status() is not None:
            return
        child.send(one.program.stop_signal)
        deadline = time.monotonic() + one.program.patience
        if await _end_of(child, unless=lambda: time.monotonic() > deadline or self._hurry.is_set()) is None:
            self._say(f"{name} does not stop; killing it")
            child.kill()


async def _end_of(child: Child, unless: Callable[[], bool] = lambda: False) -> int | None:
    """The exit status of `child` when it has ended; None as soon as `unless` is true."""
    while True:
        status = child.exit_status()
        if status is not None or unless():
            return status
        await asyncio.sleep(LOOK_SECONDS)


def _as_running(one: _Supervised) -> Running:
    identity = one.child.identity
    return Running(
        one.program.name, identity.pid, identity.started, one.program.url, tuple(one.child.command), one.program.stop_signal
    )
