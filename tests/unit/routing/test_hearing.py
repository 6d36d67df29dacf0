"""A batch of commands, heard one by one."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.routing.domain.hearing import Outcome, WaitingReply, answer_unusable, hear_replies, hear_updates
from services.routing.domain.sentences import SENTENCES
from shared.city import City
from shared.contracts.envelope import Event
from shared.contracts.events import AgencyUpdated, CitizenReplied
from shared.contracts.topics import updates
from shared.contracts.vocabulary import ReplyKind, Status, UpdateKind
from tests.unit.routing.conftest import RECEIVED_AT, NewCase

NOW = RECEIVED_AT + timedelta(hours=1)
CAUSE = UUID(int=5)


def said(kind: UpdateKind, aspiration: UUID, agency: str = "DPUPR", by: str | None = None, **fields: Any) -> Event[AgencyUpdated]:
    data = AgencyUpdated(update_id=uuid4(), aspiration_id=aspiration, agency=agency, kind=kind, **fields)
    return Event(uuid4(), "", updates(by or agency).name, b"", uuid4(), data)


def replied(kind: ReplyKind, aspiration: UUID, **fields: Any) -> WaitingReply:
    known: dict[str, Any] = {"reply_id": uuid4(), "aspiration_id": aspiration, "kind": kind, "at": NOW}
    return WaitingReply(CitizenReplied(**(known | fields)), CAUSE)


def test_each_update_is_heard_on_the_case_as_the_one_before_left_it(new_case: NewCase, city: City) -> None:
    case = new_case()
    events = [said(UpdateKind.ACCEPT, case.aspiration_id), said(UpdateKind.PROGRESS, case.aspiration_id)]
    outcome = hear_updates(events, {case.aspiration_id: case}, {}, city=city, now=NOW)
    assert outcome.changed[case.aspiration_id].status is Status.IN_PROGRESS
    assert outcome.changed[case.aspiration_id].ver == 4
    backwards = hear_updates(events[::-1], {case.aspiration_id: case}, {}, city=city, now=NOW)
    assert [command.reason for command in backwards.refused] == ["not_now"]


def test_nothing_said_changes_nothing(city: City) -> None:
    assert hear_updates([], {}, {}, city=city, now=NOW) == Outcome()


@pytest.mark.parametrize("claimed", ["DPUPR", "dishub", "", "DISHUB "])
def test_the_topic_is_the_agencys_identity_whatever_the_update_claims(new_case: NewCase, city: City, claimed: str) -> None:
    case = new_case(agency="DPUPR")
    event = said(UpdateKind.ACCEPT, case.aspiration_id, claimed, by="DISHUB")
    outcome = hear_updates([event], {case.aspiration_id: case}, {}, city=city, now=NOW)
    assert not outcome.changed
    assert [(command.sender, command.reason) for command in outcome.refused] == [("DISHUB", "other_agency")]
    assert [record.topic for record in outcome.records] == ["agency.dishub.assignments.v1"]


def test_a_reply_is_judged_by_when_it_was_said_and_never_by_a_time_to_come(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.RESOLVED, resolved_at=RECEIVED_AT)
    late = RECEIVED_AT + timedelta(days=60)
    in_time = hear_replies([replied(ReplyKind.DISPUTE, case.aspiration_id)], {case.aspiration_id: case}, city=city, now=late)
    assert in_time.changed[case.aspiration_id].status is Status.IN_PROGRESS
    tomorrow = replied(ReplyKind.DISPUTE, case.aspiration_id, at=late)
    early = hear_replies([tomorrow], {case.aspiration_id: case}, city=city, now=NOW)
    assert early.changed[case.aspiration_id].at == NOW


@pytest.mark.parametrize("kind", ReplyKind)
@pytest.mark.parametrize("status", Status)
def test_every_refusal_of_a_citizen_has_its_sentence(new_case: NewCase, city: City, kind: ReplyKind, status: Status) -> None:
    case = new_case(status=status, resolved_at=RECEIVED_AT - timedelta(days=90))
    outcome = hear_replies([replied(kind, case.aspiration_id)], {case.aspiration_id: case}, city=city, now=NOW)
    assert {command.reason for command in outcome.refused} <= set(SENTENCES)
    assert kind is not ReplyKind.SUPPORT or outcome == Outcome()


@pytest.mark.parametrize(
    "value",
    [None, b"", b"not JSON", b"[" * 5000, b'{"update_id": 7}', b'{"update_id": "00000000-0000-0000-0000-000000000001"}', b"\xff"],
)
def test_who_cannot_be_told_which_update_was_meant_is_told_nothing(value: bytes | None) -> None:
    assert answer_unusable(updates("DLH").name, value, cause=CAUSE, now=NOW) == []


def test_an_unusable_update_that_names_itself_is_answered() -> None:
    value = b'{"update_id": "00000000-0000-0000-0000-000000000001", "aspiration_id": "00000000-0000-0000-0000-000000000002"}'
    (told,) = answer_unusable(updates("DLH").name, value, cause=CAUSE, now=NOW)
    assert told.topic == "agency.dlh.assignments.v1"
    assert told.headers["ce_type"] == "serap.assignment.update_refused.v1"
