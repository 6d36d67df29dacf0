"""A batch of new submissions becomes cases: judged, located, assigned or put into triage, and announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain.announce import Story, announce
from services.routing.domain.assign import receive
from services.routing.domain.case import Case
from services.routing.domain.classify import Classifier, Judgement
from shared.city import City
from shared.contracts.envelope import Event, Record
from shared.contracts.events import AspirationSubmitted


@dataclass(frozen=True, slots=True)
class Decision:
    """Why the machine decided as it did at `ver`: its judgement, who judged, and the confidence that was asked for."""

    aspiration_id: UUID
    ver: int
    judgement: Judgement
    model: str
    model_version: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case as it stands after its first decision, with all that is to be saved and published."""

    case: Case
    story: Story
    decision: Decision
    records: Sequence[Record]


def open_cases(
    events: Sequence[Event[AspirationSubmitted]], classifier: Classifier, *, city: City, threshold: float, now: datetime
) -> list[Opened]:
    """One per event, in order; title and text are judged together."""
    judgements = classifier.classify([f"{event.data.title or ''}\n{event.data.text}" for event in events])
    opened = []
    for event, judgement in zip(events, judgements, strict=True):
        received, second = receive(event, judgement, city=city, threshold=threshold, now=now)
        story = _story(event.data)
        records = announce(received, cause=event.id) + announce(second, cause=event.id, story=story)
        case = second.case
        decision = Decision(case.aspiration_id, case.ver, judgement, classifier.name, classifier.version, threshold)
        opened.append(Opened(case, story, decision, records))
    return opened


def _story(submitted: AspirationSubmitted) -> Story:
    return Story(
        aspiration_id=submitted.aspiration_id,
        text=submitted.text,
        title=submitted.title,
        lat=submitted.place.lat,
        lng=submitted.place.lng,
        place_words=submitted.place.words,
        photos=tuple(submitted.photos),
    )
