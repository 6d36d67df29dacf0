"""What becomes of a new submission, and of an aspiration that an agency returned."""

from dataclasses import dataclass
from datetime import datetime

from services.routing.domain.case import Case, Step, step
from services.routing.domain.classify import Judgement
from services.routing.domain.clocks import due_dates
from services.routing.domain.commands import Assign, Return, Triage
from services.routing.domain.lifecycle import Refusal, apply
from shared.city import Areas, City
from shared.contracts.envelope import Event
from shared.contracts.events import AspirationSubmitted, Spot
from shared.contracts.vocabulary import Actor, Fact, Status


@dataclass(frozen=True, slots=True)
class Located:
    """Which parts of the city an aspiration is from, as far as known."""

    kelurahan: str | None = None
    kecamatan: str | None = None


def locate(spot: Spot, areas: Areas) -> Located:
    """Coordinates first, then the codes that the channel gave; codes that the city does not have count as unknown."""
    if spot.lat is not None and spot.lng is not None and (found := areas.locate(spot.lat, spot.lng)):
        return Located(found.code, found.kecamatan_code)
    if spot.kelurahan and (known := areas.kelurahan.get(spot.kelurahan)):
        return Located(known.code, known.kecamatan_code)
    return Located(None, spot.kecamatan if spot.kecamatan in areas.kecamatan else None)


def route(judgement: Judgement, place: Located, *, city: City, threshold: float) -> Assign | Triage:
    """The judgement's agency, or triage with the reason: `no_words`, `unsure`, `place_unknown`.

    `threshold`: the least confidence (0..1) at which the machine decides alone.
    """
    if judgement.agency is None:
        return Triage("no_words")
    if judgement.confidence < threshold:
        return Triage("unsure")
    if city.agencies[judgement.agency].by_place and not (place.kelurahan or place.kecamatan):
        return Triage("place_unknown")
    return Assign(judgement.agency, judgement.topic)


def receive(
    event: Event[AspirationSubmitted], judgement: Judgement, *, city: City, threshold: float, now: datetime
) -> tuple[Step, Step]:
    """The first two steps of a new aspiration: `received` (ver 1), then `assigned` or `triaged` (ver 2)."""
    place = locate(event.data.place, city.areas)
    command = route(judgement, place, city=city, threshold=threshold)
    received = step(_opened(event, place, judgement, command, city), Fact.RECEIVED, Actor.CITIZEN, before=None)
    second = apply(received.case, command, now=now, city=city)
    if isinstance(second, Refusal):  # `route` asks for nothing that the table refuses
        raise AssertionError(f"a received case refused {command}: {second.reason}")
    return received, second


def _opened(
    event: Event[AspirationSubmitted], place: Located, judgement: Judgement, command: Assign | Triage, city: City
) -> Case:
    """A topic that the machine is unsure of is not the case's topic: it would be counted as known."""
    submitted = event.data
    topic = None if isinstance(command, Triage) and command.reason != "place_unknown" else judgement.topic
    dates = due_dates(city, submitted.received_at, topic=topic)
    return Case(
        aspiration_id=submitted.aspiration_id,
        correlation_id=event.correlation_id,
        ver=1,
        status=Status.RECEIVED,
        at=submitted.received_at,
        received_at=submitted.received_at,
        channel=submitted.channel,
        role=submitted.role,
        language=submitted.language,
        type=submitted.type,
        topic=topic,
        kelurahan=place.kelurahan,
        kecamatan=place.kecamatan,
        rw=submitted.place.rw,
        anonymous=submitted.anonymous,
        confidential=submitted.confidential,
        session=submitted.session,
        due_answer_at=dates.answer_at,
        due_resolve_at=dates.resolve_at,
    )


def pass_on(case: Case, returned: Return, *, city: City) -> Assign | None:
    """After a return: the agency that the returning one suggests, or None, then a person decides.

    None too after the last return that the city allows (D5: at most 3 times).
    """
    suggested = (returned.suggested_agency or "").upper()
    if case.returned_count >= city.clocks.max_returns or suggested == returned.agency:
        return None
    command = Assign(suggested, reason="suggested_by_agency")
    if suggested not in city.agencies or isinstance(apply(case, command, now=case.at, city=city), Refusal):
        return None
    return command
