"""Simulated agencies: one plain aiokafka consumer on all assignment topics, answering on the agencies' update topics."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from serap.demo.addresses import Addresses
from serap.demo.conduct import Conduct
from serap.demo.insist import insist_on_sending
from serap.demo.reading import RETRY_SECONDS, Raw
from shared.contracts import topics
from shared.contracts.envelope import header_map
from shared.contracts.events import AgencyUpdated, AssignmentChanged

log = logging.getLogger(__name__)

GROUP = "simulated-agencies"
SESSION_TIMEOUT_MS = 3000
METADATA_MAX_AGE_MS = 5000
"""How soon it sees topics that are made again after a broker has lost everything."""


@dataclass
class Agencies:
    """All agencies of the city in one group. `pace`: seconds between the steps of a plan, so that people can watch."""

    addresses: Addresses
    conduct: Conduct
    producer: AIOKafkaProducer
    pace: float = 0.0
    _anew: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. Killed at any place and started again it says the same once more, with the same ids."""
        while True:
            with suppress(KafkaError):
                await self._consume()
            await asyncio.sleep(RETRY_SECONDS)

    def read_anew(self) -> None:
        """Reads and answers everything once more: a broker may lose what it acknowledged, and routing knows repeated updates."""
        self._anew.set()

    async def _consume(self) -> None:
        consumer = AIOKafkaConsumer(
            *(topics.assignments(code).name for code in self.conduct.city.agencies),
            bootstrap_servers=self.addresses.bootstrap,
            group_id=GROUP,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            **self.addresses.kafka,
        )
        try:
            await consumer.start()
            while True:
                if self._anew.is_set() and consumer.assignment():
                    self._anew.clear()
                    await consumer.seek_to_beginning()
                batches = await consumer.getmany(timeout_ms=200, max_records=500)
                if batches:
                    await self._answer(record for batch in batches.values() for record in batch)
                    await consumer.commit()  # after the broker has all answers: a crash before it repeats them, with the same ids
        finally:
            await consumer.stop()

    async def _answer(self, records: Iterable[Raw]) -> None:
        """The first step of every plan together, then the second, so that each aspiration's steps stay in order."""
        plans = [self._plan(record) for record in records]
        for step in zip_longest(*plans):
            await asyncio.gather(*(self._send(update) for update in step if update is not None))
            await asyncio.sleep(self.pace)

    def _plan(self, record: Raw) -> list[AgencyUpdated]:
        try:
            event = AssignmentChanged.model_validate_json(record.value or b"")
            event_id = UUID(header_map(record.headers)["ce_id"])
        except (ValidationError, ValueError, KeyError):
            log.warning("not an assignment", extra={"topic": record.topic, "offset": record.offset})
            return []
        return self.conduct.updates(event, event_id)

    async def _send(self, update: AgencyUpdated) -> None:
        value = update.model_dump_json(exclude_none=True).encode()
        await insist_on_sending(self.producer, topics.updates(update.agency).name, str(update.aspiration_id), value)
