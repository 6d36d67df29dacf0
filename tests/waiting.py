"""Tests wait for a condition, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_SECONDS = 0.02


def until(what: str, condition: Callable[[], T], seconds: float = 30.0) -> T:
    """The first true value of `condition`. AssertionError with `what` when it does not come within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(LOOK_SECONDS)
    return value


async def until_async(what: str, condition: Callable[[], T], seconds: float = 30.0) -> T:
    """The same inside a running loop."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        await asyncio.sleep(LOOK_SECONDS)
    return value


async def eventually(what: str, condition: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """The same for a condition that is awaited, e.g. a query."""
    deadline = time.monotonic() + seconds
    while not (value := await condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        await asyncio.sleep(LOOK_SECONDS)
    return value
