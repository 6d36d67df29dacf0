"""How a status looks: a word, a shape and a tone, never colour alone (pages.md, section 3)."""

from dataclasses import dataclass

from shared.contracts.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Look:
    """`word`: key in `[status]` of words.toml; `shape`: macro of macros.html; `tone`: class of serap.css."""

    word: str
    shape: str
    tone: str


_LOOKS = {
    Status.RECEIVED: Look("received", "circle", "baru"),
    Status.TRIAGE: Look("triage", "circle", "baru"),
    Status.ASSIGNED: Look("assigned", "circle", "baru"),
    Status.ACCEPTED: Look("accepted", "triangle", "kerja"),
    Status.IN_PROGRESS: Look("in_progress", "triangle", "kerja"),
    Status.WAITING_CITIZEN: Look("waiting_citizen", "bubble", "tanya"),
    Status.RESOLVED: Look("resolved", "bubble", "tanya"),
    Status.CLOSED: Look("closed_unconfirmed", "square", "tutup"),
    Status.REJECTED: Look("rejected", "square", "tutup"),
    Status.MERGED: Look("merged", "square", "tutup"),
    Status.WITHDRAWN: Look("withdrawn", "square", "tutup"),
}
_CONFIRMED = Look("confirmed", "tick", "selesai")
_OVERDUE = Look("overdue", "bang", "lewat")
_DUE_SOON = Look("due_soon", "clock", "segera")
_WITH_THE_CITY = frozenset({Status.RECEIVED, Status.TRIAGE, Status.ASSIGNED, Status.ACCEPTED, Status.IN_PROGRESS})


def look_of(status: Status, *, confirmed: bool = False, overdue: bool = False, due_soon: bool = False) -> Look:
    """Closed is not confirmed: the citizen's own yes decides. Lateness shows only while the city is at work."""
    if status is Status.CLOSED and confirmed:
        return _CONFIRMED
    if status in _WITH_THE_CITY and (overdue or due_soon):
        return _OVERDUE if overdue else _DUE_SOON
    return _LOOKS[status]
