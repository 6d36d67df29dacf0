"""What agencies and citizens do next. Pure and without memory: asked again, they decide the same.

That is why a simulated agency may be killed and read its whole topic again: its updates have the same ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID, uuid5

from serap.demo.ledger import Life
from shared.city import City, Simulation
from shared.contracts.events import AgencyUpdated, AssignmentChanged
from shared.contracts.vocabulary import TERMINAL, AssignmentKind, Fact, ReplyKind, Status, UpdateKind

_PLANS: Sequence[tuple[int, tuple[UpdateKind, ...]]] = (
    (50, (UpdateKind.ACCEPT, UpdateKind.RESOLVE)),
    (20, (UpdateKind.ACCEPT, UpdateKind.PROGRESS, UpdateKind.RESOLVE)),
    (14, (UpdateKind.ACCEPT, UpdateKind.ASK)),
    (8, (UpdateKind.ACCEPT, UpdateKind.REJECT)),
    (8, (UpdateKind.RETURN,)),
)
"""Weight, and what an agency does with an aspiration. Who asked goes on when the citizen has replied."""
_AFTER_A_REPLY = (UpdateKind.RESOLVE,)
_AFTER_A_RETURN = (UpdateKind.ACCEPT, UpdateKind.RESOLVE)
"""Nobody passes it on a second time: a demo in which all go in circles shows nothing."""
_FIRST_ASSIGNMENT = 2  # `ver` of the fact that follows `received`
_REASONS = {UpdateKind.RETURN: "not_our_task", UpdateKind.REJECT: "not_city_matter"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a citizen wants to send from the tracking page."""

    kind: ReplyKind
    text: str = ""
    rating: int | None = None


@dataclass(frozen=True)
class Conduct:
    """How agencies and citizens of this city behave. The same `seed`: the same for the same text at the same place."""

    city: City
    simulation: Simulation
    seed: int = 0

    def updates(self, event: AssignmentChanged, event_id: UUID) -> list[AgencyUpdated]:
        """What the agency answers to `event`, in order. `event_id`: its `ce_id`; the ids of the updates are derived from it."""
        random = self._draw(event.agency, event.ver, event.text, event.place and event.place.model_dump_json())
        return [self._update(kind, event, event_id, random) for kind in self._plan(event, random)]

    def wish(self, number: int, life: Life) -> Wish | None:
        """What the citizen of the `number`-th voice wants to say now; None: nothing, or it is not their turn."""
        random = self._draw(number, life.ver)
        if life.status is Status.WAITING_CITIZEN:
            return Wish(ReplyKind.ANSWER, random.choice(self.simulation.citizens[ReplyKind.ANSWER]))
        if life.status is not Status.RESOLVED:
            return None
        mood = random.random()
        if life.has(Fact.DISPUTED) or mood < 0.3:
            return Wish(ReplyKind.CONFIRM, rating=random.randint(2, 5))
        if mood < 0.4:
            return Wish(ReplyKind.DISPUTE, random.choice(self.simulation.citizens[ReplyKind.DISPUTE]))
        return None

    def rests(self, number: int, life: Life) -> bool:
        """Whether nobody does anything more: it has ended, waits for a triage officer, or its citizen is content in silence."""
        ended = life.status in TERMINAL or life.status is Status.TRIAGE
        return ended or (life.status is Status.RESOLVED and self.wish(number, life) is None)

    def _draw(self, *parts: object) -> Random:
        return Random("|".join(map(str, (self.seed, *parts))))  # noqa: S311 - repeatable on purpose

    def _plan(self, event: AssignmentChanged, random: Random) -> tuple[UpdateKind, ...]:
        if event.kind is AssignmentKind.CITIZEN_REPLIED:
            return () if event.reason == ReplyKind.CONFIRM else _AFTER_A_REPLY
        if event.kind is not AssignmentKind.ASSIGNED:
            return ()
        plan = random.choices([plan for _, plan in _PLANS], [weight for weight, _ in _PLANS])[0]
        return plan if event.ver == _FIRST_ASSIGNMENT or UpdateKind.RETURN not in plan else _AFTER_A_RETURN

    def _update(self, kind: UpdateKind, event: AssignmentChanged, event_id: UUID, random: Random) -> AgencyUpdated:
        texts = self.simulation.agencies.get(kind)
        returned = kind is UpdateKind.RETURN
        return AgencyUpdated(
            update_id=uuid5(event_id, kind),
            aspiration_id=event.aspiration_id,
            agency=event.agency,
            kind=kind,
            text=random.choice(texts) if texts else None,
            reason=_REASONS.get(kind),
            suggested_agency=self._other(event.agency, random) if returned and random.random() < 0.6 else None,
        )

    def _other(self, agency: str, random: Random) -> str:
        return random.choice([other.code for other in self.city.agencies.values() if other.code != agency and not other.by_place])
