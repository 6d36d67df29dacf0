"""The receipt: what a citizen keeps to follow an aspiration, and what happens next, with dates."""

from dataclasses import dataclass
from datetime import datetime

from shared.city import City
from shared.contracts.vocabulary import ContactKind


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """`verify_by`: until then the citizen hears who takes care; `answer_by`, `resolve_by`: the promise of the default class."""

    code: str
    pin: str
    received_at: datetime
    verify_by: datetime
    answer_by: datetime
    resolve_by: datetime
    tracking_url: str
    contact: ContactKind


def receipt_view(
    *, code: str, pin: str, received_at: datetime, contact: ContactKind, tracking_url: str, city: City
) -> ReceiptView:
    """The receipt of an aspiration whose topic nobody has decided yet. `tracking_url`: absolute, as it stands on the slip."""
    promise, due_at = city.promise(None), city.calendar.due_at
    return ReceiptView(
        code=code,
        pin=pin,
        received_at=received_at,
        verify_by=due_at(received_at, promise.verify),
        answer_by=due_at(received_at, promise.answer),
        resolve_by=due_at(received_at, promise.resolve),
        tracking_url=tracking_url,
        contact=contact,
    )
