"""What citizens are told: templates by fact and language, from `messages/<language>.toml`. A fact without one is not told."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from jinja2 import Environment, StrictUndefined, Template

from shared.contracts.vocabulary import Fact, Language

_ENVIRONMENT = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - plain text, never HTML


_BLANK_LINES = re.compile(r"\n{3,}")
"""What a sentence that was left out leaves behind."""


@dataclass(frozen=True, slots=True)
class MessageValues:
    """What a template may say. Dates come formatted in the reader's language; None: not known, the sentence is left out."""

    code: str
    link: str
    city: str
    agency: str | None = None
    topic: str | None = None
    answer: str | None = None
    due_answer: str | None = None
    due_resolve: str | None = None
    confirm_before: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as sent: `subject` and `long` for e-mail, `short` for SMS and WhatsApp."""

    subject: str
    long: str
    short: str


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """Compiled templates of one fact in one language."""

    subject: Template
    long: Template
    short: Template

    @classmethod
    def compiled(cls, subject: str, long: str, short: str) -> "MessageTemplate":
        """From the texts of the pack. jinja2.TemplateSyntaxError where one is not a template."""
        return cls(*(_ENVIRONMENT.from_string(text.strip()) for text in (subject, long, short)))

    def render(self, values: MessageValues) -> Message:
        """The message. A subject is one line whatever the values hold, so that none can add a mail header."""
        known = asdict(values)
        return Message(
            subject=" ".join(self.subject.render(known).split()),
            long=_BLANK_LINES.sub("\n\n", self.long.render(known)).strip() + "\n",
            short=" ".join(self.short.render(known).split()),
        )


@dataclass(frozen=True, slots=True)
class Messages:
    """All templates of a city."""

    templates: Mapping[Language, Mapping[Fact, MessageTemplate]]
    default: Language

    def tells(self, fact: Fact) -> bool:
        """Whether citizens are told of this fact at all."""
        return fact in self.templates[self.default]

    def render(self, fact: Fact, language: Language, values: MessageValues) -> Message | None:
        """The message about `fact` in `language` (the city's first where that is lacking), or None: nothing is said."""
        template = self.templates.get(language, {}).get(fact) or self.templates[self.default].get(fact)
        return template.render(values) if template else None
