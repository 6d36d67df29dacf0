"""What the public topics say of each aspiration. Pure; told the same event twice, it knows no more than before."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.contracts.vocabulary import Fact, Status


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as it was told. `content`: hash of all its data; an event that is sent again must say the same."""

    event_id: UUID
    fact: Fact
    content: int


@dataclass(slots=True)
class Life:
    """One aspiration. `facts` and `outcomes` by `ver`; `latest`: the highest fact; `rivals`: what contradicts them, in words."""

    facts: dict[int, Told] = field(default_factory=dict)
    outcomes: dict[int, tuple[UUID, str]] = field(default_factory=dict)
    latest: LifecycleFact | None = None
    rivals: list[str] = field(default_factory=list)

    @property
    def ver(self) -> int:
        """The highest seen; 0: none yet."""
        return self.latest.ver if self.latest else 0

    @property
    def status(self) -> Status | None:
        return self.latest.status if self.latest else None

    @property
    def gaps(self) -> list[int]:
        """Versions that are missing below the highest."""
        return [ver for ver in range(1, self.ver) if ver not in self.facts]

    def has(self, *wanted: Fact) -> bool:
        return any(told.fact in wanted for told in self.facts.values())


@dataclass
class Ledger:
    """All lives by aspiration id. `news` grows with every event that says something new: it measures progress."""

    lives: dict[UUID, Life] = field(default_factory=dict)
    news: int = 0

    def life(self, aspiration_id: UUID) -> Life:
        """What is known of it; an empty life where nothing is."""
        return self.lives.get(aspiration_id) or Life()

    def note_fact(self, event_id: UUID, fact: LifecycleFact) -> None:
        """A fact of `aspirations.lifecycle.v1`. A second event at the same `ver`, or the same with other words, is a rival."""
        life = self.lives.setdefault(fact.aspiration_id, Life())
        told = Told(event_id, fact.fact, hash(fact.model_dump_json()))
        known = life.facts.setdefault(fact.ver, told)
        if known is not told:
            if known != told:
                life.rivals.append(f"ver {fact.ver} told twice: {known.fact} and {told.fact}")
            return
        self.news += 1
        if fact.ver > life.ver:
            life.latest = fact
        if (fact.fact is Fact.RECEIVED) != (fact.ver == 1):
            life.rivals.append(f"{fact.fact} at ver {fact.ver}")

    def note_outcome(self, event_id: UUID, ended: NotificationEnded) -> None:
        """An outcome of `notifications.outcomes.v1`: at most one for each fact."""
        life = self.lives.setdefault(ended.aspiration_id, Life())
        told = (event_id, ended.outcome.value)
        known = life.outcomes.setdefault(ended.ver, told)
        if known is told:
            self.news += 1
        elif known != told:
            life.rivals.append(f"ver {ended.ver} notified twice: {known[1]} and {ended.outcome}")

    def received(self) -> Iterator[LifecycleFact]:
        """The latest fact of every aspiration of which at least `received` is known."""
        return (life.latest for life in self.lives.values() if life.latest and 1 in life.facts)

    def count_by(self, *dimensions: str) -> Mapping[tuple[str, ...], int]:
        """How many aspirations stand in each cell, e.g. by `status` and `agency`: the aggregates, computed anew. '': none."""
        return Counter(tuple(str(getattr(fact, name) or "") for name in dimensions) for fact in self.received())
