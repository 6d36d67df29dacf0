"""The auditor's judgement: whatever is lost, doubled or miscounted must show, and nothing else."""

from uuid import UUID, uuid4

import pytest

from serap.demo.journal import Accepted, Journal
from serap.demo.ledger import Ledger
from serap.demo.verdict import Aggregates, Judge, Verdict
from serap.demo.voices import Spoken
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import Fact, Outcome, Status
from tests.unit.serap.life import ended, fact

TOLD = frozenset({Fact.RECEIVED, Fact.ASSIGNED, Fact.RESOLVED})
JUDGE = Judge(TOLD.__contains__, lambda number, life: life.status in (Status.RESOLVED, Status.TRIAGE))


class World:
    """One voice that goes the whole way; tests then take something away or add something."""

    def __init__(self) -> None:
        self.journal, self.ledger = Journal(), Ledger()
        self.id = uuid4()
        self.aggregates = Aggregates(1, {"status": {"resolved": "<5"}, "agency": {"DISHUB": "<5"}})
        self.hand_in("a", self.id)
        self.event_ids = [uuid4() for _ in range(6)]
        self.tell(self.id, Fact.RECEIVED, Fact.ASSIGNED, Fact.ACCEPTED, Fact.RESOLVED)

    def hand_in(self, key: str, aspiration_id: UUID | None) -> None:
        self.journal.intend(Spoken(len(self.journal.entries), key, Submission(text="x", channel="web", spoken_at=None)))
        if aspiration_id:
            self.journal.accept(key, Accepted(aspiration_id, "TGR-A", "123456"))

    def tell(self, aspiration_id: UUID, *facts: Fact, missing: int = 0) -> None:
        status = {
            Fact.RECEIVED: Status.RECEIVED, Fact.ASSIGNED: Status.ASSIGNED, Fact.ACCEPTED: Status.ACCEPTED,
            Fact.RESOLVED: Status.RESOLVED, Fact.TRIAGED: Status.TRIAGE,
        }  # fmt: skip
        for ver, what in enumerate(facts, 1):
            if ver != missing:
                agency = "DISHUB" if ver > 1 and what is not Fact.TRIAGED else None
                self.ledger.note_fact(uuid4(), fact(aspiration_id, ver, what, status[what], agency))
                if what in TOLD:
                    self.ledger.note_outcome(uuid4(), ended(aspiration_id, ver, what))

    def verdict(self) -> Verdict:
        return JUDGE.verdict(self.journal, self.ledger, self.aggregates)


@pytest.fixture
def world() -> World:
    return World()


def test_a_voice_that_went_the_whole_way_once_is_good(world: World) -> None:
    verdict = world.verdict()
    assert verdict.good, verdict.faults
    assert verdict.table() == {
        "accepted": 1, "assigned": 1, "triaged": 0, "answered": 1, "notified": 1, "aggregated": 1, "lost": 0, "doubled": 0,
    }  # fmt: skip


def test_one_in_triage_has_gone_the_whole_way_too(world: World) -> None:
    other = uuid4()
    world.hand_in("b", other)
    world.tell(other, Fact.RECEIVED, Fact.TRIAGED)
    world.aggregates = Aggregates(2, {"status": {"resolved": "<5", "triage": "<5"}, "agency": {"DISHUB": "<5", "": "<5"}})
    verdict = world.verdict()
    assert (verdict.good, verdict.assigned, verdict.triaged, verdict.answered) == (True, 1, 1, 1), verdict.faults


def test_an_accepted_one_of_which_no_fact_is_known_is_lost(world: World) -> None:
    world.hand_in("b", uuid4())
    verdict = world.verdict()
    assert (verdict.lost, verdict.doubled) == (1, 0)
    assert "no fact is known" in " ".join(verdict.faults)


def test_one_without_an_answer_of_intake_is_lost(world: World) -> None:
    world.hand_in("b", None)
    assert world.verdict().lost == 1
    assert "b: no answer" in world.verdict().faults


def test_a_refused_one_says_why(world: World) -> None:
    world.hand_in("b", None)
    world.journal.refuse("b", "422 text")
    assert "b: 422 text" in world.verdict().faults


def test_a_gap_among_the_versions_is_a_loss(world: World) -> None:
    other = uuid4()
    world.hand_in("b", other)
    world.tell(other, Fact.RECEIVED, Fact.ASSIGNED, Fact.ACCEPTED, Fact.RESOLVED, missing=3)
    assert world.verdict().lost == 1
    assert "facts [3] are missing" in " ".join(world.verdict().faults)


