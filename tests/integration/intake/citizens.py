"""Intake as its citizens meet it: the real service, its form filled in, and routing's side of the topics."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from services.intake.app import build
from services.intake.consumer import Subscribers
from services.intake.counter import Counter
from services.intake.settings import IntakeSettings
from shared.city import load_city
from shared.contracts import topics
from shared.contracts.envelope import Data, Event, Record, to_record
from shared.contracts.events import AgencyAnswered, LifecycleFact
from shared.contracts.ids import event_id
from shared.contracts.vocabulary import Actor, AnswerKind, Fact, Role, Status
from tests.services import running, send, settings_for
from tests.stack import Broker, Postgres, free_port
from tests.waiting import eventually

MIGRATIONS = Path(__file__).parents[3] / "services" / "intake" / "migrations"
FORM = {
    "page": "check",
    "action": "send",
    "text": "Lampu jalan di gang kami mati sejak Senin.",
    "role": "resident",
    "kecamatan": "36.71.08",
    "kelurahan": "36.71.08.1001",
    "contact": "none",
}
"""A form on its last page, filled in; `key` is missing."""
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Slip:
    """What a citizen keeps of the receipt."""

    code: str
    pin: str


@dataclass
class Intake:
    """`dsn`: its database. `broker` None: Kafka is away, and what routing says comes straight to the handlers."""

    client: httpx.AsyncClient
    dsn: str
    broker: Broker | None
    subscribers: Subscribers

    async def hand_in(self, **fields: str) -> Slip:
        """Sends the form and reads the receipt."""
        return slip_of(await self.client.post("/", data={**FORM, "key": str(uuid4()), **fields}))

    async def id_of(self, slip: Slip) -> UUID:
        [(found,)] = await self.query("SELECT id FROM aspirations WHERE tracking_code = $1", slip.code)
        assert isinstance(found, UUID)
        return found

    async def query(self, sql: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    async def open(self, slip: Slip) -> str:
        """The tracking page, opened with the PIN."""
        answer = await self.client.post(f"/t/{slip.code}", data={"pin": slip.pin})
        assert answer.status_code == 200
        return answer.text

    async def shows(self, slip: Slip, text: str) -> str:
        """The opened page, as soon as it has `text`."""

        async def page() -> str:
            return found if text in (found := await self.open(slip)) else ""

        return await eventually(f"the page to say {text}", page)

    async def facts(self, *facts: LifecycleFact) -> None:
        """What routing says of the state."""
        if self.broker:
            await send(self.broker.bootstrap, *map(fact_record, facts))
        else:
            await self.subscribers.on_facts([event_of(topics.LIFECYCLE, fact_record(fact), fact) for fact in facts])

    async def answers(self, *answers: AgencyAnswered) -> None:
        """What routing passes on of the agencies' words."""
        if self.broker:
            await send(self.broker.bootstrap, *map(answer_record, answers))
        else:
            await self.subscribers.on_answers([event_of(topics.ANSWERS, answer_record(answer), answer) for answer in answers])


@asynccontextmanager
async def intake(postgres: Postgres, broker: Broker | None = None, **more: Any) -> AsyncIterator[Intake]:
    """The service on a database of its own. `more`: settings."""
    dsn = await postgres.database(MIGRATIONS)
    bootstrap = broker.bootstrap if broker else f"127.0.0.1:{free_port()}"
    settings = settings_for(dsn, bootstrap, IntakeSettings, **{"pin_secret": "5e" * 32, **more})
    service = build(settings)
    async with running(service) as client:
        city = load_city(settings.city)
        counter = Counter(service.database, city, settings.pin_key)
        yield Intake(client, dsn, broker, Subscribers(service.database, counter, city))


def slip_of(answer: httpx.Response) -> Slip:
    """Code and PIN of a receipt."""
    assert answer.status_code == 200, answer.text
    code, pin = re.findall(r'<dd class="kode">([^<]+)</dd>', answer.text)
    return Slip(code, pin.replace(" ", ""))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def fact(aspiration: UUID, ver: int, kind: Fact, status: Status, **more: Any) -> LifecycleFact:
    """A fact as routing writes it, a minute after the one before."""
    told: dict[str, Any] = {"agency": "DPUPR", "topic": "drainase"} if status is not Status.RECEIVED else {}
    return LifecycleFact(
        aspiration_id=aspiration,
        fact=kind,
        ver=ver,
        status=status,
        at=NOW + timedelta(minutes=ver),
        received_at=NOW,
        channel="web",
        role=Role.RESIDENT,
        actor=Actor.SYSTEM,
        **{**told, **more},
    )


def answer(aspiration: UUID, ver: int, kind: AnswerKind, text: str, **more: Any) -> AgencyAnswered:
    return AgencyAnswered(
        aspiration_id=aspiration, ver=ver, kind=kind, agency="DPUPR", text=text, at=NOW + timedelta(minutes=ver), **more
    )


def event_of(topic: topics.Topic, record: Record, data: Data) -> Event[Data]:
    """What the consumer makes of the record."""
    return Event(UUID(record.headers["ce_id"]), record.headers["ce_type"], topic.name, record.key or b"", uuid4(), data)


def fact_record(fact: LifecycleFact) -> Record:
    topic = topics.LIFECYCLE
    event = event_id(fact.aspiration_id, topic.event_type.format(fact=fact.fact), fact.ver)
    return to_record(
        topic, fact, key=fact.aspiration_id, event_id=event, time=fact.at, correlation_id=fact.aspiration_id, word=fact.fact
    )


def answer_record(answer: AgencyAnswered) -> Record:
    topic = topics.ANSWERS
    version = str(answer.reply_id or answer.ver)
    event = event_id(answer.aspiration_id, topic.event_type, version)
    return to_record(topic, answer, key=answer.aspiration_id, event_id=event, time=answer.at, correlation_id=answer.aspiration_id)


def resolved(aspiration: UUID) -> list[LifecycleFact]:
    """From receipt to a result that waits for the citizen."""
    return [
        fact(aspiration, 1, Fact.RECEIVED, Status.RECEIVED),
        fact(aspiration, 2, Fact.ASSIGNED, Status.ASSIGNED, reason="classifier"),
        fact(aspiration, 3, Fact.ACCEPTED, Status.ACCEPTED),
        fact(aspiration, 4, Fact.RESOLVED, Status.RESOLVED),
    ]
