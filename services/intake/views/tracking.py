"""The tracking page: where an aspiration stands, by when, and what the citizen must do. The text only with the PIN."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.case import OwnText
from services.intake.views.errors import FieldError
from services.intake.views.timeline import ON_ITS_WAY, Event, agency_name, timeline
from shared.city import City, TopicOfCity
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import AnswerKind, Fact, ReplyKind, Status
from shared.pages.statuses import Look, look_of

DUE_SOON_WORKING_DAYS = 2
SHOWN_EVENTS = 10
"""More than twice as many: the rest stands in "full history"."""
_BEFORE_RESULT = frozenset({ReplyKind.ANSWER, ReplyKind.WITHDRAW})
ACTIONS: Mapping[Status, frozenset[ReplyKind]] = {
    Status.RECEIVED: _BEFORE_RESULT,
    Status.TRIAGE: _BEFORE_RESULT,
    Status.ASSIGNED: _BEFORE_RESULT,
    Status.ACCEPTED: _BEFORE_RESULT,
    Status.IN_PROGRESS: _BEFORE_RESULT,
    Status.WAITING_CITIZEN: _BEFORE_RESULT,
    Status.RESOLVED: frozenset({ReplyKind.CONFIRM, ReplyKind.DISPUTE}),
}
"""What a citizen may do; routing's law decides in the end, and what it refuses comes back as a refusal."""
_SENT = Look("on_its_way", "circle", "baru")
"""The citizen has spoken, routing has not yet: it is nobody's turn but ours."""
_WORKING = (Status.RECEIVED, Status.TRIAGE, Status.ASSIGNED, Status.ACCEPTED, Status.IN_PROGRESS)
_FIRST_ANSWER = frozenset({Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED})
_RESULT = frozenset({Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED})
_STEP_OF = {
    Status.RECEIVED: 2,
    Status.TRIAGE: 2,
    Status.ASSIGNED: 3,
    Status.ACCEPTED: 3,
    Status.IN_PROGRESS: 3,
    Status.WAITING_CITIZEN: 3,
    Status.RESOLVED: 5,
}


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """`name`: key in `[track]`; `due`, `kept_at`: None while there is none."""

    name: str
    due: datetime | None
    kept_at: datetime | None

    @property
    def kept(self) -> bool:
        """Whether it happened in time."""
        return self.kept_at is not None and (self.due is None or self.kept_at <= self.due)


@dataclass(frozen=True, slots=True)
class TrackingView:
    """`headline`: key in `[track]`, the answer to "what happens with my report?". `due`: what to wait for, if anything.

    `own` None: locked, the page asks for the PIN. `key`: what opens the page again, sent hidden by its forms.
    `reply_id`: fresh UUID of the next reply, so that a second tap counts once. `on_its_way`: a reply has not come back from
    routing; until it does, no other step is offered. `just_sent`: this page answers a reply.
    """

    code: str
    status: Status
    look: Look
    headline: str
    updated_at: datetime
    agency: str
    agency_full: str
    topic: TopicOfCity | None
    due: datetime | None
    due_name: str
    working_days: int
    overdue: bool
    escalated: bool
    confirm_by: datetime | None
    step: int | None
    events: tuple[Event, ...]
    promises: tuple[PromiseRow, ...]
    latest_words: str | None
    on_its_way: bool
    just_sent: bool
    actions: frozenset[ReplyKind]
    own: OwnText | None
    kelurahan_name: str | None
    kecamatan_name: str | None
    key: str
    reply_id: str
    errors: tuple[FieldError, ...]
    typed: Mapping[str, str]
    stale_since: datetime | None


@dataclass(frozen=True, slots=True)
class LookupView:
    """The entry form. `typed`: the code as it was typed; `errors`: one neutral message, whatever was wrong."""

    typed: str = ""
    errors: tuple[FieldError, ...] = ()


UNKNOWN_CODE = FieldError("code", "track.error_code")
WRONG_PIN = FieldError("pin", "track.error_pin")
KEY_EXPIRED = FieldError("pin", "track.error_key")


@dataclass(frozen=True, slots=True)
class LockedView:
    """Too many wrong PINs. `until`: when the next one may be tried."""

    code: str
    until: datetime


