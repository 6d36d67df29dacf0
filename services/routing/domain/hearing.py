"""Hears a batch of commands one by one, in their order, each on the case as the one before left it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from services.routing.domain.announce import CITIZEN, RefusedCommand, Story, announce, refuse_reply, refuse_update
from services.routing.domain.assign import pass_on
from services.routing.domain.case import Case, Step
from services.routing.domain.commands import AgencyCommand, Return, command_of_reply, command_of_update
from services.routing.domain.lifecycle import Refusal, RefusalReason, apply
from shared.city import City
from shared.contracts.base import EventData
from shared.contracts.envelope import Event, Record
from shared.contracts.events import AgencyUpdated, CitizenReplied
from shared.contracts.masking import mask
from shared.contracts.topics import agency_of


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """A citizen's reply that has had no effect yet. `cause`: id of the event that brought it."""

    reply: CitizenReplied
    cause: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch leads to, to be saved and published: each changed case as it stands at the end."""

    changed: dict[UUID, Case] = field(default_factory=dict)
    refused: list[RefusedCommand] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def take(self, step: Step, records: Iterable[Record]) -> None:
        self.changed[step.case.aspiration_id] = step.case
        self.records.extend(records)

    def refuse(self, command: RefusedCommand, told: Record) -> None:
        self.refused.append(command)
        self.records.append(told)


def hear_updates(
    events: Iterable[Event[AgencyUpdated]],
    cases: Mapping[UUID, Case],
    stories: Mapping[UUID, Story],
    *,
    city: City,
    now: datetime,
) -> Outcome:
    """What agencies said, each new. A case that is not in `cases` is unknown; `stories`: of those that an agency returns."""
    outcome = Outcome()
    for event in events:
        update, agency = event.data, agency_of(event.topic)
        case = outcome.changed.get(update.aspiration_id) or cases.get(update.aspiration_id)
        steps = _steps_of_update(update, agency, case, city=city, now=now)
        if isinstance(steps, Refusal):
            correlation_id = case.correlation_id if case else event.correlation_id
            command = RefusedCommand(agency, update.update_id, update.aspiration_id, update.kind, steps.reason, correlation_id)
            outcome.refuse(command, refuse_update(command, case, cause=event.id, now=now))
            continue
        text, story = _masked(update.text), stories.get(update.aspiration_id)
        for step in steps:
            outcome.take(step, announce(step, cause=event.id, text=text, story=story))
    return outcome


def _steps_of_update(
    update: AgencyUpdated, agency: str, case: Case | None, *, city: City, now: datetime
) -> Sequence[Step] | Refusal:
    """One step; two where another agency follows the one that returned it. `agency` owns the topic, that is its identity."""
    if update.agency != agency:
        return Refusal(RefusalReason.OTHER_AGENCY)
    if case is None:
        return Refusal(RefusalReason.UNKNOWN_ASPIRATION)
    command = command_of_update(update)
    first = apply(case, command, now=now, city=city)
    if isinstance(first, Refusal):
        return first
    return first, *_passed_on(first.case, command, city=city, now=now)


def _passed_on(case: Case, command: AgencyCommand, *, city: City, now: datetime) -> Iterator[Step]:
    """After a return the step to the next agency, if there is one; after anything else nothing."""
    if isinstance(command, Return) and (following := pass_on(case, command, city=city)):
        further = apply(case, following, now=now, city=city)
        if isinstance(further, Step):
            yield further


def hear_replies(waiting: Iterable[WaitingReply], cases: Mapping[UUID, Case], *, city: City, now: datetime) -> Outcome:
    """What citizens said, each about one of `cases`. Judged by when it was said: a delay of ours costs nobody a right."""
    outcome = Outcome()
    for said in waiting:
        reply, cause = said.reply, said.cause
        case = outcome.changed.get(reply.aspiration_id) or cases[reply.aspiration_id]
        command = command_of_reply(reply)
        if command is None:  # support changes no case
            continue
        step = apply(case, command, now=min(reply.at, now), city=city)
        if isinstance(step, Refusal):
            refused = RefusedCommand(CITIZEN, reply.reply_id, reply.aspiration_id, reply.kind, step.reason, case.correlation_id)
            outcome.refuse(refused, refuse_reply(refused, case, cause=cause, now=now))
        else:
            outcome.take(step, announce(step, cause=cause, text=_masked(reply.text)))
    return outcome


def _masked(text: str | None) -> str | None:
    return mask(text) if text else None


class _Named(EventData):
    """What must be readable of an update that is otherwise unusable, to answer its sender."""

    update_id: UUID
    aspiration_id: UUID


def answer_unusable(topic: str, value: bytes | None, *, cause: UUID, now: datetime) -> list[Record]:
    """Tells an agency that its update does not validate, where one can see which update of which aspiration that is."""
    try:
        named = _Named.model_validate_json(value or b"")
    except ValidationError:
        return []
    command = RefusedCommand(agency_of(topic), named.update_id, named.aspiration_id, "", RefusalReason.INVALID, cause)
    return [refuse_update(command, None, cause=cause, now=now)]
