"""One invented example of every event that Serap knows. `tests/contracts/golden.py` makes them into golden files.

The voice is from nowhere: its street, its words and its ids are made up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from shared.contracts import events, submission, topics
from shared.contracts.envelope import Record, to_record, tombstone
from shared.contracts.ids import event_id
from shared.contracts.topics import Topic
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

VOICE = UUID("0193f5d2-7c00-7a11-8b22-93c4d5e6f701")
OTHER_VOICE = UUID("0193f5d2-7c00-7a11-8b22-93c4d5e6f702")
PROGRAMME = UUID("5f0c8f4e-3f0a-4d5e-9a57-1f4f6f0d2a10")
CORRELATION = UUID("7d1a6f0e-0c55-4b6c-8f37-2f6a1c9e4d21")
RECEIVED = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
ANSWER_DUE, RESOLVE_DUE = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC), datetime(2026, 12, 11, 16, 59, 59, tzinfo=UTC)
TEXT = "Lampu jalan di depan Taman Contoh padam sejak tiga malam. Hubungi saya di [telepon]."
TITLE = "Lampu jalan padam"
PLACE: dict[str, Any] = {
    "lat": -6.1729, "lng": 106.6319, "kelurahan": "36.71.01.1001", "kecamatan": "36.71.01", "rw": "3",
    "words": "depan Taman Contoh",
}  # fmt: skip
CODE = "TGR-6XPGR-CAEHT"


@dataclass(frozen=True)
class Example:
    """One event. `name`: its golden file; `data`: what a reader makes of the record, of a tombstone too."""

    name: str
    topic: Topic
    data: BaseModel
    record: Record


def _example(
    topic: Topic, data: BaseModel, *, ver: int | str, word: str = "", variant: str = "", key: UUID | str = VOICE
) -> Example:
    event_type = topic.event_type.format(fact=word, kind=word)
    happened = RECEIVED + timedelta(hours=ver if isinstance(ver, int) else 0)
    subject = key if isinstance(key, UUID) else VOICE
    cause = event_id(VOICE, "serap.aspiration.submitted.v1", 1) if topic.writer == "routing" else None
    record = to_record(
        topic, data, key=key, event_id=event_id(subject, event_type, ver), time=happened, correlation_id=CORRELATION,
        causation_id=cause, word=word,
    )  # fmt: skip
    return Example(f"{event_type}.{variant}" if variant else event_type, topic, data, record)


def examples() -> Iterator[Example]:
    """All of them; a new event type without an example fails a test."""
    for kind in (_submissions, _receipts, _submitted, _contacts, _replies, _answers, _lifecycle, _assignments, _updates):
        yield from kind()
    yield from _outcomes()
    yield from _programmes()


def _submissions() -> Iterator[Example]:
    body = submission.Submission.model_validate(
        {
            "text": "Lampu jalan di depan Taman Contoh padam sejak tiga malam. Hubungi saya di 0812-0000-0000.",
            "title": TITLE,
            "type": AspirationType.COMPLAINT,
            "channel": "kiosk",
            "place": PLACE,
            "photos": ["kiosk/2026/11/23/0001.jpg"],
            "contact": {"kind": ContactKind.EMAIL, "address": "warga@contoh.example", "consent": True},
            "spoken_at": RECEIVED - timedelta(minutes=4),
        }
    )
    yield _example(topics.submissions("kiosk"), body, ver="kiosk-0001", key="kiosk-0001")


def _receipts() -> Iterator[Example]:
    topic, now = topics.receipts("kiosk"), RECEIVED
    accepted = events.SubmissionReceipt(
        idempotency_key="kiosk-0001", accepted=True, aspiration_id=VOICE, tracking_code=CODE, pin="481516", at=now
    )
    refused = events.SubmissionReceipt(
        idempotency_key="kiosk-0002", accepted=False, reason="invalid-field", field="place.lat", at=now
    )
    for variant, data in (("accepted", accepted), ("refused", refused)):
        yield _example(topic, data, ver=data.idempotency_key, variant=variant, key=data.idempotency_key)


def _submitted() -> Iterator[Example]:
    data = events.AspirationSubmitted(
        aspiration_id=VOICE,
        received_at=RECEIVED,
        spoken_at=RECEIVED - timedelta(minutes=4),
        channel="kiosk",
        role=Role.RESIDENT,
        type=AspirationType.COMPLAINT,
        title=TITLE,
        text=TEXT,
        place=events.Spot(**PLACE),
        photos=["kiosk/2026/11/23/0001.jpg"],
    )
    yield _example(topics.SUBMITTED, data, ver=1)


def _contacts() -> Iterator[Example]:
    addresses = {
        ContactKind.NONE: None,
        ContactKind.EMAIL: "warga@contoh.example",
        ContactKind.SMS: "+6281200000000",
        ContactKind.WHATSAPP: "+6281200000000",
    }
    for kind, address in addresses.items():
        data = events.ContactRegistered(
            aspiration_id=VOICE, tracking_code=CODE, kind=kind, address=address, consent=address is not None, language=Language.ID
        )
        yield _example(topics.CONTACTS, data, ver=1, variant=kind)
    erased = events.ContactRegistered.erased(VOICE)
    yield Example("serap.contact.registered.v1.tombstone", topics.CONTACTS, erased, tombstone(topics.CONTACTS, VOICE))


def _replies() -> Iterator[Example]:
    texts = {ReplyKind.ANSWER: "Tiang nomor tiga dari gerbang.", ReplyKind.DISPUTE: "Malam ini masih padam."}
    for number, kind in enumerate(ReplyKind):
        data = events.CitizenReplied(
            reply_id=uuid5(VOICE, kind),
            aspiration_id=VOICE,
            kind=kind,
            text=texts.get(kind),
            rating=4 if kind is ReplyKind.CONFIRM else None,
            at=RECEIVED + timedelta(days=2 + number),
        )
        yield _example(topics.REPLIES, data, ver=str(data.reply_id), variant=kind)


def _answers() -> Iterator[Example]:
    texts = {
        AnswerKind.PROGRESS: "Petugas kami berangkat besok pagi.",
        AnswerKind.QUESTION: "Tiang yang mana yang padam?",
        AnswerKind.RESULT: "Lampu sudah kami ganti.",
        AnswerKind.REJECTION: "Jalan ini milik pengembang.",
        AnswerKind.REFUSAL: "",
    }
    for ver, (kind, text) in enumerate(texts.items(), start=4):
        refusal = {"reason": "closed", "reply_id": uuid5(VOICE, "late")} if kind is AnswerKind.REFUSAL else {}
        data = events.AgencyAnswered.model_validate(
            {
                "aspiration_id": VOICE,
                "ver": ver,
                "kind": kind,
                "agency": "DISHUB",
                "text": text,
                "at": RECEIVED + timedelta(hours=ver),
            }
            | refusal
        )
        yield _example(topics.ANSWERS, data, ver=ver, variant=kind)


_STATUS_AFTER = {
    Fact.RECEIVED: (Status.RECEIVED, Actor.SYSTEM),
    Fact.TRIAGED: (Status.TRIAGE, Actor.SYSTEM),
    Fact.ASSIGNED: (Status.ASSIGNED, Actor.SYSTEM),
    Fact.ACCEPTED: (Status.ACCEPTED, Actor.AGENCY),
    Fact.RETURNED: (Status.TRIAGE, Actor.AGENCY),
    Fact.PROGRESSED: (Status.IN_PROGRESS, Actor.AGENCY),
    Fact.ASKED: (Status.WAITING_CITIZEN, Actor.AGENCY),
    Fact.REPLIED: (Status.IN_PROGRESS, Actor.CITIZEN),
    Fact.ANSWERED: (Status.RESOLVED, Actor.AGENCY),
    Fact.RESOLVED: (Status.RESOLVED, Actor.AGENCY),
    Fact.CONFIRMED: (Status.CLOSED, Actor.CITIZEN),
    Fact.DISPUTED: (Status.IN_PROGRESS, Actor.CITIZEN),
    Fact.CLOSED_UNCONFIRMED: (Status.CLOSED, Actor.CLOCK),
    Fact.REJECTED: (Status.REJECTED, Actor.AGENCY),
    Fact.MERGED: (Status.MERGED, Actor.OFFICER),
    Fact.WITHDRAWN: (Status.WITHDRAWN, Actor.CITIZEN),
    Fact.REMINDED: (Status.ASSIGNED, Actor.CLOCK),
    Fact.ESCALATED: (Status.ASSIGNED, Actor.CLOCK),
}
_REASONS = {
    Fact.TRIAGED: "unsure",
    Fact.ASSIGNED: "classifier",
    Fact.RETURNED: "not_our_task",
    Fact.REJECTED: "not_city_matter",
}


def _lifecycle() -> Iterator[Example]:
    """As if each fact followed directly on the assignment; only `received` has nothing before it."""
    for fact, (status, actor) in _STATUS_AFTER.items():
        first = fact is Fact.RECEIVED
        ver = 1 if first else 3
        decided = {} if fact in (Fact.RECEIVED, Fact.TRIAGED) else {"topic": "lampu_jalan", "agency": "DISHUB"}
        data = events.LifecycleFact.model_validate(
            {
                "aspiration_id": VOICE, "fact": fact, "ver": ver, "status": status, "actor": actor,
                "prev_status": None if first else Status.ASSIGNED,
                "prev_at": None if first else RECEIVED + timedelta(hours=2),
                "at": RECEIVED + timedelta(hours=ver), "received_at": RECEIVED,
                "channel": "kiosk", "type": AspirationType.COMPLAINT, "role": Role.RESIDENT,
                "kelurahan": "36.71.01.1001", "kecamatan": "36.71.01", "rw": "3",
                "due_answer_at": ANSWER_DUE, "due_resolve_at": RESOLVE_DUE,
                "reason": _REASONS.get(fact), "merged_into": OTHER_VOICE if fact is Fact.MERGED else None,
            } | decided
        )  # fmt: skip
        yield _example(topics.LIFECYCLE, data, ver=ver, word=fact)


def _assignments() -> Iterator[Example]:
    dates = {"due_answer_at": ANSWER_DUE, "due_resolve_at": RESOLVE_DUE}
    filled: dict[AssignmentKind, dict[str, Any]] = {
        AssignmentKind.ASSIGNED: {
            "type": AspirationType.COMPLAINT, "topic": "lampu_jalan", "title": TITLE, "text": TEXT, "place": PLACE,
            "photos": ["kiosk/2026/11/23/0001.jpg"], "role": Role.RESIDENT, **dates,
        },
        AssignmentKind.WITHDRAWN: {"reason": "withdrawn"},
        AssignmentKind.CITIZEN_REPLIED: {"text": "Tiang nomor tiga dari gerbang."},
        AssignmentKind.DUE_SOON: dates,
        AssignmentKind.UPDATE_REFUSED: {"update_id": uuid5(VOICE, "late"), "reason": "not_now"},
    }  # fmt: skip
    for ver, (kind, fields) in enumerate(filled.items(), start=2):
        told = {"aspiration_id": VOICE, "ver": ver, "kind": kind, "agency": "DISHUB", "at": RECEIVED + timedelta(hours=ver)}
        yield _example(topics.assignments("DISHUB"), events.AssignmentChanged.model_validate(told | fields), ver=ver, word=kind)


def _updates() -> Iterator[Example]:
    fields: dict[UpdateKind, dict[str, str]] = {
        UpdateKind.ACCEPT: {},
        UpdateKind.RETURN: {"reason": "not_our_task", "suggested_agency": "DPUPR"},
        UpdateKind.PROGRESS: {"text": "Petugas kami berangkat besok pagi."},
        UpdateKind.ASK: {"text": "Tiang yang mana yang padam?"},
        UpdateKind.RESOLVE: {"text": "Lampu sudah kami ganti."},
        UpdateKind.REJECT: {"reason": "not_city_matter", "text": "Jalan ini milik pengembang."},
    }
    for kind, more in fields.items():
        told = {"update_id": uuid5(VOICE, kind), "aspiration_id": VOICE, "agency": "DISHUB", "kind": kind}
        data = events.AgencyUpdated.model_validate(told | more)
        yield _example(topics.updates("DISHUB"), data, ver=str(data.update_id), variant=kind)


def _outcomes() -> Iterator[Example]:
    for outcome in Outcome:
        data = events.NotificationEnded(
            aspiration_id=VOICE,
            ver=3,
            fact=Fact.ASSIGNED,
            kind=ContactKind.EMAIL,
            outcome=outcome,
            reason={Outcome.FAILED: "mailbox_unknown", Outcome.SUPPRESSED: "no_consent"}.get(outcome),
            at=RECEIVED + timedelta(hours=3, seconds=2),
        )
        yield _example(topics.OUTCOMES, data, ver=3, variant=outcome)


def _programmes() -> Iterator[Example]:
    for ver, decision in enumerate(Decision, start=1):
        data = events.ProgrammeDecided(
            programme_id=PROGRAMME,
            ver=ver,
            decision=decision,
            title="Penerangan jalan Kelurahan Sukarasa",
            reason="no_budget_this_year" if decision in (Decision.DEFERRED, Decision.REJECTED) else None,
            plan="RKPD 2027",
            agency="DISHUB",
            topic="lampu_jalan",
            kelurahan=["36.71.01.1001"],
            budget_rupiah=250_000_000,
            aspirations=[VOICE, OTHER_VOICE],
            next_date=datetime(2027, 3, 1, tzinfo=UTC),
            at=RECEIVED + timedelta(days=30 + ver),
        )
        yield _example(topics.PROGRAMMES, data, ver=ver, variant=decision, key=PROGRAMME)
