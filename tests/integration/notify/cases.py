"""One aspiration, told piece by piece, in the words of the services that tell it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts import topics
from shared.contracts.envelope import Record, to_record, tombstone
from shared.contracts.events import AgencyAnswered, ContactRegistered, LifecycleFact
from shared.contracts.ids import event_id
from shared.contracts.vocabulary import Actor, AnswerKind, ContactKind, Fact, Language, Role, Status

RECEIVED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_NAMESPACE = UUID("6c3a4c0e-5a0c-4f43-9a51-0d5d9a6f1d11")


@dataclass(frozen=True)
class Case:
    """`number` makes its id, code and address. `more`: fields of all its facts."""

    number: int
    kind: ContactKind = ContactKind.EMAIL
    consent: bool = True
    language: Language = Language.ID
    more: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> UUID:
        return uuid5(_NAMESPACE, str(self.number))

    @property
    def code(self) -> str:
        return f"TGR-TEST-{self.number}"

    @property
    def address(self) -> str:
        return f"warga{self.number}@contoh.example" if self.kind is ContactKind.EMAIL else f"+62000000{self.number:04d}"

    def fact(self, ver: int, fact: Fact) -> Record:
        """The fact at `ver`."""
        data = LifecycleFact(
            aspiration_id=self.id, fact=fact, ver=ver, status=Status.ASSIGNED, at=RECEIVED + timedelta(hours=ver),
            received_at=RECEIVED, channel="web", role=Role.RESIDENT, actor=Actor.SYSTEM, topic="drainase", agency="DPUPR",
            due_answer_at=RECEIVED + timedelta(days=7), due_resolve_at=RECEIVED + timedelta(days=15), **self.more,
        )  # fmt: skip
        return self._record(topics.LIFECYCLE, data, ver, fact)

    def contact(self, address: str | None = None) -> Record:
        known = self.kind is not ContactKind.NONE
        data = ContactRegistered(
            aspiration_id=self.id, tracking_code=self.code, kind=self.kind, address=(address or self.address) if known else None,
            consent=self.consent, language=self.language,
        )  # fmt: skip
        return self._record(topics.CONTACTS, data, 1)

    def answer(self, ver: int, text: str, kind: AnswerKind = AnswerKind.PROGRESS) -> Record:
        data = AgencyAnswered(aspiration_id=self.id, ver=ver, kind=kind, agency="DPUPR", text=text, at=RECEIVED)
        return self._record(topics.ANSWERS, data, ver)

    def erased(self) -> Record:
        return tombstone(topics.CONTACTS, self.id)

    def received(self) -> list[Record]:
        """Enough for one message."""
        return [self.contact(), self.fact(1, Fact.RECEIVED)]

    def _record(self, topic: topics.Topic, data: Any, ver: int, word: str = "") -> Record:
        event = event_id(self.id, topic.event_type.format(fact=word), ver)
        return to_record(topic, data, key=self.id, event_id=event, time=RECEIVED, correlation_id=self.id, word=word)


def received(*numbers: int) -> list[Record]:
    """Enough for one message to each of these: all contacts, then all facts."""
    return [Case(number).contact() for number in numbers] + [Case(number).fact(1, Fact.RECEIVED) for number in numbers]
