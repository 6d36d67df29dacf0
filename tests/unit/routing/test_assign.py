"""What becomes of a new submission, and of one that an agency returned."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.routing.domain.assign import Located, locate, pass_on, receive, route
from services.routing.domain.case import Step
from services.routing.domain.classify import Judgement
from services.routing.domain.commands import Assign, Return, Triage
from services.routing.domain.lifecycle import apply
from shared.city import City
from shared.contracts.envelope import Event
from shared.contracts.events import AspirationSubmitted, Spot
from shared.contracts.topics import SUBMITTED
from shared.contracts.vocabulary import AspirationType, Fact, Role, Status
from tests.unit.routing.conftest import RECEIVED_AT, NewCase

ROAD = Judgement("jalan_rusak", "DPUPR", 0.8, ("aspal",), (("jalan_rusak", "DPUPR", 0.8),))
NEIGHBOURS = Judgement("rt_rw", "KEWILAYAHAN", 0.8)
NOTHING = Judgement(None, None, 0.0)
NOW = RECEIVED_AT + timedelta(seconds=2)
GEMBOR = Located("36.71.08.1002", "36.71.08")


def submitted(**fields: Any) -> Event[AspirationSubmitted]:
    known: dict[str, Any] = {
        "aspiration_id": UUID("0190a0b0-0000-7000-8000-000000000002"),
        "received_at": RECEIVED_AT,
        "channel": "kiosk",
        "role": Role.RW_RT_HEAD,
        "text": "Aspal mengelupas.",
    }
    data = AspirationSubmitted(**(known | fields))
    return Event(UUID(int=9), SUBMITTED.event_type, SUBMITTED.name, b"", UUID(int=7), data)


def test_a_sure_judgement_is_assigned(city: City) -> None:
    assert route(ROAD, Located(), city=city, threshold=0.5) == Assign("DPUPR", "jalan_rusak")


@pytest.mark.parametrize(
    ("judgement", "place", "reason"),
    [(ROAD, GEMBOR, "unsure"), (NOTHING, GEMBOR, "no_words"), (NEIGHBOURS, Located(), "unsure")],
)
def test_what_is_below_the_threshold_goes_to_triage(city: City, judgement: Judgement, place: Located, reason: str) -> None:
    assert route(judgement, place, city=city, threshold=0.9) == Triage(reason)


@pytest.mark.parametrize("place", [GEMBOR, Located(None, "36.71.08")])
def test_a_neighbourhood_matter_with_a_place_goes_to_the_local_offices(city: City, place: Located) -> None:
    assert route(NEIGHBOURS, place, city=city, threshold=0.5) == Assign("KEWILAYAHAN", "rt_rw")


def test_a_neighbourhood_matter_from_nowhere_goes_to_triage(city: City) -> None:
    assert route(NEIGHBOURS, Located(), city=city, threshold=0.5) == Triage("place_unknown")


@pytest.mark.parametrize(
    ("spot", "place"),
    [
        (Spot(lat=-6.172884, lng=106.631851), Located("36.71.01.1001", "36.71.01")),
        (Spot(lat=-6.172884, lng=106.631851, kelurahan="36.71.08.1002"), Located("36.71.01.1001", "36.71.01")),
        (Spot(lat=0.0, lng=0.0, kelurahan="36.71.08.1002"), GEMBOR),
        (Spot(kelurahan="36.71.08.1002", kecamatan="36.71.01"), GEMBOR),
        (Spot(kecamatan="36.71.08"), Located(None, "36.71.08")),
        (Spot(kelurahan="99.71.08.1002", kecamatan="99.71.08"), Located()),
        (Spot(words="dekat pasar"), Located()),
    ],
)
def test_coordinates_are_more_precise_than_codes_and_unknown_codes_are_no_place(city: City, spot: Spot, place: Located) -> None:
    assert locate(spot, city.areas) == place


def test_a_new_aspiration_is_received_then_assigned(city: City) -> None:
    voice = submitted(
        type=AspirationType.COMPLAINT, place=Spot(kelurahan="36.71.08.1002", rw="3"), anonymous=True, session="FKP-1"
    )
    received, assigned = receive(voice, ROAD, city=city, threshold=0.5, now=NOW)
    assert [(s.fact.ver, s.fact.fact, s.fact.at) for s in (received, assigned)] == [
        (1, Fact.RECEIVED, RECEIVED_AT),
        (2, Fact.ASSIGNED, NOW),
    ]
    fact = received.fact
    assert (fact.prev_status, fact.prev_at, fact.agency) == (None, None, None)
    assert (fact.channel, fact.role, fact.type, fact.session) == ("kiosk", Role.RW_RT_HEAD, AspirationType.COMPLAINT, "FKP-1")
    assert (fact.topic, fact.kelurahan, fact.kecamatan, fact.rw, fact.anonymous, fact.confidential) == (
        "jalan_rusak", "36.71.08.1002", "36.71.08", "3", True, False,
    )  # fmt: skip
    assert fact.due_resolve_at == city.calendar.due_at(RECEIVED_AT, 14)
    assert (assigned.fact.agency, assigned.fact.reason) == ("DPUPR", "classifier")
    assert assigned.case.correlation_id == voice.correlation_id


def test_a_topic_that_the_machine_is_unsure_of_is_not_counted_as_known(city: City) -> None:
    received, triaged = receive(submitted(), ROAD, city=city, threshold=0.9, now=NOW)
    assert (received.fact.topic, triaged.fact.topic, triaged.fact.reason) == (None, None, "unsure")
    assert triaged.case.status is Status.TRIAGE


def test_a_topic_whose_place_is_unknown_is_known_all_the_same(city: City) -> None:
    _, triaged = receive(submitted(), NEIGHBOURS, city=city, threshold=0.5, now=NOW)
    assert (triaged.fact.topic, triaged.fact.reason) == ("rt_rw", "place_unknown")


def test_a_returned_aspiration_goes_to_the_agency_that_was_suggested(new_case: NewCase, city: City) -> None:
    command = Return("DPUPR", "not_our_task", "dishub")
    returned = apply(new_case(), command, now=NOW, city=city)
    assert isinstance(returned, Step)
    assert pass_on(returned.case, command, city=city) == Assign("DISHUB", reason="suggested_by_agency")


@pytest.mark.parametrize("suggested", [None, "", "PUPR", "DPUPR"])
def test_without_another_known_agency_a_person_decides(new_case: NewCase, city: City, suggested: str | None) -> None:
    command = Return("DPUPR", "not_our_task", suggested)
    returned = apply(new_case(), command, now=NOW, city=city)
    assert isinstance(returned, Step)
    assert pass_on(returned.case, command, city=city) is None


def test_a_returned_aspiration_goes_back_to_triage_after_the_third_time(new_case: NewCase, city: City) -> None:
    command = Return("DPUPR", "not_our_task", "DISHUB")
    returned = apply(new_case(returned_count=2), command, now=NOW, city=city)
    assert isinstance(returned, Step)
    assert returned.case.status is Status.TRIAGE
    assert pass_on(returned.case, command, city=city) is None
