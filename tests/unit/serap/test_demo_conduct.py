"""What simulated people say and do: repeatable, lawful, and over at some time."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from serap.demo.conduct import Conduct
from serap.demo.ledger import Ledger, Life
from serap.demo.voices import Voices
from shared.city import City, Simulation, load_simulation
from shared.contracts.events import AgencyUpdated, AssignmentChanged, Spot
from shared.contracts.vocabulary import AssignmentKind, ContactKind, Fact, ReplyKind, Status, UpdateKind
from tests.unit.serap.life import fact

NOW = "2026-11-24T09:00:00+07:00"


@pytest.fixture(scope="session")
def simulation(pack: Path, city: City) -> Simulation:
    return load_simulation(pack, city)


@pytest.fixture
def conduct(city: City, simulation: Simulation) -> Conduct:
    return Conduct(city, simulation, seed=7)


def assigned(ver: int = 2, kind: AssignmentKind = AssignmentKind.ASSIGNED, text: str = "Lampu padam.") -> AssignmentChanged:
    return AssignmentChanged(
        aspiration_id=uuid4(), ver=ver, kind=kind, agency="DISHUB", at=NOW, text=text, place=Spot(kelurahan="36.71.01.1001")
    )


def test_the_same_seed_says_the_same_and_another_run_has_other_keys(city: City, simulation: Simulation) -> None:
    one, other = (Voices(city, simulation, run=run, seed=3) for run in ("a", "b"))
    first, second = [one.next() for _ in range(50)], [other.next() for _ in range(50)]
    assert [spoken.submission for spoken in first] == [spoken.submission for spoken in second]
    assert not {spoken.key for spoken in first} & {spoken.key for spoken in second}


def test_voices_use_every_channel_but_the_import_and_no_address_of_anybody(city: City, simulation: Simulation) -> None:
    voices = Voices(city, simulation, run="a", seed=1)
    said = [voices.next().submission for _ in range(400)]
    assert {one.channel for one in said} == set(city.channels) - {"import"}
    contacts = [one.contact for one in said if one.contact.address]
    mails = [contact.address or "" for contact in contacts if contact.kind is ContactKind.EMAIL]
    phones = [contact.address or "" for contact in contacts if contact.kind is not ContactKind.EMAIL]
    assert all(mail.rpartition("@")[2] in ("example.com", "example.net", "example.org") for mail in mails)
    assert all(phone.startswith("+620") for phone in phones)
    assert mails and phones


def test_coordinates_of_voices_lie_in_the_city(city: City, simulation: Simulation) -> None:
    voices = Voices(city, simulation, run="a", seed=1)
    places = [place for _ in range(100) if (place := voices.next().submission.place).lat is not None]
    assert places
    assert all(city.areas.locate(place.lat or 0, place.lng or 0) for place in places)


def test_an_agency_that_reads_an_assignment_again_says_the_same_with_the_same_ids(conduct: Conduct) -> None:
    event, event_id = assigned(), uuid4()
    assert conduct.updates(event, event_id) == conduct.updates(event, event_id)


def test_two_events_never_share_an_update_id(conduct: Conduct) -> None:
    event = assigned()
    ids = [update.update_id for event_id in (uuid4(), uuid4()) for update in conduct.updates(event, event_id)]
    assert len(ids) == len(set(ids))


def updates(conduct: Conduct, event: AssignmentChanged) -> list[UpdateKind]:
    return [update.kind for update in conduct.updates(event, UUID(int=1))]


def test_agencies_do_all_that_agencies_may_do(conduct: Conduct) -> None:
    done = {kind for number in range(300) for kind in updates(conduct, assigned(text=f"Keluhan {number}"))}
    assert done == set(UpdateKind)


def test_what_was_returned_once_is_answered_by_whoever_gets_it_next(conduct: Conduct) -> None:
    again = [updates(conduct, assigned(ver=4, text=f"Keluhan {number}")) for number in range(300)]
    assert all(UpdateKind.RETURN not in kinds for kinds in again)
    assert all(kinds[0] is UpdateKind.ACCEPT for kinds in again)


def test_who_asked_goes_on_when_the_citizen_has_replied(conduct: Conduct) -> None:
    assert updates(conduct, assigned(kind=AssignmentKind.CITIZEN_REPLIED, ver=5)) == [UpdateKind.RESOLVE]


def test_an_agency_does_nothing_about_a_refused_update(conduct: Conduct) -> None:
    assert updates(conduct, assigned(kind=AssignmentKind.UPDATE_REFUSED)) == []


def test_every_update_has_the_text_that_routing_asks_for(conduct: Conduct) -> None:
    told = [update for number in range(300) for update in conduct.updates(assigned(text=f"Keluhan {number}"), uuid4())]
    speaking: list[AgencyUpdated] = [u for u in told if u.kind in (UpdateKind.ASK, UpdateKind.RESOLVE, UpdateKind.REJECT)]
    assert speaking and all(update.text for update in speaking)


def life(*facts: tuple[Fact, Status]) -> Life:
    ledger, aspiration_id = Ledger(), uuid4()
    for ver, (what, status) in enumerate(facts, 1):
        ledger.note_fact(uuid4(), fact(aspiration_id, ver, what, status))
    return ledger.life(aspiration_id)


RECEIVED, ASSIGNED = (Fact.RECEIVED, Status.RECEIVED), (Fact.ASSIGNED, Status.ASSIGNED)
RESOLVED, DISPUTED = (Fact.RESOLVED, Status.RESOLVED), (Fact.DISPUTED, Status.IN_PROGRESS)


def test_a_citizen_who_was_asked_always_answers(conduct: Conduct) -> None:
    asked = life(RECEIVED, ASSIGNED, (Fact.ASKED, Status.WAITING_CITIZEN))
    wishes = [conduct.wish(number, asked) for number in range(50)]
    assert {wish.kind for wish in wishes if wish} == {ReplyKind.ANSWER}
    assert all(wish and wish.text for wish in wishes)
    assert not conduct.rests(1, asked)


def test_after_a_result_some_confirm_with_a_rating_some_dispute_and_most_are_silent(conduct: Conduct) -> None:
    resolved = life(RECEIVED, ASSIGNED, RESOLVED)
    wishes = [conduct.wish(number, resolved) for number in range(300)]
    kinds = [wish.kind if wish else None for wish in wishes]
    assert set(kinds) == {None, ReplyKind.CONFIRM, ReplyKind.DISPUTE}
    assert kinds.count(None) > 100
    assert all(wish.rating for wish in wishes if wish and wish.kind is ReplyKind.CONFIRM)
    assert [conduct.rests(number, resolved) for number in range(300)] == [wish is None for wish in wishes]


def test_nobody_disputes_twice(conduct: Conduct) -> None:
    again = life(RECEIVED, ASSIGNED, RESOLVED, DISPUTED, RESOLVED)
    assert {wish.kind for number in range(100) if (wish := conduct.wish(number, again))} == {ReplyKind.CONFIRM}


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.CLOSED, Status.REJECTED, Status.WITHDRAWN])
def test_nothing_more_happens_to_what_has_ended_or_waits_for_an_officer(conduct: Conduct, status: Status) -> None:
    assert conduct.rests(1, life(RECEIVED, (Fact.ASSIGNED, status)))
