"""What happened to an aspiration, newest first: facts for everybody, words only for who has the PIN."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.city import City, TopicOfCity
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import AnswerKind, Fact, ReplyKind

_REPLY_OF = {
    Fact.REPLIED: ReplyKind.ANSWER,
    Fact.CONFIRMED: ReplyKind.CONFIRM,
    Fact.DISPUTED: ReplyKind.DISPUTE,
    Fact.WITHDRAWN: ReplyKind.WITHDRAW,
}
ON_ITS_WAY = "event.on_its_way"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. `key`: its title in words.toml; `agency`: short name, never a person; `quote`: words, with the PIN.

    `why`: key of a reason in words.toml, which may name the matter (`topic`); a reason that has no words is not shown.
    """

    at: datetime
    key: str
    agency: str
    topic: TopicOfCity | None = None
    why: str | None = None
    quote: str | None = None


def timeline(
    facts: Sequence[LifecycleFact],
    answers: Iterable[AgencyAnswered],
    replies: Iterable[CitizenReplied],
    city: City,
    *,
    opened: bool = True,
) -> list[Event]:
    """Entries of all facts, with the agency's words at their `ver` and the citizen's own words in their order.

    A reply whose fact has not come back yet is shown as on its way; a refused one says why it was not possible. Unless
    `opened`, the matter of a confidential aspiration stays hidden.
    """
    said = {answer.ver: answer.text for answer in answers if answer.kind is not AnswerKind.REFUSAL}
    refused = {answer.reply_id: answer for answer in answers if answer.kind is AnswerKind.REFUSAL}
    waiting: dict[ReplyKind, deque[CitizenReplied]] = defaultdict(deque)
    events = []
    for reply in sorted(replies, key=lambda each: each.at):
        if refusal := refused.get(reply.reply_id):
            events.append(Event(refusal.at, "event.refused", "", why=f"refused.{refusal.reason}", quote=reply.text))
        else:
            waiting[reply.kind].append(reply)
    for fact in sorted(facts, key=lambda each: each.ver):
        queue = waiting[_REPLY_OF[fact.fact]] if fact.fact in _REPLY_OF else None
        own = queue.popleft().text if queue else None
        events.append(_event(fact, said.get(fact.ver) or own, city, opened=opened))
    on_its_way = [Event(r.at, ON_ITS_WAY, "", quote=r.text) for queue in waiting.values() for r in queue]
    return on_its_way + sorted(events, key=lambda event: event.at)[::-1]


def agency_name(code: str | None, city: City) -> str:
    """The short name of an agency; its code where the city pack no longer has it; empty where there is none."""
    known = city.agencies.get(code or "")
    return known.short if known else code or ""


def _event(fact: LifecycleFact, quote: str | None, city: City, *, opened: bool) -> Event:
    told = opened or not fact.confidential  # whose matter it is says what it is about
    agency = agency_name(fact.agency, city) if told else ""
    key = f"event.{fact.fact}" if agency or fact.fact not in (Fact.ASSIGNED, Fact.RETURNED) else f"event.{fact.fact}_nobody"
    topic = city.topics.get(fact.topic or "") if told else None
    why = f"reason.{fact.reason}" if fact.reason and told else None
    if fact.reason == "classifier" and topic is None:
        why = "reason.content"
    return Event(fact.at, key, agency, topic, why, quote)
