"""What a city decides, as values: agencies, topics, channels, clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from shared.city.areas import Areas
from shared.city.calendar import Calendar
from shared.city.messages import Messages
from shared.contracts.vocabulary import Language

WorkingDays = Annotated[int, Field(ge=1, le=365)]
Name = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
STRICT = ConfigDict(extra="forbid")
"""A key of the pack that we do not know is a typing mistake."""


@dataclass(frozen=True, slots=True)
class Agency:
    """Who answers. `internal`: the city can give it a deadline; `by_place`: many offices behind one code, chosen by place."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
    name: Name
    short: Name
    kind: Name
    internal: bool
    contact: Address
    by_place: bool = False
    matters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicOfCity:
    """What aspirations are about. `words`: word or phrase as the pack writes it -> weight (5 decides nearly alone)."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    name: Name
    name_en: Name
    agency: str
    clock_class: str
    words: Mapping[str, float] = field(repr=False)

    def label(self, language: Language) -> str:
        """Its name for a reader of `language`."""
        return self.name if language is Language.ID else self.name_en


@dataclass(frozen=True, slots=True)
class Channel:
    """A way by which aspirations come in. `kafka`: it has topics of its own; otherwise HTTP only."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
    name: Name
    name_en: Name
    kafka: bool

    def label(self, language: Language) -> str:
        """Its name for a reader of `language`."""
        return self.name if language is Language.ID else self.name_en


@dataclass(frozen=True, slots=True)
class Promise:
    """What a citizen may expect, in working days after the day of receipt."""

    verify: int
    answer: int
    resolve: int


@dataclass(frozen=True, slots=True)
class ClockClass:
    """A class of matters that have the same promise."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    code: str
    name: Name
    name_en: Name
    verify: WorkingDays
    answer: WorkingDays
    resolve: WorkingDays


@dataclass(frozen=True, slots=True)
class Override:
    """Working days that a topic or an agency has otherwise than its class; None: as the class."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    code: str
    verify: WorkingDays | None = None
    answer: WorkingDays | None = None
    resolve: WorkingDays | None = None

    def over(self, promise: Promise) -> Promise:
        """The promise with what is said here in place of it."""
        return Promise(self.verify or promise.verify, self.answer or promise.answer, self.resolve or promise.resolve)


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long the city takes; see clocks.toml for the sources of the figures."""

    classes: Mapping[str, ClockClass]
    default: str
    day_ends: time
    confirm_days: int
    max_returns: int
    by_topic: Mapping[str, Override]
    by_agency: Mapping[str, Override]

    def promise(self, clock_class: str, *, topic: str | None, agency: str | None) -> Promise:
        """The promise of a class with its overrides: the topic's wins over the agency's, both win over the class."""
        found = self.classes[clock_class]
        promise = Promise(found.verify, found.answer, found.resolve)
        for override in (self.by_agency.get(agency or ""), self.by_topic.get(topic or "")):
            if override:
                promise = override.over(promise)
        return promise


@dataclass(frozen=True, slots=True, repr=False)
class City:
    """A city pack, loaded. Everything in it is immutable and may be shared by all tasks of a process."""

    name: str
    code: str
    languages: tuple[Language, ...]
    emergency: str
    agencies: Mapping[str, Agency]
    topics: Mapping[str, TopicOfCity]
    channels: Mapping[str, Channel]
    clocks: Clocks
    calendar: Calendar
    areas: Areas
    messages: Messages

    def __repr__(self) -> str:
        return f"City({self.name!r})"

    @property
    def kafka_channels(self) -> tuple[str, ...]:
        """The channels that have topics of their own."""
        return tuple(code for code, channel in self.channels.items() if channel.kafka)

    def promise(self, topic: str | None, agency: str | None = None) -> Promise:
        """What the city promises for a topic; one that nobody knows yet, or no longer, gets the default class."""
        known = self.topics.get(topic or "")
        clock_class = known.clock_class if known else self.clocks.default
        return self.clocks.promise(clock_class, topic=topic, agency=agency or (known.agency if known else None))