def tracking_view(
    *,
    code: str,
    received_at: datetime,
    facts: Sequence[LifecycleFact],
    city: City,
    now: datetime,
    own: OwnText | None = None,
    answers: Sequence[AgencyAnswered] = (),
    replies: Sequence[CitizenReplied] = (),
    key: str = "",
    reply_id: str = "",
    errors: tuple[FieldError, ...] = (),
    typed: Mapping[str, str] | None = None,
    just_sent: bool = False,
    stale_since: datetime | None = None,
) -> TrackingView:
    """The page of one aspiration. Without `own` (no PIN) pass neither `answers` nor `replies`: nothing of them may show.

    `facts` in any order, empty while routing has not spoken; `stale_since`: the last news, if the page runs behind.
    """
    facts = sorted(facts, key=lambda fact: fact.ver)
    last = facts[-1] if facts else None
    status = last.status if last else Status.RECEIVED
    due, due_name = _due(facts, status, received_at, city)
    overdue = due is not None and due < now
    between = city.calendar.working_days_between
    working_days = 0 if due is None else between(due, now) if overdue else between(now, due)
    resolved = _at(facts, frozenset({Fact.RESOLVED, Fact.ANSWERED}), last=True)
    named = last if last and (own or not last.confidential) else None  # who has it would say what a confidential one is about
    agency = city.agencies.get(named.agency or "") if named else None
    kelurahan = city.areas.kelurahan.get(own.kelurahan or "") if own else None
    kecamatan = city.areas.kecamatan.get(own.kecamatan or "") if own else None
    events = timeline(facts, answers if own else (), replies if own else (), city, opened=own is not None)
    on_its_way = any(event.key == ON_ITS_WAY for event in events)
    return TrackingView(
        code=code,
        status=status,
        look=_SENT
        if on_its_way
        else look_of(
            status,
            confirmed=_confirmed(facts),
            overdue=overdue,
            due_soon=due is not None and working_days <= DUE_SOON_WORKING_DAYS,
        ),
        headline="headline_on_its_way" if on_its_way else _headline(status, facts, overdue=overdue),
        updated_at=last.at if last else received_at,
        agency=agency_name(named.agency, city) if named else "",
        agency_full=agency.name if agency else "",
        topic=city.topics.get(last.topic or "") if last and own else None,
        due=due,
        due_name=due_name,
        working_days=working_days,
        overdue=overdue,
        escalated=any(fact.fact is Fact.ESCALATED for fact in facts),
        confirm_by=city.calendar.due_at(resolved, city.clocks.confirm_days) if resolved and status is Status.RESOLVED else None,
        step=6 if _confirmed(facts) else _STEP_OF.get(status),
        events=tuple(events) or (Event(received_at, "event.received", ""),),
        promises=_promises(facts, received_at, city),
        latest_words=_latest_words(answers) if own else None,
        on_its_way=on_its_way,
        just_sent=just_sent,
        actions=ACTIONS.get(status, frozenset()) if own and not on_its_way else frozenset(),
        own=own,
        kelurahan_name=kelurahan.name if kelurahan else None,
        kecamatan_name=kecamatan.name if kecamatan else None,
        key=key,
        reply_id=reply_id,
        errors=errors,
        typed=typed or {},
        stale_since=stale_since,
    )


def _latest_words(answers: Sequence[AgencyAnswered]) -> str | None:
    """What the agency said last. A refusal of the citizen's own step is not an agency's word."""
    said = [answer for answer in answers if answer.kind is not AnswerKind.REFUSAL and answer.text]
    return max(said, key=lambda answer: answer.ver).text if said else None


def _due(facts: Sequence[LifecycleFact], status: Status, received_at: datetime, city: City) -> tuple[datetime | None, str]:
    """The date the citizen waits for: who takes care, then the first answer, then the result. None while the turn is theirs."""
    if status not in _WORKING:
        return None, ""
    if status in (Status.RECEIVED, Status.TRIAGE):
        return city.calendar.due_at(received_at, city.promise(None).verify), "due_verify"
    last = facts[-1]
    if last.due_answer_at and _at(facts, _FIRST_ANSWER) is None:
        return last.due_answer_at, "due_answer"
    return last.due_resolve_at, "due_resolve"


def _promises(facts: Sequence[LifecycleFact], received_at: datetime, city: City) -> tuple[PromiseRow, ...]:
    last = facts[-1] if facts else None
    return (
        PromiseRow(
            "promise_verify",
            city.calendar.due_at(received_at, city.promise(last.topic if last else None).verify),
            _at(facts, frozenset({Fact.ASSIGNED})),
        ),
        PromiseRow("promise_answer", last.due_answer_at if last else None, _at(facts, _FIRST_ANSWER)),
        PromiseRow("promise_resolve", last.due_resolve_at if last else None, _at(facts, _RESULT, last=True)),
    )


def _at(facts: Sequence[LifecycleFact], wanted: frozenset[Fact], *, last: bool = False) -> datetime | None:
    """When the first (or last) of the `wanted` facts happened."""
    moments = [fact.at for fact in facts if fact.fact in wanted]
    return moments[-1 if last else 0] if moments else None


def _confirmed(facts: Sequence[LifecycleFact]) -> bool:
    """Whether the case ended with the citizen's own yes."""
    return bool(facts) and facts[-1].status is Status.CLOSED and any(f.fact is Fact.CONFIRMED for f in facts)


def _headline(status: Status, facts: Sequence[LifecycleFact], *, overdue: bool) -> str:
    if overdue:
        return "headline_overdue"
    if status is Status.CLOSED:
        return "headline_confirmed" if _confirmed(facts) else "headline_closed"
    reopened = facts and facts[-1].fact is Fact.DISPUTED
    return "headline_reopened" if reopened else f"headline_{status}"
