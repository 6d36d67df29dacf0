"""Who hears what: everybody the facts, an agency what concerns it, the citizen what an agency says. Steps in, records out.

Event ids are derived from what they tell (D3), so that an event that is published again is the same event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from services.routing.domain.case import Case, Step
from services.routing.domain.lifecycle import RefusalReason
from services.routing.domain.sentences import refusal_sentence
from shared.contracts.envelope import Record, to_record
from shared.contracts.events import AgencyAnswered, AssignmentChanged, LifecycleFact, Spot
from shared.contracts.ids import event_id
from shared.contracts.topics import ANSWERS, LIFECYCLE, Topic, assignments
from shared.contracts.vocabulary import AnswerKind, AssignmentKind, Fact, ReplyKind

ANSWERED_BY: Mapping[Fact, AnswerKind] = {
    Fact.PROGRESSED: AnswerKind.PROGRESS,
    Fact.ASKED: AnswerKind.QUESTION,
    Fact.ANSWERED: AnswerKind.RESULT,
    Fact.RESOLVED: AnswerKind.RESULT,
    Fact.REJECTED: AnswerKind.REJECTION,
}
"""The facts that always have an answer at their `ver`, so that waiting for it always ends; all others never have one."""

REPLIED_BY: Mapping[Fact, ReplyKind] = {
    Fact.REPLIED: ReplyKind.ANSWER,
    Fact.CONFIRMED: ReplyKind.CONFIRM,
    Fact.DISPUTED: ReplyKind.DISPUTE,
}
"""The facts by which the agency hears the citizen; the reply's kind is the `reason` of `citizen_replied`."""

WITHDRAWN_BY: Mapping[Fact, str] = {
    Fact.RETURNED: "returned",
    Fact.ASSIGNED: "reassigned",
    Fact.WITHDRAWN: "withdrawn_by_citizen",
}
"""The facts that take an aspiration from its agency, and the `reason` that the agency reads."""

CITIZEN = "citizen"
"""The sender of every reply; the sender of an update is its agency's code."""

_Told: TypeAlias = LifecycleFact | AssignmentChanged | AgencyAnswered


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """An illegal command and why it was refused. `command_id`: the update's or reply's own id; `correlation_id`: the case's,
    or where there is none the message's."""

    sender: str
    command_id: UUID
    aspiration_id: UUID
    kind: str
    reason: RefusalReason
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Story:
    """What the citizen said, as an agency may read it; masked. Kept apart from the case, so that erasing it is one statement."""

    aspiration_id: UUID
    text: str | None
    title: str | None = None
    lat: float | None = None
    lng: float | None = None
    place_words: str | None = None
    photos: tuple[str, ...] = ()


def announce(step: Step, *, cause: UUID, text: str | None = None, story: Story | None = None) -> list[Record]:
    """The records of one step, in order. `cause`: id of the event that asked for it; `text`: what agency or citizen said with
    it, masked; `story` is told to an agency that the step assigns."""
    return [_fact(step, cause), *_to_agencies(step, cause, text, story), *_to_citizen(step, cause, text)]


def _fact(step: Step, cause: UUID) -> Record:
    case, fact = step.case, step.fact
    return _record(LIFECYCLE, fact, case.correlation_id, version=case.ver, at=case.at, cause=cause, word=fact.fact)


def _to_agencies(step: Step, cause: UUID, text: str | None, story: Story | None) -> Iterator[Record]:
    """At most one for the agency that loses the aspiration and one for the agency that has it."""
    case, fact = step.case, step.fact.fact
    loser = step.before.agency if step.before else None
    if loser and fact in WITHDRAWN_BY and (fact is Fact.WITHDRAWN or loser != case.agency):
        why = text if fact is Fact.WITHDRAWN else None
        yield _to_agency(loser, AssignmentKind.WITHDRAWN, case, cause, reason=WITHDRAWN_BY[fact], text=why)
    if case.agency and fact is Fact.ASSIGNED:
        yield _to_agency(case.agency, AssignmentKind.ASSIGNED, case, cause, **_assigned(case, story))
    if case.agency and fact in REPLIED_BY:
        yield _to_agency(case.agency, AssignmentKind.CITIZEN_REPLIED, case, cause, text=text, reason=REPLIED_BY[fact])


