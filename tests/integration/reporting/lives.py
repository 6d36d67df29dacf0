"""Made-up lives of aspirations as facts, for the tests and for measuring: always legal, never a person."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from shared.city import City
from shared.contracts.envelope import Record, to_record
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.contracts.ids import event_id
from shared.contracts.topics import LIFECYCLE, OUTCOMES
from shared.contracts.vocabulary import Actor, ContactKind, Fact, Outcome, Role, Status

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

LIVES: Sequence[tuple[int, Sequence[tuple[Fact, Status]]]] = (
    (30, ((Fact.ACCEPTED, Status.ACCEPTED), (Fact.RESOLVED, Status.RESOLVED), (Fact.CONFIRMED, Status.CLOSED))),
    (20, ((Fact.ACCEPTED, Status.ACCEPTED), (Fact.RESOLVED, Status.RESOLVED), (Fact.CLOSED_UNCONFIRMED, Status.CLOSED))),
    (15, ((Fact.ACCEPTED, Status.ACCEPTED), (Fact.PROGRESSED, Status.IN_PROGRESS))),
    (10, ((Fact.ASKED, Status.WAITING_CITIZEN), (Fact.REPLIED, Status.ASSIGNED))),
    (10, ((Fact.RETURNED, Status.TRIAGE), (Fact.ASSIGNED, Status.ASSIGNED), (Fact.RESOLVED, Status.RESOLVED))),
    (8, ((Fact.REJECTED, Status.REJECTED),)),
    (4, ((Fact.WITHDRAWN, Status.WITHDRAWN),)),
    (3, ()),
)
"""How often, and what follows after `received` and `assigned`."""


@dataclass
class Lives:
    """The same seed tells the same lives, received on one of `days` before NOW."""

    city: City
    seed: int = 7
    days: int = 365

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        topics = list(self.city.topics.values())
        self._topics = self._chance.sample(topics, len(topics))
        self._kelurahan = [*self.city.areas.kelurahan.values()]
        self._chance.shuffle(self._kelurahan)

    def facts(self, aspirations: int) -> Iterator[LifecycleFact]:
        """All facts of so many aspirations, life after life."""
        for _ in range(aspirations):
            yield from self._life()

    def _life(self) -> Iterator[LifecycleFact]:
        chance = self._chance
        topic = self._topics[min(int(chance.expovariate(0.12)), len(self._topics) - 1)]
        where = self._kelurahan[min(int(chance.expovariate(0.02)), len(self._kelurahan) - 1)]
        received_at = NOW - timedelta(days=chance.random() * self.days)
        steps = chance.choices([steps for _, steps in LIVES], [weight for weight, _ in LIVES])[0]
        common = {
            "aspiration_id": UUID(int=chance.getrandbits(128), version=4),
            "received_at": received_at,
            "channel": chance.choice(list(self.city.channels)),
            "role": chance.choices(list(Role), (70, 10, 4, 12, 4))[0],
            "kelurahan": where.code,
            "kecamatan": where.kecamatan_code,
        }
        at, prev_status, prev_at = received_at, None, None
        known: dict[str, object] = {}
        for ver, (fact, status) in enumerate([(Fact.RECEIVED, Status.RECEIVED), (Fact.ASSIGNED, Status.ASSIGNED), *steps], 1):
            if at > NOW:
                return
            if ver == 2:
                known = {"topic": topic.code, "agency": topic.agency, "due_resolve_at": received_at + timedelta(days=20)}
            yield LifecycleFact.model_validate(
                {**common, **known, "ver": ver, "fact": fact, "status": status, "at": at, "actor": Actor.SYSTEM,
                 "prev_status": prev_status, "prev_at": prev_at}
            )  # fmt: skip
            prev_status, prev_at = status, at
            at += timedelta(days=chance.expovariate(0.25)) if ver > 1 else timedelta(seconds=2)


def fact_record(fact: LifecycleFact) -> Record:
    """The fact as routing publishes it."""
    return to_record(
        LIFECYCLE, fact, key=fact.aspiration_id, time=fact.at, correlation_id=uuid4(), word=fact.fact,
        event_id=event_id(fact.aspiration_id, LIFECYCLE.event_type.format(fact=fact.fact), fact.ver),
    )  # fmt: skip


def outcome_of(fact: LifecycleFact, outcome: Outcome = Outcome.SENT) -> NotificationEnded:
    """How telling the citizen about the fact ended, five seconds later."""
    return NotificationEnded(
        aspiration_id=fact.aspiration_id, ver=fact.ver, fact=fact.fact, kind=ContactKind.WHATSAPP, outcome=outcome,
        at=fact.at + timedelta(seconds=5),
    )  # fmt: skip


def outcome_record(outcome: NotificationEnded) -> Record:
    """The outcome as notify publishes it."""
    return to_record(
        OUTCOMES, outcome, key=outcome.aspiration_id, time=outcome.at, correlation_id=uuid4(),
        event_id=event_id(outcome.aspiration_id, OUTCOMES.event_type, outcome.ver),
    )  # fmt: skip
