"""Intake's pages: the form page by page, the receipt, tracking in every state, locked and open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.intake.domain.case import OwnText
from services.intake.views import submit
from services.intake.views.errors import FieldError
from services.intake.views.receipt import receipt_view
from services.intake.views.tracking import UNKNOWN_CODE, WRONG_PIN, LockedView, LookupView, TrackingView, tracking_view
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import Actor, AnswerKind, AspirationType, ContactKind, Fact, ReplyKind, Role, Status
from shared.pages.render import CONFIDENTIAL
from tests.browser.gallery_city import NOW, ago, city, pages_of

ID, KEY = UUID(int=7), "00000000-0000-4000-8000-000000000007"
CODE = "TGR-7K4M9-2QXHD"
ANSWERS = submit.Answers(
    KEY,
    text="Saluran air di depan rumah tersumbat lumpur.\nKalau hujan lebih dari satu jam, air masuk ke teras.",
    role="rw_rt_head",
    session="FKP-2026-11",
    kecamatan="36.71.08",
    kelurahan="36.71.08.1001",
    rw="03",
    words="Seberang pos ronda",
    contact="whatsapp",
    address="0812-0000-0000",
    consent="ya",
)
OWN = OwnText(
    text="Saluran air di depan rumah tersumbat lumpur. Kalau hujan lebih dari satu jam, air masuk ke teras.",
    channel="whatsapp",
    type=AspirationType.COMPLAINT,
    kelurahan="36.71.08.1001",
    kecamatan="36.71.08",
    place_words="Seberang pos ronda",
    anonymous=True,
    contact=ContactKind.WHATSAPP,
)
Step = tuple[Fact, Status, float]
"""What happened, the status after it, how many days ago."""
START: tuple[Step, ...] = ((Fact.RECEIVED, Status.RECEIVED, 6), (Fact.ASSIGNED, Status.ASSIGNED, 5.4))
TAKEN: tuple[Step, ...] = (*START, (Fact.ACCEPTED, Status.ACCEPTED, 4))
WORK: tuple[Step, ...] = (*TAKEN, (Fact.PROGRESSED, Status.IN_PROGRESS, 1))
DONE: tuple[Step, ...] = (*WORK, (Fact.RESOLVED, Status.RESOLVED, 0.4))
WORDS: Mapping[Fact, tuple[AnswerKind, str]] = {
    Fact.PROGRESSED: (AnswerKind.PROGRESS, "Petugas kami sudah memeriksa saluran. Pembersihan dijadwalkan Jumat ini."),
    Fact.ASKED: (AnswerKind.QUESTION, "Di sisi mana saluran yang tersumbat: sisi pos ronda atau sisi warung?"),
    Fact.RESOLVED: (AnswerKind.RESULT, "Saluran sepanjang 40 meter sudah kami bersihkan dan airnya lancar."),
    Fact.REJECTED: (AnswerKind.REJECTION, "Saluran ini berada di dalam kawasan pribadi. Silakan hubungi pengelola kawasan."),
}
STATES: Mapping[str, Sequence[Step]] = {
    "new": (),
    "received": START[:1],
    "triage": (START[0], (Fact.TRIAGED, Status.TRIAGE, 5.5)),
    "assigned": START,
    "returned": (*START, (Fact.RETURNED, Status.TRIAGE, 3)),
    "accepted": TAKEN,
    "in_progress": WORK,
    "waiting_citizen": (*WORK, (Fact.ASKED, Status.WAITING_CITIZEN, 0.5)),
    "resolved": DONE,
    "on_its_way": DONE,
    "reopened": (*DONE, (Fact.DISPUTED, Status.IN_PROGRESS, 0.1)),
    "confirmed": (*DONE, (Fact.CONFIRMED, Status.CLOSED, 0.1)),
    "closed": (*DONE, (Fact.CLOSED_UNCONFIRMED, Status.CLOSED, 0.1)),
    "rejected": (*TAKEN, (Fact.REJECTED, Status.REJECTED, 1)),
    "withdrawn": (*TAKEN, (Fact.WITHDRAWN, Status.WITHDRAWN, 1)),
    "merged": (*START, (Fact.MERGED, Status.MERGED, 1)),
    "overdue": (*((fact, status, days + 25) for fact, status, days in WORK), (Fact.ESCALATED, Status.IN_PROGRESS, 1)),
    "long": (*WORK, *((Fact.PROGRESSED, Status.IN_PROGRESS, 0.9 - n / 50) for n in range(22))),
}


def facts_of(steps: Sequence[Step]) -> list[LifecycleFact]:
    """Facts as routing writes them, with the due dates of the default class."""
    received = ago(steps[0][2]) if steps else NOW
    return [_fact(ver, step, received, assigned=ver > 1 and step[0] is not Fact.TRIAGED) for ver, step in enumerate(steps, 1)]


def _fact(ver: int, step: Step, received: datetime, *, assigned: bool) -> LifecycleFact:
    fact, status, days = step
    due_at = city().calendar.due_at
    return LifecycleFact(
        aspiration_id=ID,
        fact=fact,
        ver=ver,
        status=status,
        at=ago(days),
        received_at=received,
        channel="whatsapp",
        role=Role.RESIDENT,
        actor=Actor.AGENCY,
        reason=None,
        topic="drainase" if assigned else None,
        agency="DPUPR" if assigned else None,
        due_answer_at=due_at(received, 5) if assigned else None,
        due_resolve_at=due_at(received, 14) if assigned else None,
    )


def _answers_of(facts: Sequence[LifecycleFact]) -> list[AgencyAnswered]:
    return [
        AgencyAnswered(aspiration_id=ID, ver=f.ver, kind=WORDS[f.fact][0], agency="DPUPR", text=WORDS[f.fact][1], at=f.at)
        for f in facts
        if f.fact in WORDS
    ]


def tracked(state: str, *, opened: bool = True) -> TrackingView:
    """The tracking page in `state`, with or without the PIN."""
    facts = facts_of(STATES[state])
    dispute = CitizenReplied(aspiration_id=ID, reply_id=ID, kind=ReplyKind.DISPUTE, text="Airnya masih meluap.", at=ago(0.2))
    return tracking_view(
        code=CODE,
        received_at=facts[0].received_at if facts else NOW - timedelta(hours=1),
        facts=facts,
        city=city(),
        now=NOW,
        own=OWN if opened else None,
        answers=_answers_of(facts) if opened else (),
        replies=[dispute] if state in ("reopened", "on_its_way") else (),
        key="opened",
        reply_id=KEY,
        stale_since=ago(0.1) if state == "long" else None,
    )


def pages() -> Mapping[str, Callable[[Request], Response]]:
    """Path -> renderer."""
    form = submit.FormView
    areas = city().areas
    bad = submit.answer_form({"text": " ", "key": KEY, "page": "story"}, areas, KEY)
    wrong_contact = submit.answer_form({**_posted(ANSWERS), "page": "contact", "address": "12", "consent": ""}, areas, KEY)
    receipt = receipt_view(
        code=CODE, pin="048213", received_at=NOW, contact=ContactKind.WHATSAPP, tracking_url=f"/t/{CODE}", city=city()
    )
    found: dict[str, tuple[str, object]] = {
        "/submit/new": ("submit.html", submit.new_form(areas, KEY)),
        "/submit/error": ("submit.html", bad),
        "/submit/contact-error": ("submit.html", wrong_contact),
        "/submit/not-stored": ("submit.html", submit.not_stored(ANSWERS, areas, "submit.not_stored", KEY)),
        **{f"/submit/{page}": ("submit.html", form(page, ANSWERS, areas)) for page in submit.Page},
        "/receipt": ("receipt.html", receipt),
        "/track/lookup": ("lookup.html", LookupView()),
        "/track/unknown": ("lookup.html", LookupView("TGR-0000", (UNKNOWN_CODE,))),
        "/track/locked": ("track.html", tracked("in_progress", opened=False)),
        "/track/too-many-pins": ("locked.html", LockedView(CODE, NOW + timedelta(minutes=42))),
        "/track/wrong-pin": ("track.html", replace(tracked("resolved", opened=False), errors=(WRONG_PIN,))),
        "/track/no-choice": ("track.html", replace(tracked("resolved"), errors=(FieldError("kind", "track.error_choice"),))),
        **{f"/track/{state}": ("track.html", tracked(state)) for state in STATES},
    }
    return {path: _renderer(template, view) for path, (template, view) in found.items()}


async def walk_the_form(request: Request) -> Response:
    """The form as intake's routes use it, ending in a receipt."""
    data = {name: str(value) for name, value in (await request.form()).items()}
    view = submit.answer_form(data, city().areas, KEY) if data else submit.new_form(city().areas, KEY)
    if view.ready:
        return pages()["/receipt"](request)
    return pages_of("intake").render(request, "submit.html", view, status=422 if view.errors else 200)


def _posted(answers: submit.Answers) -> dict[str, str]:
    return {name: getattr(answers, name) for name in answers.__slots__}


def _renderer(template: str, view: object) -> Callable[[Request], Response]:
    return lambda request: pages_of("intake").render(request, template, view, cache=CONFIDENTIAL)
