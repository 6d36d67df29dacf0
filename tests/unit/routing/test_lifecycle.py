"""The law of an aspiration's life."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

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
    Triage,
    Withdraw,
)
from services.routing.domain.lifecycle import Refusal, RefusalReason, apply
from shared.city import City
from shared.contracts.vocabulary import Actor, AspirationType, Fact, Status
from tests.unit.routing.conftest import RECEIVED_AT, NewCase

JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = timedelta(days=1)
LATER = RECEIVED_AT + timedelta(hours=1)
DONE = "Sudah kami tambal pagi ini."


def taken(case: Case, command: Command, city: City, now: datetime = LATER) -> Step:
    """The step, where the law allows it."""
    step = apply(case, command, now=now, city=city)
    assert isinstance(step, Step), step
    return step


def refused(case: Case, command: Command, city: City, now: datetime = LATER) -> RefusalReason:
    """Why the law does not allow it."""
    refusal = apply(case, command, now=now, city=city)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


def test_an_aspiration_goes_from_assignment_to_confirmation(new_case: NewCase, city: City) -> None:
    case, facts = new_case(), []
    for command in (Accept("DPUPR"), Progress("DPUPR", "Sedang dikerjakan."), Resolve("DPUPR", DONE), Confirm()):
        step = taken(case, command, city)
        case = step.case
        facts.append((step.fact.ver, step.fact.fact, step.fact.status, step.fact.actor))
    assert facts == [
        (3, Fact.ACCEPTED, Status.ACCEPTED, Actor.AGENCY),
        (4, Fact.PROGRESSED, Status.IN_PROGRESS, Actor.AGENCY),
        (5, Fact.RESOLVED, Status.RESOLVED, Actor.AGENCY),
        (6, Fact.CONFIRMED, Status.CLOSED, Actor.CITIZEN),
    ]


def test_a_fact_says_from_where_the_case_came(new_case: NewCase, city: City) -> None:
    fact = taken(new_case(), Accept("DPUPR"), city).fact
    assert (fact.prev_status, fact.prev_at, fact.at) == (Status.ASSIGNED, RECEIVED_AT, LATER)


def test_the_result_of_a_question_is_an_answer(new_case: NewCase, city: City) -> None:
    step = taken(new_case(type=AspirationType.QUESTION), Resolve("DPUPR", DONE), city)
    assert (step.fact.fact, step.fact.status) == (Fact.ANSWERED, Status.RESOLVED)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.REJECTED, Status.MERGED, Status.WITHDRAWN])
def test_nothing_leaves_a_terminal_state(new_case: NewCase, city: City, status: Status) -> None:
    assert refused(new_case(status=status), Withdraw(), city) is RefusalReason.CLOSED


def test_an_agency_that_is_not_the_assignee_is_refused(new_case: NewCase, city: City) -> None:
    assert refused(new_case(), Accept("DLH"), city) is RefusalReason.NOT_YOURS


def test_an_agency_without_a_name_rejects_nothing(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.TRIAGE, agency=None)
    assert refused(case, Reject(None, "Bukan urusan kota."), city) is RefusalReason.NOT_YOURS


def test_a_triage_officer_may_reject_what_no_agency_has(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.TRIAGE, agency=None)
    step = taken(case, Reject(None, "Bukan urusan kota.", "not_city_matter", Actor.OFFICER), city)
    assert (step.fact.fact, step.fact.actor, step.fact.reason) == (Fact.REJECTED, Actor.OFFICER, "not_city_matter")


def test_a_step_that_the_table_does_not_have_is_refused(new_case: NewCase, city: City) -> None:
    assert refused(new_case(), Confirm(), city) is RefusalReason.NOT_NOW
    assert refused(new_case(status=Status.IN_PROGRESS), Return("DPUPR"), city) is RefusalReason.NOT_NOW


@pytest.mark.parametrize("command", [Ask("DPUPR", None), Resolve("DPUPR", " "), Reject("DPUPR", "")])
def test_a_citizen_is_never_told_an_empty_message(new_case: NewCase, city: City, command: Command) -> None:
    assert refused(new_case(), command, city) is RefusalReason.TEXT_MISSING


def test_a_returned_aspiration_belongs_to_nobody_but_its_fact_names_who_returned_it(new_case: NewCase, city: City) -> None:
    step = taken(new_case(), Return("DPUPR", "not_our_task"), city)
    assert (step.case.status, step.case.agency) == (Status.TRIAGE, None)
    assert (step.fact.fact, step.fact.agency, step.fact.reason) == (Fact.RETURNED, "DPUPR", "not_our_task")
    assert refused(step.case, Accept("DPUPR"), city) is RefusalReason.NOT_YOURS


def test_an_aspiration_can_be_returned_three_times_then_the_persons_decision_stands(new_case: NewCase, city: City) -> None:
    case = new_case()
    for _ in range(3):
        case = taken(case, Return("DPUPR", "not_our_task"), city).case
        case = taken(case, Assign("DPUPR", actor=Actor.OFFICER), city).case
    assert refused(case, Return("DPUPR", "not_our_task"), city) is RefusalReason.RETURNED_TOO_OFTEN
    assert taken(case, Accept("DPUPR"), city).case.status is Status.ACCEPTED


def test_returns_and_comments_do_not_move_the_due_dates(new_case: NewCase, city: City) -> None:
    case = new_case()
    returned = taken(case, Return("DPUPR"), city, RECEIVED_AT + 3 * DAY).case
    again = taken(returned, Assign("DPUPR"), city, RECEIVED_AT + 4 * DAY).case
    commented = taken(again, Reply(), city, RECEIVED_AT + 8 * DAY).case
    assert (commented.due_answer_at, commented.due_resolve_at) == (case.due_answer_at, case.due_resolve_at)
    assert commented.status is Status.ASSIGNED


def test_waiting_for_the_citizen_pauses_the_clocks(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.IN_PROGRESS)
    asked = taken(case, Ask("DPUPR", "Di sebelah mana?"), city, RECEIVED_AT).case
    assert (asked.status, asked.waiting_since, asked.due_resolve_at) == (Status.WAITING_CITIZEN, RECEIVED_AT, case.due_resolve_at)
    replied = taken(asked, Reply(), city, RECEIVED_AT + 7 * DAY).case  # five working days later
    assert replied.status is Status.IN_PROGRESS
    assert replied.waiting_since is None
    assert city.calendar.working_days_between(case.due_resolve_at, replied.due_resolve_at) == 5
    assert city.calendar.working_days_between(case.due_answer_at, replied.due_answer_at) == 5


def test_a_second_question_does_not_start_the_pause_anew(new_case: NewCase, city: City) -> None:
    asked = taken(new_case(), Ask("DPUPR", "Di mana?"), city, RECEIVED_AT).case
    again = taken(asked, Ask("DPUPR", "Sejak kapan?"), city, RECEIVED_AT + 3 * DAY).case
    assert again.waiting_since == RECEIVED_AT
    assert taken(again, Reply(), city, RECEIVED_AT + 4 * DAY).case.status is Status.ASSIGNED


def test_an_agency_that_goes_on_without_the_answer_ends_the_pause(new_case: NewCase, city: City) -> None:
    asked = taken(new_case(), Ask("DPUPR", "Di mana?"), city, RECEIVED_AT).case
    going_on = taken(asked, Progress("DPUPR"), city, RECEIVED_AT + 2 * DAY).case
    assert (going_on.status, going_on.waiting_since, going_on.paused_days) == (Status.IN_PROGRESS, None, 2)


def test_a_dispute_within_the_window_reopens_and_the_days_in_between_do_not_count(new_case: NewCase, city: City) -> None:
    case = new_case()
    resolved = taken(case, Resolve("DPUPR", DONE), city, RECEIVED_AT).case
    reopened = taken(resolved, Dispute(), city, RECEIVED_AT + 3 * DAY)
    assert (reopened.fact.fact, reopened.case.status, reopened.case.agency) == (Fact.DISPUTED, Status.IN_PROGRESS, "DPUPR")
    assert city.calendar.working_days_between(case.due_resolve_at, reopened.case.due_resolve_at) == 3


def test_a_dispute_after_the_window_is_refused(new_case: NewCase, city: City) -> None:
    resolved = taken(new_case(), Resolve("DPUPR", DONE), city, RECEIVED_AT).case
    last_moment = datetime(2026, 2, 18, 16, 0, tzinfo=JAKARTA)  # ten working days; Imlek and its joint leave lie between
    assert taken(resolved, Dispute(), city, last_moment).case.status is Status.IN_PROGRESS
    assert refused(resolved, Dispute(), city, last_moment + timedelta(seconds=1)) is RefusalReason.WINDOW_OVER


def test_a_new_topic_has_its_own_due_dates_counted_from_receipt(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.TRIAGE, agency=None, topic=None)
    step = taken(case, Assign("BPBD", "kebakaran_penyelamatan", actor=Actor.OFFICER), city, RECEIVED_AT + 4 * DAY)
    assert step.case.topic == "kebakaran_penyelamatan"
    assert step.case.due_answer_at == city.calendar.due_at(RECEIVED_AT, 1)
    assert step.case.due_resolve_at == city.calendar.due_at(RECEIVED_AT, 2)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Assign("PUPR"), RefusalReason.UNKNOWN_AGENCY),
        (Assign("DPUPR", "jalan_mulus"), RefusalReason.UNKNOWN_TOPIC),
        (Assign("DPUPR", kelurahan="36.71.99.1001"), RefusalReason.UNKNOWN_KELURAHAN),
        (Assign("KEWILAYAHAN"), RefusalReason.PLACE_UNKNOWN),
    ],
)
def test_an_assignment_that_leads_nowhere_is_refused(
    new_case: NewCase, city: City, command: Assign, reason: RefusalReason
) -> None:
    case = new_case(status=Status.TRIAGE, agency=None, kelurahan=None, kecamatan=None)
    assert refused(case, command, city) is reason


def test_a_person_can_say_where_it_is_while_assigning(new_case: NewCase, city: City) -> None:
    case = new_case(status=Status.TRIAGE, agency=None, kelurahan=None, kecamatan=None)
    step = taken(case, Assign("KEWILAYAHAN", "rt_rw", "36.71.08.1002", actor=Actor.OFFICER), city)
    assert (step.fact.agency, step.fact.kelurahan, step.fact.kecamatan) == ("KEWILAYAHAN", "36.71.08.1002", "36.71.08")


def test_the_machine_sends_a_received_case_to_triage_with_its_reason(new_case: NewCase, city: City) -> None:
    step = taken(new_case(ver=1, status=Status.RECEIVED, agency=None), Triage("unsure"), city)
    assert (step.fact.fact, step.fact.status, step.fact.reason) == (Fact.TRIAGED, Status.TRIAGE, "unsure")


def test_a_clock_that_runs_behind_does_not_turn_time_back(new_case: NewCase, city: City) -> None:
    step = taken(new_case(), Accept("DPUPR"), city, RECEIVED_AT - DAY)
    assert step.fact.at == step.fact.prev_at == RECEIVED_AT
