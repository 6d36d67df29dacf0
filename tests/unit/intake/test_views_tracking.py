"""The tracking page as values: what happened, by when, whose turn it is, and who may see what."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.case import OwnText
from services.intake.views.reply import read_reply
from services.intake.views.timeline import timeline
from services.intake.views.tracking import ACTIONS, TrackingView, tracking_view
from shared.city import City
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import TERMINAL, Actor, AnswerKind, Fact, ReplyKind, Role, Status

ID = UUID(int=7)
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OWN = OwnText("Lampu mati.", "web")
RESOLVED = [
    (Fact.RECEIVED, Status.RECEIVED),
    (Fact.ASSIGNED, Status.ASSIGNED),
    (Fact.ACCEPTED, Status.ACCEPTED),
    (Fact.RESOLVED, Status.RESOLVED),
]


def facts(steps: Sequence[tuple[Fact, Status]], **more: Any) -> list[LifecycleFact]:
    """One an hour; from the second on an agency has it."""
    return [
        LifecycleFact(
            aspiration_id=ID, fact=fact, ver=ver, status=status, at=START + timedelta(hours=ver), received_at=START,
            channel="web", role=Role.RESIDENT, actor=Actor.SYSTEM, agency="DPUPR" if ver > 1 else None,
            topic="drainase" if ver > 1 else None, due_resolve_at=START + timedelta(days=20) if ver > 1 else None, **more,
        )
        for ver, (fact, status) in enumerate(steps, 1)
    ]  # fmt: skip


def reply(kind: ReplyKind, number: int = 1, text: str | None = "Kata warga.") -> CitizenReplied:
    return CitizenReplied(reply_id=UUID(int=number), aspiration_id=ID, kind=kind, text=text, at=START + timedelta(hours=9))


def answer(ver: int, kind: AnswerKind, text: str, **more: Any) -> AgencyAnswered:
    return AgencyAnswered(aspiration_id=ID, ver=ver, kind=kind, agency="DPUPR", text=text, at=START, **more)


def view(city: City, told: Sequence[LifecycleFact], now: datetime = START + timedelta(hours=10), **more: Any) -> TrackingView:
    return tracking_view(code="TGR", received_at=START, facts=told, city=city, now=now, **{"own": OWN, **more})


def test_without_the_pin_no_words_and_no_actions_show(city: City) -> None:
    locked = view(city, facts(RESOLVED), own=None, answers=[answer(4, AnswerKind.RESULT, "Rahasia.")])
    assert all(event.quote is None for event in locked.events)
    assert (locked.latest_words, locked.actions, locked.topic) == (None, frozenset(), None)


def test_the_order_of_arrival_does_not_matter(city: City) -> None:
    told = facts(RESOLVED)
    assert view(city, told[::-1]) == view(city, told)


def test_before_the_first_fact_it_is_received(city: City) -> None:
    fresh = view(city, [])
    assert (fresh.status, fresh.headline, [e.key for e in fresh.events]) == (
        Status.RECEIVED, "headline_received", ["event.received"],
    )  # fmt: skip


def test_the_newest_event_stands_first_with_the_agencys_words(city: City) -> None:
    events = timeline(facts(RESOLVED), [answer(4, AnswerKind.RESULT, "Sudah diganti.")], [], city)
    assert [event.key for event in events] == ["event.resolved", "event.accepted", "event.assigned", "event.received"]
    assert (events[0].quote, events[0].agency) == ("Sudah diganti.", "DPUPR")


def test_it_says_why_an_agency_was_chosen(city: City) -> None:
    [assigned, _] = timeline(facts(RESOLVED[:2], reason="classifier"), [], [], city)
    assert assigned.why == "reason.classifier"
    assert assigned.topic == city.topics["drainase"]


def test_the_matter_of_a_confidential_report_is_hidden_without_the_pin(city: City) -> None:
    [assigned, _] = timeline(facts(RESOLVED[:2], reason="classifier", confidential=True), [], [], city, opened=False)
    assert (assigned.why, assigned.topic, assigned.agency) == ("reason.content", None, "")
    assert assigned.key == "event.assigned_nobody"


def test_a_reply_is_on_its_way_until_its_fact_comes_back(city: City) -> None:
    waiting = view(city, facts(RESOLVED), replies=[reply(ReplyKind.CONFIRM)])
    assert (waiting.headline, waiting.on_its_way, waiting.actions) == ("headline_on_its_way", True, frozenset())
    assert waiting.events[0].key == "event.on_its_way"
    done = view(city, facts([*RESOLVED, (Fact.CONFIRMED, Status.CLOSED)]), replies=[reply(ReplyKind.CONFIRM)])
    assert (done.headline, done.on_its_way, done.step) == ("headline_confirmed", False, 6)
    assert done.events[0].quote == "Kata warga."


def test_a_refused_reply_says_why_and_gives_the_turn_back(city: City) -> None:
    refusal = answer(4, AnswerKind.REFUSAL, "", reason="window_over", reply_id=UUID(int=1))
    refused = view(city, facts(RESOLVED), replies=[reply(ReplyKind.DISPUTE)], answers=[refusal])
    assert not refused.on_its_way
    assert refused.actions == ACTIONS[Status.RESOLVED]
    [shown] = [event for event in refused.events if event.key == "event.refused"]
    assert (shown.why, shown.quote) == ("refused.window_over", "Kata warga.")


def test_a_refusal_is_not_taken_for_the_agencys_latest_words(city: City) -> None:
    answers = [answer(4, AnswerKind.RESULT, "Sudah diganti."), answer(5, AnswerKind.REFUSAL, "", reason="not_now")]
    assert view(city, facts(RESOLVED), answers=answers).latest_words == "Sudah diganti."


def test_closed_is_not_confirmed(city: City) -> None:
    silent = view(city, facts([*RESOLVED, (Fact.CLOSED_UNCONFIRMED, Status.CLOSED)]))
    assert (silent.headline, silent.look.word, silent.step) == ("headline_closed", "closed_unconfirmed", None)


def test_lateness_is_said_first(city: City) -> None:
    late = view(city, facts(RESOLVED[:3]), now=START + timedelta(days=40))
    assert (late.headline, late.overdue, late.look.word) == ("headline_overdue", True, "overdue")


def test_the_citizens_turn_is_never_late(city: City) -> None:
    assert not view(city, facts(RESOLVED), now=START + timedelta(days=400)).overdue


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_can_be_done_after_the_end(city: City, status: Status) -> None:
    assert view(city, facts([*RESOLVED, (Fact.WITHDRAWN, status)])).actions == frozenset()


@pytest.mark.parametrize(
    ("data", "kind", "text", "rating"),
    [
        ({"kind": "confirm", "rating": "5"}, ReplyKind.CONFIRM, None, 5),
        ({"kind": "confirm", "rating": "6"}, ReplyKind.CONFIRM, None, None),
        ({"kind": "dispute", "rating": "5", "text": " Masih. "}, ReplyKind.DISPUTE, "Masih.", None),
        ({"kind": "partly"}, ReplyKind.DISPUTE, "Baru sebagian teratasi.", None),
        ({"kind": "withdraw"}, ReplyKind.WITHDRAW, None, None),
    ],
)
def test_a_reply_is_read(data: dict[str, str], kind: ReplyKind, text: str | None, rating: int | None) -> None:
    said = read_reply(data)
    assert (said.kind, said.text, said.rating, said.errors) == (kind, text, rating, ())


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "kind"),
        ({"kind": "support"}, "kind"),
        ({"kind": "answer", "text": " "}, "text"),
        ({"kind": "dispute", "text": "\x00"}, "text"),
        ({"kind": "dispute", "text": "a" * 10_001}, "text"),
    ],
)
def test_a_reply_that_cannot_be_sent_names_its_field(data: dict[str, str], field: str) -> None:
    assert [error.field for error in read_reply(data).errors] == [field]
