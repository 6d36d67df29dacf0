from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from shared.contracts.submission import Submission

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"channel": "kiosk"}', "text"),
        ('{"channel": "kiosk", "text": ""}', "text"),
        ('{"channel": "kiosk", "text": 5}', "text"),
        ('{"channel": "kiosk", "text": "a\\u0000b"}', "text"),
        ('{"channel": "Kiosk!", "text": "a"}', "channel"),
        ('{"channel": "kiosk", "text": "a", "typ": "aspirasi"}', "typ"),
        ('{"channel": "kiosk", "text": "a", "place": {"lat": 200, "lng": 1}}', "place.lat"),
        ('{"channel": "kiosk", "text": "a", "place": {"lat": -6.1}}', "place"),
        ('{"channel": "kiosk", "text": "a", "contact": {"kind": "email", "address": "nobody"}}', "contact"),
        ('{"channel": "kiosk", "text": "a", "contact": {"kind": "sms"}}', "contact"),
        ('{"channel": "kiosk", "text": "a", "spoken_at": "2026-01-01T00:00:00"}', "spoken_at"),
        ('{"channel": "kiosk", "text": "a", "session": "Forum Pak Contoh"}', "session"),
        ('{"channel": "kiosk", "text": "a", "session": "081200000000"}', "session"),
    ],
)
def test_a_bad_body_is_refused_by_the_name_of_its_field(body: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Submission.model_validate_json(body)
    assert ".".join(map(str, refused.value.errors()[0]["loc"])) == field


def test_a_voice_from_the_future_is_recognised() -> None:
    body = '{"channel": "kiosk", "text": "a", "spoken_at": "9999-12-31T00:00:00Z"}'
    assert Submission.model_validate_json(body).said_in_the_future(NOW)
    assert not Submission(channel="kiosk", text="a").said_in_the_future(NOW)
