"""The oracle outside the system: knows from the public topics what happened, and asks reporting what it counted."""

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from serap.demo.addresses import Addresses
from serap.demo.insist import insist
from serap.demo.ledger import Ledger
from serap.demo.reading import Raw, Reader
from serap.demo.verdict import DIMENSIONS, Aggregates
from shared.contracts import topics
from shared.contracts.envelope import header_map
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.contracts.topics import Topic

M = TypeVar("M", bound=BaseModel)


@dataclass
class Auditor:
    """`ledger`: what the facts and outcomes say so far; `unusable`: records on those topics that are no events of ours."""

    addresses: Addresses
    client: httpx.AsyncClient
    ledger: Ledger = field(default_factory=Ledger)
    unusable: int = 0

    def __post_init__(self) -> None:
        self._reader = Reader(self.addresses, [topics.LIFECYCLE.name, topics.OUTCOMES.name], self._note)

    async def run(self) -> None:
        """Until cancelled: reads lifecycle and outcomes."""
        await self._reader.run()

    def read_anew(self) -> None:
        """Reads both from the beginning, as after a broker has lost its log. What is known already changes nothing."""
        self._reader.read_anew()

    async def aggregates(self) -> Aggregates:
        """What reporting publishes now."""
        cells: dict[str, dict[str, int | str]] = {}
        for dimension in DIMENSIONS:
            answer = await self._ask({"group_by": dimension})
            cells[dimension] = {row[dimension] or "": row["count"] for row in answer["rows"]}
        return Aggregates(answer["total"], cells)

    async def _ask(self, query: dict[str, str]) -> dict[str, Any]:
        url = f"{self.addresses.reporting}/v1/aggregates"
        answer = await insist(lambda: self.client.get(url, params=query))
        answer.raise_for_status()
        return dict(answer.json())

    def _note(self, record: Raw) -> None:
        if record.topic == topics.OUTCOMES.name:
            if outcome := self._read(record, topics.OUTCOMES, NotificationEnded):
                self.ledger.note_outcome(*outcome)
        elif fact := self._read(record, topics.LIFECYCLE, LifecycleFact):
            self.ledger.note_fact(*fact)

    def _read(self, record: Raw, topic: Topic, model: type[M]) -> tuple[UUID, M] | None:
        """Id and data of an event; None for what is none, e.g. the poison of a fault test."""
        headers = header_map(record.headers)
        try:
            if headers["ce_type"] in topics.event_types(topic):
                return UUID(headers["ce_id"]), model.model_validate_json(record.value or b"")
        except (KeyError, ValueError, ValidationError):
            pass
        self.unusable += 1
        return None
