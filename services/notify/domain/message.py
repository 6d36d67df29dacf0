"""The words of one notice: the city's template, filled with what this reader may get by this channel."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.city import City, MessageValues
from shared.contracts.vocabulary import ContactKind, Fact, Language
from shared.pages.dates import day

WITH_WINDOW = frozenset({Fact.ANSWERED, Fact.RESOLVED})
"""Facts that the citizen may confirm or dispute, within the city's window."""


class NoMessage(Exception):
    """The city pack no longer tells of this fact."""


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed notice with all that its message needs. `tries`: how often it was put off; `first`: nothing was told before."""

    aspiration_id: UUID
    ver: int
    fact: Fact
    at: datetime
    received_at: datetime
    topic: str | None
    agency: str | None
    confidential: bool
    due_answer_at: datetime | None
    due_resolve_at: datetime | None
    ready_at: datetime
    tries: int
    kind: ContactKind
    address: str
    language: Language
    tracking_code: str
    answer: str | None
    first: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be carried. `subject` is empty for SMS and WhatsApp."""

    aspiration_id: UUID
    ver: int
    kind: ContactKind
    to: str
    subject: str
    body: str
    language: Language


def tracking_link(intake_url: str, code: str) -> str:
    """Where the citizen follows the aspiration; what is written there beyond its state needs the PIN."""
    return f"{intake_url.rstrip('/')}/t/{code}"


def compose(due: Due, city: City, intake_url: str) -> Letter:
    """The letter. NoMessage where the city has no template for the fact."""
    message = city.messages.render(due.fact, due.language, _values(due, city, intake_url))
    if message is None:
        raise NoMessage(due.fact)
    long = due.kind is ContactKind.EMAIL
    subject, body = (message.subject, message.long) if long else ("", message.short)
    return Letter(due.aspiration_id, due.ver, due.kind, due.address, subject, body, due.language)


def _values(due: Due, city: City, intake_url: str) -> MessageValues:
    """Of a confidential case only that there is news, by when, and the link: others may see a citizen's phone or mailbox."""
    link = tracking_link(intake_url, due.tracking_code)
    window = city.calendar.due_at(due.at, city.clocks.confirm_days) if due.fact in WITH_WINDOW else None
    about = {} if due.confidential else {"agency": _agency(due, city), "topic": _topic(due, city), "answer": _answer(due)}
    return MessageValues(
        code=due.tracking_code,
        link=link,
        city=city.name,
        due_answer=_day(due.due_answer_at, due.language),
        due_resolve=_day(due.due_resolve_at, due.language),
        confirm_before=_day(window, due.language),
        **about,
    )


def _agency(due: Due, city: City) -> str | None:
    """Its full name; its short one where every character costs."""
    agency = city.agencies.get(due.agency or "")
    if agency is None:
        return None
    return agency.name if due.kind is ContactKind.EMAIL else agency.short


def _topic(due: Due, city: City) -> str | None:
    topic = city.topics.get(due.topic or "")
    return topic.label(due.language) if topic else None


def _answer(due: Due) -> str | None:
    return (due.answer or "").strip() or None


def _day(moment: datetime | None, language: Language) -> str | None:
    return day(moment, language) if moment else None
