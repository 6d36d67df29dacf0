"""The HTTP door: how channel frontends hand in with an API key, one by one or many at once."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from serap.demo.addresses import Addresses
from serap.demo.insist import insist
from serap.demo.journal import Accepted, Journal
from serap.demo.voices import Spoken

BATCHING = frozenset({"rw", "press"})
"""Channels that collect and send many at once: a sheet of a neighbourhood, a day's press review."""
BATCH = 20
AT_ONCE = 8


@dataclass
class HttpDoor:
    """Frontends of the channels in `keys`, the API keys by channel."""

    addresses: Addresses
    keys: Mapping[str, str]
    journal: Journal
    client: httpx.AsyncClient
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def hand_in(self, voices: Sequence[Spoken]) -> None:
        """Hands in all of them, until each has an answer."""
        async with asyncio.TaskGroup() as group:
            for spoken in voices:
                if spoken.channel not in BATCHING:
                    group.create_task(self._hand_in_one(spoken))
            for channel in sorted(BATCHING):
                collected = [spoken for spoken in voices if spoken.channel == channel]
                for start in range(0, len(collected), BATCH):
                    group.create_task(self._hand_in_batch(channel, collected[start : start + BATCH]))

    async def _hand_in_one(self, spoken: Spoken) -> None:
        body = spoken.submission.model_dump_json(exclude_none=True).encode()
        answer = await self._post("/v1/aspirations", spoken.channel, body, {"Idempotency-Key": spoken.key})
        self._note(spoken.key, answer.status_code, answer.json())

    async def _hand_in_batch(self, channel: str, voices: Sequence[Spoken]) -> None:
        """A line may be refused for a moment while its neighbours are taken: then it goes again alone, with the same key."""
        lines = [
            json.dumps({"idempotency_key": spoken.key, **spoken.submission.model_dump(mode="json", exclude_none=True)})
            for spoken in voices
        ]
        answer = await self._post(
            "/v1/aspirations:batch", channel, "\n".join(lines).encode(), {"Content-Type": "application/x-ndjson"}
        )
        if not answer.is_success:
            for spoken in voices:
                self._note(spoken.key, answer.status_code, answer.json())
            return
        for spoken, line in zip(voices, answer.text.splitlines(), strict=True):
            told = json.loads(line)
            if told["status"] in (409, 503):
                await self._hand_in_one(spoken)
            else:
                self._note(spoken.key, told["status"], told)

    async def _post(self, path: str, channel: str, body: bytes, more: Mapping[str, str]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[channel]}", "Content-Type": "application/json", **more}
        async with self._slots:
            return await insist(lambda: self.client.post(self.addresses.intake + path, content=body, headers=headers))

    def _note(self, key: str, status: int, told: Mapping[str, Any]) -> None:
        if status == httpx.codes.ACCEPTED:
            self.journal.accept(key, Accepted(UUID(told["id"]), told["tracking_code"], told["pin"]))
        else:
            self.journal.refuse(key, f"{status} {told.get('field', '')} {told.get('detail', told.get('title', ''))}")
