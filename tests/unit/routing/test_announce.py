"""Who hears of a step, in which words."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.routing.domain.announce import ANSWERED_BY, CITIZEN, RefusedCommand, Story, announce, refuse_reply, refuse_update
from services.routing.domain.case import Case, Step
from services.routing.domain.commands import (
    Accept,
    Ask,
    Assign,
    Command,
    Confirm,
    Dispute,
    Progress,
    Reject,
    Reply,
    Resolve,
    Return,
    Withdraw,
)
from services.routing.domain.lifecycle import RefusalReason, apply
from services.routing.domain.sentences import SENTENCES
from shared.city import City
from shared.contracts.envelope import Record
from shared.contracts.topics import LIFECYCLE, event_types
from shared.contracts.vocabulary import Actor, Fact, Language, Status
from tests.unit.routing.conftest import RECEIVED_AT, NewCase

NOW = RECEIVED_AT + timedelta(hours=1)
CAUSE = UUID(int=5)
DPUPR, DISHUB = "agency.dpupr.assignments.v1", "agency.dishub.assignments.v1"
FACTS, ANSWERS = "aspirations.lifecycle.v1", "aspirations.answers.v1"


def taken(case: Case, command: Command, city: City) -> Step:
    step = apply(case, command, now=NOW, city=city)
    assert isinstance(step, Step), step
    return step


def data(record: Record) -> Any:
    assert record.value is not None
    return json.loads(record.value)


@pytest.mark.parametrize(
    ("status", "command", "topics"),
    [
        (Status.ASSIGNED, Accept("DPUPR"), [FACTS]),
        (Status.ASSIGNED, Progress("DPUPR"), [FACTS, ANSWERS]),
        (Status.ASSIGNED, Ask("DPUPR", "?"), [FACTS, ANSWERS]),
        (Status.ASSIGNED, Resolve("DPUPR", "ok"), [FACTS, ANSWERS]),
        (Status.ASSIGNED, Reject("DPUPR", "tidak"), [FACTS, ANSWERS]),
        (Status.ASSIGNED, Return("DPUPR"), [FACTS, DPUPR]),
        (Status.ASSIGNED, Assign("DISHUB", actor=Actor.OFFICER), [FACTS, DPUPR, DISHUB]),
        (Status.ASSIGNED, Assign("DPUPR", "drainase", actor=Actor.OFFICER), [FACTS, DPUPR]),
        (Status.ASSIGNED, Reply(), [FACTS, DPUPR]),
        (Status.ASSIGNED, Withdraw(), [FACTS, DPUPR]),
        (Status.RESOLVED, Confirm(), [FACTS, DPUPR]),
        (Status.RESOLVED, Dispute(), [FACTS, DPUPR]),
    ],
)
def test_every_step_is_told_to_everybody_and_to_those_whom_it_concerns(
    new_case: NewCase, city: City, status: Status, command: Command, topics: list[str]
) -> None:
    step = taken(new_case(status=status, resolved_at=RECEIVED_AT), command, city)
    records = announce(step, cause=CAUSE, text="kata")
    assert [record.topic for record in records] == topics
    assert {record.key for record in records} == {str(step.case.aspiration_id).encode()}
    assert {record.headers["ce_correlationid"] for record in records} == {str(step.case.correlation_id)}
    assert {record.headers["ce_causationid"] for record in records} == {str(CAUSE)}
    assert len({record.headers["ce_id"] for record in records}) == len(records)
    assert announce(step, cause=CAUSE, text="kata") == records


@pytest.mark.parametrize(
    "command", [Reply(), Withdraw(), Return("DPUPR"), Reject(None, "bukan urusan kota", actor=Actor.OFFICER)]
)
def test_what_is_nobodys_is_told_to_no_agency(new_case: NewCase, city: City, command: Command) -> None:
    step = apply(new_case(status=Status.TRIAGE, agency=None), command, now=NOW, city=city)
    told = announce(step, cause=CAUSE) if isinstance(step, Step) else []
    assert not [record for record in told if record.topic.startswith("agency")]


def test_a_lifecycle_fact_is_named_by_its_type_and_carries_no_text(new_case: NewCase, city: City) -> None:
    step = taken(new_case(), Ask("DPUPR", "Di rumah siapa?"), city)
    fact = announce(step, cause=CAUSE, text="Di rumah siapa?")[0]
    assert fact.headers["ce_type"] == "serap.aspiration.asked.v1" in event_types(LIFECYCLE)
    assert b"rumah" not in (fact.value or b"")


def test_the_agency_reads_the_story_and_the_place_as_routing_knows_it(new_case: NewCase, city: City) -> None:
    step = taken(new_case(rw="4"), Assign("DISHUB", kelurahan="36.71.01.1001", actor=Actor.OFFICER), city)
    story = Story(step.case.aspiration_id, "Gelap sekali", "Lampu", -6.2, 106.6, "dekat pasar", ("foto-1",))
    told = data(announce(step, cause=CAUSE, text="rahasia petugas", story=story)[-1])
    assert (told["text"], told["title"], told["photos"]) == ("Gelap sekali", "Lampu", ["foto-1"])
    assert told["place"] == {
        "lat": -6.2, "lng": 106.6, "kelurahan": "36.71.01.1001", "kecamatan": "36.71.01", "rw": "4", "words": "dekat pasar",
    }  # fmt: skip


def test_only_what_an_agency_says_to_the_citizen_is_an_answer() -> None:
    assert set(ANSWERED_BY) == {Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED}


def test_an_answer_says_who_what_and_why_and_is_empty_where_the_agency_wrote_nothing(new_case: NewCase, city: City) -> None:
    rejected = data(announce(taken(new_case(), Reject("DPUPR", "x", "duplicate"), city), cause=CAUSE, text="Sudah ada.")[1])
    assert (rejected["kind"], rejected["agency"], rejected["text"], rejected["reason"], rejected["ver"]) == (
        "rejection", "DPUPR", "Sudah ada.", "duplicate", 3,
    )  # fmt: skip
    assert data(announce(taken(new_case(), Progress("DPUPR"), city), cause=CAUSE)[1])["text"] == ""


def test_each_refused_update_is_an_event_of_its_own_also_at_the_same_ver(new_case: NewCase) -> None:
    case = new_case()
    refused = [
        RefusedCommand(sender, UUID(int=number), case.aspiration_id, "accept", RefusalReason.NOT_NOW, case.correlation_id)
        for sender in ("DPUPR", "DISHUB")
        for number in (1, 2)
    ]
    ids = {refuse_update(command, case, cause=CAUSE, now=NOW).headers["ce_id"] for command in refused}
    assert len(ids) == 4


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", SENTENCES)
def test_a_refused_citizen_reads_a_sentence_in_their_language(
    new_case: NewCase, language: Language, reason: RefusalReason
) -> None:
    command = RefusedCommand(CITIZEN, UUID(int=1), new_case().aspiration_id, "confirm", reason, CAUSE)
    told = data(refuse_reply(command, new_case(language=language), cause=CAUSE, now=NOW))
    assert told["text"] == SENTENCES[reason][language]
    assert (told["kind"], told["reason"], told["reply_id"]) == ("refusal", reason, str(UUID(int=1)))
