"""The law of an aspiration's life (D5): one table of transitions, and the pure function that applies it.

A new command (merge, remind, escalate, close unconfirmed) is a dataclass in `commands`, its rows here and its fact in FACTS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.routing.domain.case import Case, Step, step
from services.routing.domain.clocks import confirm_before, due_dates
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
    reason_of,
)
from shared.city import City
from shared.contracts.vocabulary import TERMINAL, Actor, AspirationType, Fact, Status


class RefusalReason(StrEnum):
    """Why a command is refused; a code that its sender sees."""

    CLOSED = "closed"  # nothing leaves a terminal state
    NOT_NOW = "not_now"  # the table has no such step from here
    NOT_YOURS = "not_yours"  # the agency is not the assignee
    UNKNOWN_AGENCY = "unknown_agency"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_KELURAHAN = "unknown_kelurahan"
    PLACE_UNKNOWN = "place_unknown"  # many offices behind the agency, and no kelurahan to choose by
    TEXT_MISSING = "text_missing"  # the citizen would read an empty message
    RETURNED_TOO_OFTEN = "returned_too_often"  # a person has decided; that stands
    WINDOW_OVER = "window_over"  # too late to dispute
    UNKNOWN_ASPIRATION = "unknown_aspiration"
    OTHER_AGENCY = "other_agency"  # the update claims an agency that does not own the topic it came by
    INVALID = "invalid"  # the update does not validate; it lies in the dead-letter topic


@dataclass(frozen=True, slots=True)
class Refusal:
    """An illegal command: recorded and shown to its sender, never silently dropped."""

    reason: RefusalReason


_OPEN = (Status.ASSIGNED, Status.ACCEPTED, Status.IN_PROGRESS)
_BEFORE_RESULT = (Status.RECEIVED, Status.TRIAGE, *_OPEN, Status.WAITING_CITIZEN)

TRANSITIONS: Mapping[tuple[Status, type[Command]], Status] = {
    (Status.RECEIVED, Assign): Status.ASSIGNED,
    (Status.RECEIVED, Triage): Status.TRIAGE,
    (Status.TRIAGE, Assign): Status.ASSIGNED,
    (Status.TRIAGE, Reject): Status.REJECTED,
    (Status.ASSIGNED, Accept): Status.ACCEPTED,
    (Status.ASSIGNED, Return): Status.TRIAGE,
    (Status.ACCEPTED, Return): Status.TRIAGE,
    # An agency may answer at once: accepting is then implied.
    **{(status, Assign): Status.ASSIGNED for status in _OPEN},
    **{(status, Ask): Status.WAITING_CITIZEN for status in (*_OPEN, Status.WAITING_CITIZEN)},
    **{(status, Progress): Status.IN_PROGRESS for status in (*_OPEN, Status.WAITING_CITIZEN)},
    **{(status, Resolve): Status.RESOLVED for status in (*_OPEN, Status.WAITING_CITIZEN)},
    **{(status, Reject): Status.REJECTED for status in (*_OPEN, Status.WAITING_CITIZEN)},
    # A reply changes nothing but ends a wait: then the case goes back to where the question was asked.
    **{(status, Reply): status for status in (*_BEFORE_RESULT, Status.RESOLVED)},
    **{(status, Withdraw): Status.WITHDRAWN for status in _BEFORE_RESULT},
    (Status.RESOLVED, Confirm): Status.CLOSED,
    (Status.RESOLVED, Dispute): Status.IN_PROGRESS,
}

FACTS: Mapping[type[Command], Fact] = {
    Assign: Fact.ASSIGNED,
    Triage: Fact.TRIAGED,
    Accept: Fact.ACCEPTED,
    Return: Fact.RETURNED,
    Ask: Fact.ASKED,
    Progress: Fact.PROGRESSED,
    Resolve: Fact.RESOLVED,
    Reject: Fact.REJECTED,
    Reply: Fact.REPLIED,
    Confirm: Fact.CONFIRMED,
    Dispute: Fact.DISPUTED,
    Withdraw: Fact.WITHDRAWN,
}


def apply(case: Case, command: Command, *, now: datetime, city: City) -> Step | Refusal:
    """The case after `command` with its fact, or why the law refuses it. Time never runs backwards within a case."""
    if reason := _refused(case, command, now, city):
        return Refusal(reason)
    now = max(now, case.at)
    changes = _pause(case, command, now, city) | _effects(case, command, now, city)
    advanced = replace(case, ver=case.ver + 1, at=now, status=_next_status(case, command), **changes)
    if advanced.paused_days != case.paused_days or isinstance(command, Assign):
        advanced = _dated(advanced, city)
    return step(advanced, _fact(case, command), command.actor, before=case, reason=reason_of(command))


def _dated(case: Case, city: City) -> Case:
    """With the due dates of its topic, agency and pauses."""
    dates = due_dates(city, case.received_at, topic=case.topic, agency=case.agency, paused_days=case.paused_days)
    return replace(case, due_answer_at=dates.answer_at, due_resolve_at=dates.resolve_at)


def _refused(case: Case, command: Command, now: datetime, city: City) -> RefusalReason | None:
    """The first rule that stands against the command, or None."""
    if case.status in TERMINAL:
        return RefusalReason.CLOSED
    if command.actor is Actor.AGENCY and (case.agency is None or getattr(command, "agency", None) != case.agency):
        return RefusalReason.NOT_YOURS
    if (case.status, type(command)) not in TRANSITIONS:
        return RefusalReason.NOT_NOW
    match command:
        case Assign():
            return _assignable(case, command, city)
        case Return() if case.returned_count >= city.clocks.max_returns:
            return RefusalReason.RETURNED_TOO_OFTEN
        case Ask(text=text) | Resolve(text=text) | Reject(text=text) if not (text or "").strip():
            return RefusalReason.TEXT_MISSING
        case Dispute() if case.resolved_at and now > confirm_before(city, case.resolved_at):
            return RefusalReason.WINDOW_OVER
    return None


def _assignable(case: Case, command: Assign, city: City) -> RefusalReason | None:
    agency = city.agencies.get(command.agency)
    if agency is None:
        return RefusalReason.UNKNOWN_AGENCY
    if command.topic is not None and command.topic not in city.topics:
        return RefusalReason.UNKNOWN_TOPIC
    if command.kelurahan is not None and command.kelurahan not in city.areas.kelurahan:
        return RefusalReason.UNKNOWN_KELURAHAN
    if agency.by_place and not (command.kelurahan or case.kelurahan or case.kecamatan):
        return RefusalReason.PLACE_UNKNOWN
    return None


def _next_status(case: Case, command: Command) -> Status:
    if isinstance(command, Reply) and case.status_before_wait:
        return case.status_before_wait
    return TRANSITIONS[case.status, type(command)]


def _fact(case: Case, command: Command) -> Fact:
    """A question is answered, anything else is resolved."""
    if isinstance(command, Resolve) and case.type is AspirationType.QUESTION:
        return Fact.ANSWERED
    return FACTS[type(command)]


def _pause(case: Case, command: Command, now: datetime, city: City) -> dict[str, Any]:
    """The clock stands still while it is the citizen's turn: while a question is open, and from a result to its dispute."""
    if isinstance(command, Ask):
        return {
            "waiting_since": case.waiting_since or now,
            "status_before_wait": case.status_before_wait or case.status,
        }
    since = case.resolved_at if isinstance(command, Dispute) else case.waiting_since
    if since is None:
        return {}
    paused = case.paused_days + city.calendar.working_days_between(since, now)
    return {"waiting_since": None, "status_before_wait": None, "paused_days": paused}


def _effects(case: Case, command: Command, now: datetime, city: City) -> dict[str, Any]:
    """What else a command changes in the case."""
    match command:
        case Assign(kelurahan=None):
            return {"agency": command.agency, "topic": command.topic or case.topic}
        case Assign(kelurahan=str(code)):
            place = {"kelurahan": code, "kecamatan": city.areas.kelurahan[code].kecamatan_code}
            return {"agency": command.agency, "topic": command.topic or case.topic, **place}
        case Return():
            return {"agency": None, "returned_count": case.returned_count + 1}
        case Resolve():
            return {"resolved_at": now}
        case _:
            return {}
