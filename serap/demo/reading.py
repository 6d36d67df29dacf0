"""Reads whole topics from their beginning, without a consumer group: for those who want to know all, and keep no place."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from serap.demo.addresses import Addresses

Raw: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
RETRY_SECONDS = 0.3


class Reader:
    """Gives every record of `topics` to `note`, again and again where it must; `note` knows what it has seen."""

    def __init__(self, addresses: Addresses, topics: Sequence[str], note: Callable[[Raw], None]) -> None:
        self._addresses, self._topics, self._note = addresses, topics, note
        self._anew = asyncio.Event()

    def read_anew(self) -> None:
        """From offset zero. A broker that lost its log was refilled meanwhile, and an offset of ours means another record now."""
        self._anew.set()

    async def run(self) -> None:
        """Until cancelled. A broker that is away is waited for."""
        while True:
            self._anew.clear()
            with suppress(KafkaError):
                await self._read()
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            *self._topics,
            bootstrap_servers=self._addresses.bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            **self._addresses.kafka,
        )
        try:
            await consumer.start()
            while not self._anew.is_set():
                for batch in (await consumer.getmany(timeout_ms=100, max_records=1000)).values():
                    for record in batch:
                        self._note(record)
        finally:
            await consumer.stop()
