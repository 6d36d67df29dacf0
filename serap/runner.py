"""Runs a stack as long as something inside it lasts, or until Ctrl-C: the frame of `serap up` and `serap demo`."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from serap.data_dir import prepare
from serap.options import StackOptions
from serap.stack import Stack
from serap.state import exclusive
from serap.supervisor import Say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Inside = Callable[[Stack], Awaitable[int]]
"""What is done on the running stack; returns the exit status."""


def run_stack(options: StackOptions, inside: Inside, say: Say) -> int:
    """Starts the stack, runs `inside`, stops the stack in order whatever happens. Returns the exit status of `inside`.

    The first Ctrl-C, SIGTERM or SIGHUP ends `inside` (exit status 0: that is how `serap up` ends); a second one kills what
    does not stop at once. OperatorError, e.g. where another supervisor has the same data directory.
    """
    with exclusive(prepare(options.data_dir)):
        return asyncio.run(_run(options, inside, say))


async def _run(options: StackOptions, inside: Inside, say: Say) -> int:
    asked, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        if asked.is_set():
            hurry.set()
        asked.set()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    stack = Stack(options, say, hurry)
    work = asyncio.create_task(_started(stack, inside))
    stopping = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        say("stopping; once more Ctrl-C to kill")
        return 0
    finally:
        work.cancel()
        stopping.cancel()
        await asyncio.gather(work, stopping, return_exceptions=True)
        await stack.supervisor.stop()


async def _started(stack: Stack, inside: Inside) -> int:
    await stack.start()
    return await inside(stack)
