"""Did every aspiration go the whole way, once? Pure: compares what channels, public topics and aggregates say."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from serap.demo.journal import Journal
from serap.demo.ledger import Ledger, Life
from shared.contracts.vocabulary import Fact, Status

ANSWERS = (Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED)
"""The facts by which an agency has said something to the citizen."""
SMALL, GUARDED = "<5", "…"
"""How the public aggregates tell of one to four, which must not point at a person, and of more that would betray these."""
DIMENSIONS = ("status", "agency")
"""By which the aggregates are compared with what the lifecycle facts say."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Aggregates:
    """What reporting publishes. `total` is exact; `cells` by dimension and value ('': none), as counts, SMALL or GUARDED."""

    total: int = 0
    cells: Mapping[str, Mapping[str, int | str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Numbers of aspirations. `lost`: did not go the whole way (yet); `doubled`: went some of it twice; `faults`: in words.

    `strangers`: aspirations that others handed in; they are counted in the aggregates, and not judged here.
    """

    accepted: int = 0
    assigned: int = 0
    triaged: int = 0
    answered: int = 0
    notified: int = 0
    aggregated: int = 0
    lost: int = 0
    doubled: int = 0
    strangers: int = 0
    faults: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not self.faults

    def table(self) -> dict[str, Any]:
        """The columns of `serap demo`, by name."""
        return {name: value for name, value in asdict(self).items() if name not in ("strangers", "faults")}


@dataclass(frozen=True)
class Judge:
    """`tells`: whether citizens are told of a fact at all; `rests`: whether nothing more will happen to the voice of a number."""

    tells: Callable[[Fact], bool]
    rests: Callable[[int, Life], bool]

    def verdict(self, journal: Journal, ledger: Ledger, aggregates: Aggregates) -> Verdict:
        """What holds now. While work is under way, what is not done yet counts as lost."""
        accepted = journal.accepted()
        lives = {said.aspiration_id: (spoken.number, ledger.life(said.aspiration_id)) for spoken, said in accepted}
        own = [life for _, life in lives.values()]
        known = {aspiration_id for aspiration_id, life in ledger.lives.items() if 1 in life.facts}
        strangers = len(known - lives.keys())
        missing = {key: want for key, (number, life) in lives.items() if (want := self._missing(number, life))}
        unanswered = [
            f"{entry.spoken.key}: {entry.refused or 'no answer'}" for entry in journal.entries.values() if not entry.accepted
        ]
        rivals = {key: words for key, (_, life) in lives.items() if (words := "; ".join(life.rivals))}
        shared = len(accepted) - len(lives)
        aggregated = aggregates.total - strangers
        gone_whole_way = len(lives) - len(missing)
        return Verdict(
            accepted=len(accepted),
            assigned=sum(life.has(Fact.ASSIGNED) and life.status is not Status.TRIAGE for life in own),
            triaged=sum(life.status is Status.TRIAGE for life in own),
            answered=sum(life.has(*ANSWERS) for life in own),
            notified=sum(bool(life.facts) and not self._untold(life) for life in own),
            aggregated=aggregated,
            lost=len(unanswered) + len(lives) - min(gone_whole_way, max(aggregated, 0)),
            doubled=len(rivals) + len(journal.contradictions) + shared + max(0, aggregated - len(lives)),
            strangers=strangers,
            faults=_shorten(
                [
                    *unanswered,
                    *(f"{key}: {what}" for key, what in {**missing, **rivals}.items()),
                    *journal.contradictions,
                    *([f"{shared} keys share an aspiration with another key"] if shared else []),
                    *_differences(ledger, aggregates, strangers, len(lives)),
                ]
            ),
        )

    def _missing(self, number: int, life: Life) -> str:
        """What is still missing of the whole way of one aspiration, in words; empty: nothing."""
        if not life.facts:
            return "accepted, but no fact is known"
        if life.gaps:
            return f"facts {life.gaps} are missing"
        if not life.has(Fact.ASSIGNED, Fact.TRIAGED):
            return "neither assigned nor triaged"
        if not self.rests(number, life):
            return f"stands at {life.status}, ver {life.ver} ({' '.join(told.fact for _, told in sorted(life.facts.items()))})"
        if untold := self._untold(life):
            return f"facts {untold} have no outcome of their notification"
        return ""

    def _untold(self, life: Life) -> list[int]:
        return [ver for ver, told in life.facts.items() if self.tells(told.fact) and ver not in life.outcomes]


def agrees(told: int | str, computed: int) -> bool:
    """Whether the published `told` may stand for the count `computed`."""
    return told == computed or (told == SMALL and 0 < computed < 5) or (told == GUARDED and computed >= 5)


def _differences(ledger: Ledger, aggregates: Aggregates, strangers: int, own: int) -> list[str]:
    found = []
    if aggregates.total != strangers + own:
        found.append(f"the aggregates count {aggregates.total} aspirations, the facts {strangers + own}")
    for dimension in DIMENSIONS:
        computed = {value: count for (value,), count in ledger.count_by(dimension).items()}
        told = aggregates.cells.get(dimension, {})
        for value in sorted(computed.keys() | told.keys()):
            if not agrees(told.get(value, 0), computed.get(value, 0)):
                found.append(f"{dimension} {value or '-'}: aggregates {told.get(value, 0)}, facts {computed.get(value, 0)}")
    return found


def _shorten(faults: list[str]) -> tuple[str, ...]:
    more = len(faults) - _SHOWN
    return (*faults[:_SHOWN], f"and {more} more") if more > 0 else tuple(faults)
