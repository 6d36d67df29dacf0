"""What routing knows of one aspiration: no text, no person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.events import LifecycleFact
from shared.contracts.vocabulary import Actor, AspirationType, Fact, Language, Role, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One aspiration at `ver`. `at`: when its last fact happened; `paused_days`: working days spent waiting for the citizen.

    `status_before_wait` and `waiting_since` are set while the agency's question is open, `resolved_at` from the first
    result on. `correlation_id` is the submission's: it joins all that this one voice causes. `language`: the citizen's.
    """

    aspiration_id: UUID
    correlation_id: UUID
    ver: int
    status: Status
    at: datetime
    received_at: datetime
    channel: str
    role: Role
    language: Language = Language.ID
    type: AspirationType | None = None
    topic: str | None = None
    agency: str | None = None
    kelurahan: str | None = None
    kecamatan: str | None = None
    rw: str | None = None
    anonymous: bool = False
    confidential: bool = False
    session: str | None = None
    due_answer_at: datetime
    due_resolve_at: datetime
    returned_count: int = 0
    paused_days: int = 0
    waiting_since: datetime | None = None
    status_before_wait: Status | None = None
    resolved_at: datetime | None = None
    merged_into: UUID | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A case one `ver` further, the fact that says so, and the case before (None: there was none yet)."""

    case: Case
    fact: LifecycleFact
    before: Case | None


def step(case: Case, fact: Fact, actor: Actor, *, before: Case | None, reason: str | None = None) -> Step:
    """The step that led from `before` (None: nothing yet) to `case`. The fact `returned` names the agency that returned it."""
    agency = before.agency if before and fact is Fact.RETURNED else case.agency
    told = LifecycleFact(
        aspiration_id=case.aspiration_id,
        fact=fact,
        ver=case.ver,
        status=case.status,
        prev_status=before.status if before else None,
        prev_at=before.at if before else None,
        at=case.at,
        received_at=case.received_at,
        channel=case.channel,
        type=case.type,
        role=case.role,
        topic=case.topic,
        agency=agency,
        kelurahan=case.kelurahan,
        kecamatan=case.kecamatan,
        rw=case.rw,
        anonymous=case.anonymous,
        confidential=case.confidential,
        due_answer_at=case.due_answer_at,
        due_resolve_at=case.due_resolve_at,
        actor=actor,
        reason=reason,
        session=case.session,
        merged_into=case.merged_into,
    )
    return Step(case, told, before)
