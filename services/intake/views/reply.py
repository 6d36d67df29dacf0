"""What a citizen sends from the tracking page: an answer, a confirmation with a rating, a dispute, a withdrawal."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.views.errors import FieldError
from shared.contracts.vocabulary import ReplyKind

PARTLY = "partly"
"""The choice "only partly": a dispute that says so."""
_OFFERED = (ReplyKind.ANSWER, ReplyKind.CONFIRM, ReplyKind.DISPUTE, ReplyKind.WITHDRAW)
_KINDS = {kind.value: kind for kind in _OFFERED} | {PARTLY: ReplyKind.DISPUTE}
MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """A reply as sent by the form; to be published only if `errors` is empty. `rating` 1 to 5, only with a confirmation."""

    kind: ReplyKind | None
    text: str | None
    rating: int | None
    errors: tuple[FieldError, ...] = ()


def read_reply(data: Mapping[str, str]) -> ReplyForm:
    """Reads the fields `kind` (a ReplyKind or `partly`), `text`, `rating`. No choice, or no words: an error."""
    chosen = data.get("kind", "")
    kind, text = _KINDS.get(chosen), data.get("text", "").strip()
    if kind is None:
        return ReplyForm(None, text or None, None, (FieldError("kind", "track.error_choice"),))
    if "\x00" in text or len(text) > MAX_TEXT:
        return ReplyForm(kind, text, None, (FieldError("text", "track.error_long"),))
    if kind is ReplyKind.ANSWER and not text:
        return ReplyForm(kind, None, None, (FieldError("text", "track.error_answer"),))
    if chosen == PARTLY:
        text = f"Baru sebagian teratasi. {text}".strip()
    rating = data.get("rating", "")
    stars = int(rating) if kind is ReplyKind.CONFIRM and rating in ("1", "2", "3", "4", "5") else None
    return ReplyForm(kind, text or None, stars)
