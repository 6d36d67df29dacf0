"""What intake makes of a submission: the city's rules, masking, and what the world is told."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.aspiration import ENTROPY, Aspiration, HandedIn, accept, fingerprint, records
from services.intake.domain.refusal import Refusal
from shared.city import City
from shared.contracts import ids, topics
from shared.contracts.events import AspirationSubmitted, ContactRegistered
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import ContactKind, Language

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TRACE = UUID(int=7)


def submission(**fields: Any) -> Submission:
    return Submission.model_validate({"channel": "kiosk", "text": "Lampu mati.", **fields})


def judge(city: City, channel: str = "kiosk", **fields: Any) -> Aspiration | Refusal:
    said = submission(**fields)
    handed = HandedIn(channel, "k1", said, fingerprint(said), TRACE)
    return accept(handed, areas=city.areas, now=NOW, entropy=bytes(range(ENTROPY)))


def accepted(city: City, **fields: Any) -> Aspiration:
    judged = judge(city, **fields)
    assert isinstance(judged, Aspiration)
    return judged


@pytest.mark.parametrize(
    ("fields", "slug", "field"),
    [
        ({"channel": "web"}, "wrong-channel", "channel"),
        ({"spoken_at": NOW + timedelta(minutes=6)}, "invalid-field", "spoken_at"),
        ({"spoken_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}, "invalid-field", "spoken_at"),
        ({"spoken_at": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)}, "invalid-field", "spoken_at"),
        ({"place": {"lat": -6.9, "lng": 107.6}}, "invalid-field", "place.lat"),
        ({"place": {"kelurahan": "31.71.01.1001"}}, "invalid-field", "place.kelurahan"),
        ({"place": {"kecamatan": "31.71.01"}}, "invalid-field", "place.kecamatan"),
        ({"place": {"kelurahan": "36.71.01.1001", "kecamatan": "31.71.01"}}, "invalid-field", "place.kecamatan"),
    ],
)
def test_what_the_city_cannot_take_is_refused_by_field_in_both_languages(
    city: City, fields: dict[str, Any], slug: str, field: str
) -> None:
    refusal = judge(city, **fields)
    assert isinstance(refusal, Refusal)
    assert (refusal.slug, refusal.field) == (slug, field)
    assert refusal.detail.keys() == set(Language)


@pytest.mark.parametrize("spoken_at", [NOW + timedelta(minutes=4), datetime(2000, 1, 1, tzinfo=UTC), None])
def test_a_voice_of_this_century_up_to_a_clock_that_is_a_little_fast_is_taken(city: City, spoken_at: datetime | None) -> None:
    assert accepted(city, spoken_at=spoken_at).handed.submission.spoken_at == spoken_at


def test_the_same_words_are_the_same_body_however_they_were_written() -> None:
    written = submission(anonymous=False, place={}, contact={"kind": "none"})
    assert fingerprint(written) == fingerprint(submission())
    assert fingerprint(submission(anonymous=True)) != fingerprint(submission())
    assert fingerprint(submission(contact={"kind": "sms", "address": "08120000000"})) != fingerprint(submission())


def test_a_body_is_known_by_what_it_says_so_that_a_field_of_tomorrow_changes_none_of_yesterdays() -> None:
    assert fingerprint(submission()) == hashlib.sha256(b'{"text":"Lampu mati.","channel":"kiosk"}').digest()


def test_the_aspiration_is_told_without_its_contact_and_the_contact_without_the_text(city: City) -> None:
    contact = {"kind": "email", "address": "warga@contoh.id", "consent": True}
    aspiration = accepted(city, text="Hubungi 0812 0000 0000.", contact=contact, language="en", photos=["foto/1"])
    submitted, told = records(aspiration)
    assert submitted.value is not None and told.value is not None
    assert AspirationSubmitted.model_validate_json(submitted.value).text == "Hubungi [telepon]."
    assert b"warga@contoh.id" not in submitted.value
    assert b"Hubungi" not in told.value
    registered = ContactRegistered.model_validate_json(told.value)
    assert (registered.kind, registered.address, registered.consent) == (ContactKind.EMAIL, "warga@contoh.id", True)
    assert (registered.tracking_code, registered.language) == (aspiration.tracking_code, Language.EN)


def test_the_events_are_the_same_events_whenever_they_are_told(city: City) -> None:
    aspiration = accepted(city)
    assert records(aspiration) == records(aspiration)
    for record, topic in zip(records(aspiration), (topics.SUBMITTED, topics.CONTACTS), strict=True):
        assert (record.topic, record.key) == (topic.name, str(aspiration.id).encode())
        assert record.headers["ce_id"] == str(ids.event_id(aspiration.id, topic.event_type, 1))
        assert record.headers["ce_correlationid"] == str(TRACE)