def test_a_fact_whose_citizen_was_not_told_is_a_loss(world: World) -> None:
    del world.ledger.lives[world.id].outcomes[4]
    assert (world.verdict().lost, world.verdict().notified) == (1, 0)


def test_one_that_stands_still_halfway_is_a_loss(world: World) -> None:
    other = uuid4()
    world.hand_in("b", other)
    world.tell(other, Fact.RECEIVED, Fact.ASSIGNED)
    assert "stands at assigned, ver 2" in " ".join(world.verdict().faults)


def test_another_event_at_the_same_version_is_a_double(world: World) -> None:
    world.ledger.note_fact(uuid4(), fact(world.id, 2, Fact.TRIAGED, Status.TRIAGE))
    assert (world.verdict().doubled, world.verdict().lost) == (1, 0)
    assert not world.verdict().good


def test_a_second_received_is_a_double(world: World) -> None:
    world.ledger.note_fact(uuid4(), fact(world.id, 5, Fact.RECEIVED, Status.RESOLVED))
    assert world.verdict().doubled == 1


def test_a_second_outcome_is_a_double(world: World) -> None:
    world.ledger.note_outcome(uuid4(), ended(world.id, 1, Fact.RECEIVED, Outcome.UNKNOWN))
    assert world.verdict().doubled == 1


def test_the_same_event_again_is_nothing_but_with_other_words_it_is_a_double(world: World) -> None:
    event_id, what = uuid4(), fact(world.id, 5, Fact.RESOLVED, Status.RESOLVED, "DISHUB")
    for _ in range(2):
        world.ledger.note_fact(event_id, what)
    world.ledger.note_outcome(uuid4(), ended(world.id, 5, Fact.RESOLVED))
    assert world.verdict().good, world.verdict().faults
    world.ledger.note_fact(event_id, what.model_copy(update={"agency": "DISDIK"}))
    assert world.verdict().doubled == 1


def test_two_keys_with_one_aspiration_are_a_double(world: World) -> None:
    world.hand_in("b", world.id)
    assert world.verdict().doubled == 1


def test_one_key_with_two_answers_is_a_double(world: World) -> None:
    world.journal.accept("a", Accepted(uuid4(), "TGR-B", "123456"))
    assert world.verdict().doubled == 1


def test_the_same_answer_again_is_nothing(world: World) -> None:
    world.journal.accept("a", Accepted(world.id, "TGR-A", "123456"))
    assert world.verdict().good


def test_an_aspiration_that_is_not_counted_is_lost_and_one_counted_twice_is_doubled(world: World) -> None:
    world.aggregates = Aggregates(0, world.aggregates.cells)
    assert (world.verdict().lost, world.verdict().doubled) == (1, 0)
    world.aggregates = Aggregates(2, world.aggregates.cells)
    assert (world.verdict().lost, world.verdict().doubled) == (0, 1)


def test_a_wrong_cell_of_the_aggregates_shows(world: World) -> None:
    world.aggregates = Aggregates(1, {"status": {"assigned": "<5"}, "agency": {"DISHUB": "<5"}})
    assert world.verdict().faults == (
        "status assigned: aggregates <5, facts 0",
        "status resolved: aggregates 0, facts 1",
    )


def test_what_others_handed_in_is_counted_and_not_judged(world: World) -> None:
    world.tell(uuid4(), Fact.RECEIVED, Fact.ASSIGNED)
    cells = {"status": {"resolved": "<5", "assigned": "<5"}, "agency": {"DISHUB": "<5"}}
    world.aggregates = Aggregates(2, cells)
    verdict = world.verdict()
    assert (verdict.good, verdict.strangers, verdict.aggregated) == (True, 1, 1), verdict.faults


@pytest.mark.parametrize(("told", "good"), [(7, True), ("…", True), ("<5", False), (6, False)])
def test_a_guarded_cell_may_stand_for_any_count_that_is_not_small(world: World, told: int | str, good: bool) -> None:
    for number in range(6):
        key, aspiration_id = f"k{number}", uuid4()
        world.hand_in(key, aspiration_id)
        world.tell(aspiration_id, Fact.RECEIVED, Fact.ASSIGNED, Fact.ACCEPTED, Fact.RESOLVED)
    world.aggregates = Aggregates(7, {"status": {"resolved": told}, "agency": {"DISHUB": 7}})
    assert world.verdict().good is good


def test_many_faults_are_told_in_few_lines(world: World) -> None:
    for number in range(30):
        world.hand_in(f"k{number}", None)
    assert len(world.verdict().faults) == 11
    assert world.verdict().faults[-1] == "and 20 more"
