"""What holds for every case and every order of commands."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.routing.domain.case import Step
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
from services.routing.domain.lifecycle import FACTS, TRANSITIONS, Refusal, apply
from shared.city import City
from shared.contracts.vocabulary import TERMINAL, Actor, AspirationType, Status
from tests.unit.routing.conftest import RECEIVED_AT, NewCase

AGENCY = st.sampled_from(["DPUPR", "DLH", "KEWILAYAHAN", "PUPR", ""])
MAYBE_AGENCY = st.none() | AGENCY
TEXT = st.none() | st.text(max_size=5)
TOPIC = st.sampled_from([None, "banjir", "rt_rw", "jalan_mulus"])
KELURAHAN = st.sampled_from([None, "36.71.08.1002", "x"])
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(Assign, AGENCY, TOPIC, KELURAHAN),
    st.builds(Triage, st.text(max_size=5)),
    st.builds(Accept, AGENCY),
    st.builds(Return, AGENCY, st.text(max_size=5), MAYBE_AGENCY),
    st.builds(Ask, AGENCY, TEXT),
    st.builds(Progress, AGENCY, TEXT),
    st.builds(Resolve, AGENCY, TEXT),
    st.builds(Reject, MAYBE_AGENCY, TEXT, st.text(max_size=5), st.sampled_from([Actor.AGENCY, Actor.OFFICER])),
    st.sampled_from([Reply(), Confirm(), Dispute(), Withdraw()]),
)
LIVES = st.lists(st.tuples(COMMANDS, st.timedeltas(timedelta(days=-2), timedelta(days=30))), max_size=25)
TYPES = st.none() | st.sampled_from(AspirationType)

# A failing example is printed with its fixtures, and the whole city is long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(LIVES, TYPES)
def test_ver_is_gapless_time_goes_on_and_every_fact_follows_from_the_one_before(
    new_case: NewCase, city: City, life: list[tuple[Command, timedelta]], kind: AspirationType | None
) -> None:
    case, now = new_case(ver=1, status=Status.RECEIVED, agency=None, type=kind), RECEIVED_AT
    for command, passed in life:
        now += passed
        step = apply(case, command, now=now, city=city)
        if isinstance(step, Refusal):
            continue
        fact = step.fact
        assert fact.ver == step.case.ver == case.ver + 1
        assert (fact.prev_status, fact.prev_at) == (case.status, case.at)
        assert fact.status == step.case.status
        assert fact.at == step.case.at >= case.at
        assert step.case.aspiration_id == case.aspiration_id
        case = step.case


@many
@given(COMMANDS, st.sampled_from(sorted(TERMINAL)), TYPES)
def test_no_command_leaves_a_terminal_state(
    new_case: NewCase, city: City, command: Command, status: Status, kind: AspirationType | None
) -> None:
    assert isinstance(apply(new_case(status=status, type=kind), command, now=RECEIVED_AT, city=city), Refusal)


@many
@given(LIVES)
def test_a_case_waits_for_the_citizen_exactly_while_a_question_is_open(
    new_case: NewCase, city: City, life: list[tuple[Command, timedelta]]
) -> None:
    case, now = new_case(), RECEIVED_AT
    for command, passed in life:
        now += abs(passed)
        step = apply(case, command, now=now, city=city)
        if isinstance(step, Step):
            case = step.case
        assert (
            (case.status is Status.WAITING_CITIZEN) == (case.waiting_since is not None) == (case.status_before_wait is not None)
        )


@many
@given(LIVES)
def test_due_dates_only_move_by_the_days_that_the_city_waited(
    new_case: NewCase, city: City, life: list[tuple[Command, timedelta]]
) -> None:
    case, now = new_case(), RECEIVED_AT
    for command, passed in life:
        now += abs(passed)
        step = apply(case, command, now=now, city=city)
        if isinstance(step, Step):
            case = step.case
            promise = city.promise(case.topic, case.agency)
            if case.agency:  # one that is nobody's keeps the dates it had
                assert case.due_resolve_at == city.calendar.due_at(RECEIVED_AT, promise.resolve + case.paused_days)


@many
@given(LIVES)
def test_an_agency_moves_only_what_is_its_own(new_case: NewCase, city: City, life: list[tuple[Command, timedelta]]) -> None:
    case, now = new_case(), RECEIVED_AT
    for command, passed in life:
        now += abs(passed)
        step = apply(case, command, now=now, city=city)
        if isinstance(step, Step):
            assert command.actor is not Actor.AGENCY or getattr(command, "agency", None) == case.agency
            case = step.case


def test_every_command_of_the_table_has_a_fact_and_every_status_that_is_not_terminal_a_way_on() -> None:
    assert {command for _, command in TRANSITIONS} == set(FACTS)
    assert {status for status, _ in TRANSITIONS} == set(Status) - TERMINAL