def _assigned(case: Case, story: Story | None) -> dict[str, Any]:
    """The place as routing understands it (an officer may have corrected it), the rest as the citizen said it."""
    told = story or Story(case.aspiration_id, text=None)
    return {
        "type": case.type,
        "topic": case.topic,
        "title": told.title,
        "text": told.text,
        "place": Spot(
            lat=told.lat, lng=told.lng, kelurahan=case.kelurahan, kecamatan=case.kecamatan, rw=case.rw, words=told.place_words
        ),
        "photos": list(told.photos),
        "role": case.role,
        "anonymous": case.anonymous,
        "confidential": case.confidential,
        "due_answer_at": case.due_answer_at,
        "due_resolve_at": case.due_resolve_at,
    }


def _to_agency(agency: str, kind: AssignmentKind, case: Case, cause: UUID, **fields: Any) -> Record:
    data = AssignmentChanged(aspiration_id=case.aspiration_id, ver=case.ver, kind=kind, agency=agency, at=case.at, **fields)
    return _record(assignments(agency), data, case.correlation_id, version=case.ver, at=case.at, cause=cause, word=kind)


def _to_citizen(step: Step, cause: UUID, text: str | None) -> Iterator[Record]:
    case, fact = step.case, step.fact
    if kind := ANSWERED_BY.get(fact.fact):
        data = AgencyAnswered(
            aspiration_id=case.aspiration_id,
            ver=case.ver,
            kind=kind,
            agency=case.agency,
            text=text or "",
            reason=fact.reason,
            at=case.at,
        )
        yield _record(ANSWERS, data, case.correlation_id, version=case.ver, at=case.at, cause=cause)


def refuse_reply(command: RefusedCommand, case: Case, *, cause: UUID, now: datetime) -> Record:
    """Tells the citizen that a step of theirs was not possible. It belongs to no fact: `ver` is where the case stands."""
    data = AgencyAnswered(
        aspiration_id=case.aspiration_id,
        ver=case.ver,
        kind=AnswerKind.REFUSAL,
        agency=case.agency,
        text=refusal_sentence(command.reason, case.language),
        reason=command.reason,
        reply_id=command.command_id,
        at=now,
    )
    return _record(ANSWERS, data, command.correlation_id, version=str(command.command_id), at=now, cause=cause)


def refuse_update(command: RefusedCommand, case: Case | None, *, cause: UUID, now: datetime) -> Record:
    """Tells the agency that an update had no effect. `case` None: not known or not looked at; then `ver` says 1."""
    data = AssignmentChanged(
        aspiration_id=command.aspiration_id,
        ver=case.ver if case else 1,
        kind=AssignmentKind.UPDATE_REFUSED,
        agency=command.sender,
        at=now,
        reason=command.reason,
        update_id=command.command_id,
    )
    # Ids of updates are their agency's own: two agencies may have the same.
    version = f"{command.sender}:{command.command_id}"
    topic = assignments(command.sender)
    return _record(topic, data, command.correlation_id, version=version, at=now, cause=cause, word=data.kind)


def _record(
    topic: Topic, data: _Told, correlation_id: UUID, *, version: int | str, at: datetime, cause: UUID, word: str = ""
) -> Record:
    return to_record(
        topic,
        data,
        key=data.aspiration_id,
        event_id=event_id(data.aspiration_id, topic.event_type.format(fact=word, kind=word), version),
        time=at,
        correlation_id=correlation_id,
        causation_id=cause,
        word=word,
    )
