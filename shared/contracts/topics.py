"""Every topic of Serap in one place: who writes, who reads, how it is kept, what it may hold. `serap topics apply` creates them.

Key is the aspiration id everywhere but where said otherwise; never the agency, whose share of the traffic is uneven.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel

from shared.contracts import events, submission, vocabulary

DAY_MS = 24 * 3600 * 1000
FOR_EVER = -1
MAX_DEAD_LETTER_BYTES = 2 * 1024 * 1024
"""The largest record that Kafka takes by default (1 MB), with what is said about it."""


class PersonalData(StrEnum):
    """What a topic may hold of a person."""

    NONE = "none"
    TEXT = "text"  # a citizen's words, direct identifiers masked
    CONTACT = "contact"
    RAW = "raw"  # what a channel hands in, before masking
    ACCESS = "access"  # the code and PIN that open a citizen's text


@dataclass(frozen=True, slots=True)
class Topic:
    """`writer` and `readers` are service names, or `channel` / `agency` for the world outside."""

    name: str
    model: type[BaseModel]
    event_type: str
    writer: str
    readers: tuple[str, ...]
    partitions: int
    retention_ms: int
    personal_data: PersonalData
    about: str
    compacted: bool = False
    key: str = "aspiration id"

    @property
    def trusted(self) -> bool:
        """Written by one of our own services. What others write is judged record by record and blamed on the sender."""
        return self.writer not in ("channel", "agency")

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings in Kafka's own words."""
        if self.compacted:
            return {"cleanup.policy": "compact"}
        kept = {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}
        return {**kept, "max.message.bytes": str(MAX_DEAD_LETTER_BYTES)} if self.name.endswith(".dlq") else kept


SUBMITTED = Topic(
    "aspirations.submitted.v1", events.AspirationSubmitted, "serap.aspiration.submitted.v1",
    "intake", ("routing",), 6, 30 * DAY_MS, PersonalData.TEXT, "accepted aspirations with their text",
)  # fmt: skip
CONTACTS = Topic(
    "citizens.contacts.v1", events.ContactRegistered, "serap.contact.registered.v1",
    "intake", ("notify",), 6, FOR_EVER, PersonalData.CONTACT, "how to reach the citizen; a tombstone erases", compacted=True,
)  # fmt: skip
REPLIES = Topic(
    "citizens.replies.v1", events.CitizenReplied, "serap.citizen.replied.v1",
    "intake", ("routing",), 6, 30 * DAY_MS, PersonalData.TEXT, "answer, confirm, dispute, withdraw, support",
)  # fmt: skip
ANSWERS = Topic(
    "aspirations.answers.v1", events.AgencyAnswered, "serap.agency.answered.v1",
    "routing", ("notify", "intake"), 6, 30 * DAY_MS, PersonalData.TEXT, "what an agency says to the citizen",
)  # fmt: skip
LIFECYCLE = Topic(
    "aspirations.lifecycle.v1", events.LifecycleFact, "serap.aspiration.{fact}.v1",
    "routing", ("notify", "reporting", "intake"), 6, FOR_EVER, PersonalData.NONE, "facts with a gapless ver",
)  # fmt: skip
OUTCOMES = Topic(
    "notifications.outcomes.v1", events.NotificationEnded, "serap.notification.ended.v1",
    "notify", ("reporting",), 6, 90 * DAY_MS, PersonalData.NONE, "how telling the citizen ended",
)  # fmt: skip
PROGRAMMES = Topic(
    "programmes.decisions.v1", events.ProgrammeDecided, "serap.programme.decided.v1",
    "reporting", ("notify", "routing"), 1, FOR_EVER, PersonalData.NONE, "what the city decided", key="programme id",
)  # fmt: skip


def submissions(channel: str) -> Topic:
    """The topic on which a channel that prefers Kafka hands in."""
    return Topic(
        f"channel.{channel}.submissions.v1", submission.Submission, "serap.aspiration.handed_in.v1",
        "channel", ("intake",), 3, 7 * DAY_MS, PersonalData.RAW, "the same body as POST /v1/aspirations",
        key="the channel's own submission id = its idempotency key",
    )  # fmt: skip


def receipts(channel: str) -> Topic:
    """The topic on which that channel reads what became of it."""
    return Topic(
        f"channel.{channel}.receipts.v1", events.SubmissionReceipt, "serap.submission.receipted.v1",
        "intake", ("channel",), 3, 7 * DAY_MS, PersonalData.ACCESS, "accepted with code and PIN, or refused",
        key="the channel's own submission id = its idempotency key",
    )  # fmt: skip


def assignments(agency: str) -> Topic:
    """What an agency reads."""
    return Topic(
        f"agency.{agency.lower()}.assignments.v1", events.AssignmentChanged, "serap.assignment.{kind}.v1",
        "routing", ("agency",), 2, 30 * DAY_MS, PersonalData.TEXT, "assigned, withdrawn, citizen replied, due soon",
    )  # fmt: skip


def updates(agency: str) -> Topic:
    """What an agency writes."""
    return Topic(
        f"agency.{agency.lower()}.updates.v1", events.AgencyUpdated, "serap.agency.updated.v1",
        "agency", ("routing",), 2, 30 * DAY_MS, PersonalData.TEXT, "accept, return, progress, ask, resolve, reject",
    )  # fmt: skip


def event_types(topic: Topic) -> frozenset[str]:
    """Every `ce_type` that may stand in the topic."""
    words = {"{fact}": vocabulary.Fact, "{kind}": vocabulary.AssignmentKind}
    for slot, enum in words.items():
        if slot in topic.event_type:
            return frozenset(topic.event_type.replace(slot, word) for word in enum)
    return frozenset({topic.event_type})


def agency_of(topic_name: str) -> str:
    """The agency whose topic this is: its identity (D3). Upper case, as in the city's table."""
    return topic_name.split(".")[1].upper()


def channel_of(topic_name: str) -> str:
    """The channel whose topic this is."""
    return topic_name.split(".")[1]


def dead_letters(topic_name: str, group: str) -> str:
    """Where a consumer group puts what it cannot use of a topic."""
    return f"{topic_name}.{group}.dlq"


def dead_letter_topics(topic: Topic) -> list[Topic]:
    """One for each of our own groups that reads the topic."""
    return [
        replace(topic, name=dead_letters(topic.name, group), writer=group, readers=("operators",), partitions=1,
                retention_ms=30 * DAY_MS, compacted=False, about=f"what {group} could not use, as it came")
        for group in topic.readers
        if group not in ("channel", "agency")
    ]  # fmt: skip


def catalogue(channels: Iterable[str], agencies: Iterable[str]) -> list[Topic]:
    """Every topic of a city, dead letters too."""
    topics = [SUBMITTED, CONTACTS, REPLIES, ANSWERS, LIFECYCLE, OUTCOMES, PROGRAMMES]
    for channel in channels:
        topics += [submissions(channel), receipts(channel)]
    for agency in agencies:
        topics += [assignments(agency), updates(agency)]
    return [*topics, *(dead for topic in topics for dead in dead_letter_topics(topic))]
