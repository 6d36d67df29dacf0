"""Trying again until it is done: what every channel, agency and citizen does when the city is not there for a moment."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

FIRST_DELAY, LONGEST_DELAY = 0.05, 1.0
_AGAIN = (409, 429, 502, 503, 504)
"""In flight, too many, not there: the same request may succeed later. Not 500: that is a bug, and it must show."""


async def insist(attempt: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The first answer that is one, yes or no. Connection trouble and temporary answers are waited out, with back-off."""
    delay = FIRST_DELAY
    while True:
        try:
            response = await attempt()
            if response.status_code not in _AGAIN:
                return response
        except httpx.TransportError:
            pass
        await asyncio.sleep(delay)
        delay = min(LONGEST_DELAY, delay * 2)


async def insist_on_sending(producer: AIOKafkaProducer, topic: str, key: str, value: bytes) -> None:
    """Until the broker has acknowledged it. It may lie there twice then; the reader knows it by its id."""
    delay = FIRST_DELAY
    while True:
        try:
            await producer.send_and_wait(topic, value, key.encode())
            return
        except KafkaError:
            await asyncio.sleep(delay)
            delay = min(LONGEST_DELAY, delay * 2)


async def until_connected(producer: AIOKafkaProducer) -> None:
    """Until `producer` has found the broker."""
    while True:
        try:
            await producer.start()
            return
        except KafkaError:
            await asyncio.sleep(LONGEST_DELAY)
