"""An aspiration as its citizen follows it: what was handed in, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import AspirationType, ContactKind


@dataclass(frozen=True, slots=True)
class OwnText:
    """What the citizen handed in. `text` None: erased. `channel` as in the city pack; the codes of the place as published."""

    text: str | None
    channel: str
    title: str | None = None
    type: AspirationType | None = None
    kelurahan: str | None = None
    kecamatan: str | None = None
    place_words: str | None = None
    anonymous: bool = False
    confidential: bool = False
    contact: ContactKind = ContactKind.NONE


@dataclass(frozen=True, slots=True)
class Case:
    """An aspiration as intake keeps it. `own`: what the citizen handed in, to be shown only with the PIN."""

    id: UUID
    code: str
    received_at: datetime
    own: OwnText


@dataclass(frozen=True, slots=True)
class Story:
    """What became of it. Without the PIN `answers` and `replies` are empty."""

    facts: Sequence[LifecycleFact]
    answers: Sequence[AgencyAnswered] = ()
    replies: Sequence[CitizenReplied] = ()
