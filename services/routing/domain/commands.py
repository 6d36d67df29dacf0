"""What agencies, citizens, officers and timers may ask for. A command is a wish; `lifecycle.apply` decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from shared.contracts.events import AgencyUpdated, CitizenReplied
from shared.contracts.vocabulary import Actor, ReplyKind, UpdateKind

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Assign:
    """Give it to `agency`; `reason`: why this one. `topic`, `kelurahan` None: the case keeps its own."""

    agency: str
    topic: str | None = None
    kelurahan: str | None = None
    reason: str = "classifier"
    actor: Actor = Actor.SYSTEM


@dataclass(frozen=True, slots=True)
class Triage:
    """Let a person decide whose it is; `reason`: why the machine does not."""

    reason: str
    actor: Actor = Actor.SYSTEM


@dataclass(frozen=True, slots=True)
class Accept:
    agency: str
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Return:
    """The agency says that it is not its task."""

    agency: str
    reason: str = OTHER
    suggested_agency: str | None = None
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the citizen; the clocks stand still until the answer."""

    agency: str
    text: str | None
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Progress:
    agency: str
    text: str | None = None
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Resolve:
    """The result, in words for the citizen."""

    agency: str
    text: str | None
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Reject:
    """Nothing will be done; says why. `agency` None: the triage officer, where no agency has it yet."""

    agency: str | None
    text: str | None
    reason: str = OTHER
    actor: Actor = Actor.AGENCY


@dataclass(frozen=True, slots=True)
class Reply:
    """The citizen's answer to a question, or more about the matter; never resets a clock."""

    actor: Actor = Actor.CITIZEN


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes, it is settled."""

    actor: Actor = Actor.CITIZEN


@dataclass(frozen=True, slots=True)
class Dispute:
    """No, it is not settled."""

    actor: Actor = Actor.CITIZEN


@dataclass(frozen=True, slots=True)
class Withdraw:
    actor: Actor = Actor.CITIZEN


Command: TypeAlias = Assign | Triage | Accept | Return | Ask | Progress | Resolve | Reject | Reply | Confirm | Dispute | Withdraw
AgencyCommand: TypeAlias = Accept | Return | Ask | Progress | Resolve | Reject

REASONS: Mapping[type[Command], frozenset[str]] = {
    Assign: frozenset({"classifier", "suggested_by_agency", "officer"}),
    Triage: frozenset({"no_words", "unsure", "place_unknown"}),
    Return: frozenset({"not_our_task", "other_area", "needs_other_agency", "incomplete"}),
    Reject: frozenset({"not_city_matter", "incomplete", "not_found", "duplicate", "already_planned", "against_rules"}),
}


def reason_of(command: Command) -> str | None:
    """The command's reason as a code, None where it has none. Facts are kept for ever, and free text could name a person:
    what is not listed becomes `other`."""
    listed = REASONS.get(type(command))
    if listed is None:
        return None
    reason: str = getattr(command, "reason", OTHER)
    return reason if reason in listed else OTHER


def command_of_update(update: AgencyUpdated) -> AgencyCommand:
    """What an agency's update asks for. That `update.agency` owns the topic it came by is the consumer's check."""
    agency, text = update.agency, update.text
    match update.kind:
        case UpdateKind.ACCEPT:
            return Accept(agency)
        case UpdateKind.RETURN:
            return Return(agency, update.reason or OTHER, update.suggested_agency)
        case UpdateKind.PROGRESS:
            return Progress(agency, text)
        case UpdateKind.ASK:
            return Ask(agency, text)
        case UpdateKind.RESOLVE:
            return Resolve(agency, text)
        case UpdateKind.REJECT:
            return Reject(agency, text, update.reason or OTHER)


def command_of_reply(reply: CitizenReplied) -> Command | None:
    """What a citizen's reply asks for; None for `support`, which changes no case."""
    return _OF_REPLY.get(reply.kind)


_OF_REPLY: dict[ReplyKind, Command] = {
    ReplyKind.ANSWER: Reply(),
    ReplyKind.CONFIRM: Confirm(),
    ReplyKind.DISPUTE: Dispute(),
    ReplyKind.WITHDRAW: Withdraw(),
}
