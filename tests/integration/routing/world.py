"""What citizens and agencies send to routing, and what routing tells: read from the outbox, in its order."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel

from services.routing.consumer import Subscribers
from shared.contracts.envelope import Event, Record, to_record
from shared.contracts.events import AgencyUpdated, AspirationSubmitted, CitizenReplied, Spot
from shared.contracts.topics import ANSWERS, LIFECYCLE, REPLIES, SUBMITTED, Topic, assignments, updates
from shared.contracts.vocabulary import ReplyKind, Role, UpdateKind
from shared.runtime.postgres import Database

MIGRATIONS = "services/routing/migrations"
ROAD = "Aspal jalan berlubang, mohon segera ditambal."
"""A matter of DPUPR, without doubt."""
GEMBOR = "36.71.08.1002"


def submission(text: str = ROAD, **fields: Any) -> Event[AspirationSubmitted]:
    """A new aspiration; every call is another."""
    known: dict[str, Any] = {
        "aspiration_id": uuid4(),
        "received_at": datetime.now(UTC),
        "channel": "web",
        "role": Role.RESIDENT,
        "text": text,
        "place": Spot(kelurahan=GEMBOR, words="depan pasar"),
    }
    return _event(SUBMITTED, AspirationSubmitted(**(known | fields)))


def update(
    kind: UpdateKind, aspiration: UUID, agency: str = "DPUPR", *, by: str | None = None, **fields: Any
) -> Event[AgencyUpdated]:
    """What an agency says; `by`: the agency whose topic it comes by, if it is another."""
    known: dict[str, Any] = {"update_id": uuid4(), "aspiration_id": aspiration, "agency": agency, "kind": kind}
    return _event(updates(by or agency), AgencyUpdated(**(known | fields)))


def reply(kind: ReplyKind, aspiration: UUID, **fields: Any) -> Event[CitizenReplied]:
    """What a citizen says after handing in."""
    known: dict[str, Any] = {"reply_id": uuid4(), "aspiration_id": aspiration, "kind": kind, "at": datetime.now(UTC)}
    return _event(REPLIES, CitizenReplied(**(known | fields)))


def _event(topic: Topic, data: Any) -> Event[Any]:
    return Event(uuid4(), topic.event_type, topic.name, str(data.aspiration_id).encode(), uuid4(), data)


def wire(event: Event[Any]) -> Record:
    """The record by which the event comes over Kafka."""
    topic = {t.name: t for t in (SUBMITTED, REPLIES)}.get(event.topic) or updates(event.topic.split(".")[1])
    return to_record(
        topic,
        event.data,
        key=event.data.aspiration_id,
        event_id=event.id,
        time=datetime.now(UTC),
        correlation_id=event.correlation_id,
    )


@dataclass(frozen=True)
class Told:
    """One record of the outbox."""

    topic: str
    headers: dict[str, str]
    data: dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """Routing's handlers on a database of their own, without a broker."""

    database: Database
    on: Subscribers

    async def assigned(self, text: str = ROAD, **fields: Any) -> UUID:
        """A new aspiration that has gone through."""
        event = submission(text, **fields)
        await self.on.on_submitted([event])
        return event.data.aspiration_id

    async def told(self, *topics: Topic) -> list[Told]:
        """What was published on these topics (none: on all), oldest first."""
        rows = await self.database.pool.fetch("SELECT topic, headers, value FROM outbox ORDER BY id")
        names = {topic.name for topic in topics}
        return [
            Told(row["topic"], json.loads(row["headers"]), json.loads(row["value"]))
            for row in rows
            if not names or row["topic"] in names
        ]

    async def facts(self, aspiration: UUID) -> list[str]:
        """The facts of one aspiration, in the order of publishing."""
        return [t.data["fact"] for t in await self.told(LIFECYCLE) if t.data["aspiration_id"] == str(aspiration)]

    async def answers(self) -> list[tuple[int, str, str]]:
        return [(t.data["ver"], t.data["kind"], t.data["text"]) for t in await self.told(ANSWERS)]

    async def heard_by(self, agency: str) -> list[tuple[str, str | None]]:
        """Kind and reason of what an agency was told."""
        return [(t.data["kind"], t.data.get("reason")) for t in await self.told(assignments(agency))]

    async def refusals(self) -> list[tuple[str, str, str]]:
        rows = await self.database.pool.fetch("SELECT sender, kind, reason FROM refusals ORDER BY at, command_id")
        return [(row["sender"], row["kind"], row["reason"]) for row in rows]

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, to see whether anything has changed."""
        tables = ("cases", "stories", "decisions", "commands", "replies", "refusals", "outbox")
        return {t: sorted(tuple(r) for r in await self.database.pool.fetch(f"SELECT {t}::text FROM {t}")) for t in tables}


def gapless(facts: Iterable[dict[str, Any]]) -> bool:
    """Whether the facts of each aspiration stand there with ver 1, 2, 3, ... in this order, each once."""
    seen: dict[str, int] = {}
    for fact in facts:
        if fact["ver"] != seen.get(fact["aspiration_id"], 0) + 1:
            return False
        seen[fact["aspiration_id"]] = fact["ver"]
    return True


def data_of(model: type[BaseModel], value: bytes | None) -> Any:
    assert value is not None
    return model.model_validate_json(value)
