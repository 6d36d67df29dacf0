"""What the citizen says from the tracking page, and the event that tells routing."""

from datetime import datetime
from uuid import UUID, uuid5

from shared.contracts.envelope import Record, to_record
from shared.contracts.events import CitizenReplied
from shared.contracts.ids import event_id
from shared.contracts.masking import mask
from shared.contracts.topics import REPLIES
from shared.contracts.vocabulary import ReplyKind


def replied(
    aspiration_id: UUID, page_id: UUID, kind: ReplyKind, text: str | None, rating: int | None, now: datetime
) -> CitizenReplied:
    """The reply that a form without errors says. `page_id`: of the page that the form stood on; `rating`: 1 to 5.

    The same words from the same page are the same reply, so a second tap counts once; other words (Back, corrected, sent
    again) are another one.
    """
    return CitizenReplied(
        reply_id=uuid5(page_id, f"{kind}:{rating}:{text}"),
        aspiration_id=aspiration_id,
        kind=kind,
        text=mask(text) if text else None,
        rating=rating,
        at=now,
    )


def record(reply: CitizenReplied, correlation_id: UUID) -> Record:
    """What routing reads."""
    return to_record(
        REPLIES,
        reply,
        key=reply.aspiration_id,
        event_id=event_id(reply.aspiration_id, REPLIES.event_type, str(reply.reply_id)),
        time=reply.at,
        correlation_id=correlation_id,
    )
