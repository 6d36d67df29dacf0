"""The data of every event. One model per topic; the JSON Schemas under docs/schemas are made from these."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.base import EventData, Text
from shared.contracts.vocabulary import (
    Actor,
    AnswerKind,
    AspirationType,
    AssignmentKind,
    ContactKind,
    Decision,
    Fact,
    Language,
    Outcome,
    ReplyKind,
    Role,
    Status,
    UpdateKind,
)

Ver = Annotated[int, Field(ge=1, le=1_000_000, description="gapless per aspiration, from 1")]
Rating = Annotated[int, Field(ge=1, le=5)]


class Spot(EventData):
    """Where an aspiration is from, as intake understood it; codes of Kemendagri."""

    lat: float | None = None
    lng: float | None = None
    kelurahan: Text | None = None
    kecamatan: Text | None = None
    rw: Text | None = None
    words: Text | None = None


class AspirationSubmitted(EventData):
    """`aspirations.submitted.v1`: an accepted aspiration, identifiers in the text masked, never the contact."""

    aspiration_id: UUID
    received_at: AwareDatetime
    spoken_at: AwareDatetime | None = None
    channel: Text
    role: Role
    type: AspirationType | None = None
    title: Text | None = None
    text: Text
    place: Spot = Spot()
    photos: list[Text] = []
    anonymous: bool = False
    confidential: bool = False
    language: Language = Language.ID
    session: Text | None = None


class ContactRegistered(EventData):
    """`citizens.contacts.v1`: one for every aspiration, also `none`, so that waiting for it always ends."""

    aspiration_id: UUID
    tracking_code: Text
    kind: ContactKind
    address: Text | None = None
    consent: bool = False
    language: Language = Language.ID

    @classmethod
    def erased(cls, aspiration_id: UUID) -> Self:
        """What a tombstone of the compacted topic says."""
        return cls(aspiration_id=aspiration_id, tracking_code="", kind=ContactKind.ERASED)


class CitizenReplied(EventData):
    """`citizens.replies.v1`: what a citizen said after handing in; text masked."""

    reply_id: UUID
    aspiration_id: UUID
    kind: ReplyKind
    text: Text | None = None
    rating: Rating | None = None
    at: AwareDatetime


class AgencyAnswered(EventData):
    """`aspirations.answers.v1`: what an agency says to the citizen at a `ver`; masked.

    `refusal` (with `reply_id`) tells the citizen that a step of theirs was not possible, `reason` is the code.
    """

    aspiration_id: UUID
    ver: Ver
    kind: AnswerKind
    agency: Text | None = None
    text: Text
    reason: Text | None = None
    reply_id: UUID | None = None
    at: AwareDatetime


class AssignmentChanged(EventData):
    """`agency.<code>.assignments.v1`: what an agency must know; `kind` tells which fields are filled.

    assigned: text, place, due dates; withdrawn: reason; citizen_replied: text of the reply;
    update_refused: update_id and reason; due_soon: due dates.
    """

    aspiration_id: UUID
    ver: Ver
    kind: AssignmentKind
    agency: Text
    at: AwareDatetime
    type: AspirationType | None = None
    topic: Text | None = None
    title: Text | None = None
    text: Text | None = None
    place: Spot | None = None
    photos: list[Text] = []
    role: Role | None = None
    anonymous: bool = False
    confidential: bool = False
    due_answer_at: AwareDatetime | None = None
    due_resolve_at: AwareDatetime | None = None
    reason: Text | None = None
    update_id: UUID | None = None


class AgencyUpdated(EventData):
    """`agency.<code>.updates.v1`: what an agency says. Sent again with the same `update_id`, it counts once."""

    update_id: UUID
    aspiration_id: UUID
    agency: Text = Field(description="must be the agency of the topic; any other is refused")
    kind: UpdateKind
    text: Annotated[Text, Field(max_length=10_000)] | None = None
    reason: Annotated[Text, Field(max_length=100)] | None = None
    suggested_agency: Annotated[Text, Field(max_length=100)] | None = None


class LifecycleFact(EventData):
    """`aspirations.lifecycle.v1`: a fact about an aspiration. No text, no person: it may be kept for ever.

    All facts have the same data, so that a new fact breaks nobody.
    """

    aspiration_id: UUID
    fact: Fact
    ver: Ver
    status: Status
    prev_status: Status | None = None
    prev_at: AwareDatetime | None = None
    at: AwareDatetime
    received_at: AwareDatetime
    channel: Text
    type: AspirationType | None = None
    role: Role
    topic: Text | None = None
    agency: Text | None = None
    kelurahan: Text | None = None
    kecamatan: Text | None = None
    rw: Text | None = None
    anonymous: bool = False
    confidential: bool = False
    due_answer_at: AwareDatetime | None = None
    due_resolve_at: AwareDatetime | None = None
    actor: Actor
    reason: Text | None = Field(None, description="a code, never free text")
    session: Text | None = None
    merged_into: UUID | None = None


class NotificationEnded(EventData):
    """`notifications.outcomes.v1`: how telling the citizen about one fact ended."""

    aspiration_id: UUID
    ver: Ver
    fact: Fact
    kind: ContactKind
    outcome: Outcome
    reason: Text | None = None
    at: AwareDatetime


class ProgrammeDecided(EventData):
    """`programmes.decisions.v1`: what the city decided on a programme that grew from aspirations."""

    programme_id: UUID
    ver: Ver
    decision: Decision
    title: Text
    reason: Text | None = None
    plan: Text | None = Field(None, description="the planning document, e.g. RKPD 2027")
    agency: Text | None = None
    topic: Text | None = None
    kelurahan: list[Text] = []
    budget_rupiah: int | None = None
    aspirations: list[UUID] = []
    next_date: datetime | None = None
    at: AwareDatetime


class SubmissionReceipt(EventData):
    """`channel.<name>.receipts.v1`: accepted with its codes, or refused with the reason and the field."""

    idempotency_key: Text
    accepted: bool
    repeated: bool = False
    aspiration_id: UUID | None = None
    tracking_code: Text | None = None
    pin: Text | None = None
    reason: Text | None = None
    field: Text | None = None
    at: AwareDatetime
