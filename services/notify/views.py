"""What the demo mailbox shows: the messages that citizens would get, as sent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.vocabulary import ContactKind

NEWEST = 100


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `subject` empty for SMS and WhatsApp; `tracking_url` absolute; `to` as the message was addressed.

    `tracking_code` empty for a message that is not about an aspiration.
    """

    at: datetime
    kind: ContactKind
    to: str
    subject: str
    body: str
    tracking_code: str
    tracking_url: str


@dataclass(frozen=True, slots=True)
class MailboxView:
    """The newest messages first. `total`: how many there are in all."""

    messages: tuple[MessageView, ...]
    total: int


def mailbox_view(messages: Sequence[MessageView], total: int) -> MailboxView:
    """The page: newest first, at most 100."""
    newest = sorted(messages, key=lambda message: message.at, reverse=True)
    return MailboxView(tuple(newest[:NEWEST]), total)
