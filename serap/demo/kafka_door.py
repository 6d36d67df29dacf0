"""The Kafka door: how a channel that prefers Kafka hands in on its own topic and reads its receipts."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from serap.demo.addresses import Addresses
from serap.demo.insist import insist_on_sending
from serap.demo.journal import Accepted, Journal
from serap.demo.reading import Raw, Reader
from serap.demo.voices import Spoken
from shared.contracts import topics
from shared.contracts.events import SubmissionReceipt

PATIENCE = 5.0
"""Without a receipt for so many seconds it is sent again, with the same key: a broker may lose what it acknowledged."""
LOOK_SECONDS = 0.5


@dataclass
class KafkaDoor:
    """Frontends of all `channels` that have topics of their own."""

    addresses: Addresses
    channels: Sequence[str]
    journal: Journal
    producer: AIOKafkaProducer
    _sent: dict[str, tuple[Spoken, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [topics.receipts(channel).name for channel in self.channels]
        self._receipts = Reader(self.addresses, names, self._note)

    async def hand_in(self, spoken: Spoken) -> None:
        """Sends it; the receipt comes when it comes."""
        value = spoken.submission.model_dump_json(exclude_none=True).encode()
        await insist_on_sending(self.producer, topics.submissions(spoken.channel).name, spoken.key, value)
        self._sent[spoken.key] = spoken, time.monotonic()

    async def run(self) -> None:
        """Until cancelled: reads receipts, and sends again what has none for too long."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receipts.run())
            group.create_task(self._send_again())

    def read_anew(self) -> None:
        """Reads the receipts from the beginning, as after a broker has lost its log."""
        self._receipts.read_anew()

    async def _send_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            late = time.monotonic() - PATIENCE
            for spoken in [spoken for spoken, sent_at in self._sent.values() if sent_at < late]:
                await self.hand_in(spoken)

    def _note(self, record: Raw) -> None:
        """A receipt for a key that is not ours belongs to somebody else at the same channel."""
        try:
            receipt = SubmissionReceipt.model_validate_json(record.value or b"")
        except ValidationError:
            return
        key = receipt.idempotency_key
        if key not in self.journal.entries:
            return
        self._sent.pop(key, None)
        if receipt.accepted and receipt.aspiration_id and receipt.tracking_code and receipt.pin:
            self.journal.accept(key, Accepted(receipt.aspiration_id, receipt.tracking_code, receipt.pin))
        else:
            self.journal.refuse(key, f"{receipt.reason} {receipt.field or ''}".strip())
