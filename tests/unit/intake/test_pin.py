"""The PIN and the key that opens a page again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.intake.domain import pin
from shared.contracts import ids

SECRET, ID, NOW = b"s" * 32, UUID(int=7), datetime(2026, 11, 24, tzinfo=UTC)


def test_a_key_opens_its_aspiration_for_an_hour() -> None:
    key = pin.key_of(SECRET, ID, NOW)
    assert pin.key_opens(SECRET, ID, key, NOW + timedelta(minutes=59))
    assert not pin.key_opens(SECRET, ID, key, NOW + timedelta(minutes=60))


def test_a_key_opens_nothing_else() -> None:
    key = pin.key_of(SECRET, ID, NOW)
    expires, _, signature = key.partition(".")
    assert not pin.key_opens(SECRET, UUID(int=8), key, NOW)
    assert not pin.key_opens(b"t" * 32, ID, key, NOW)
    assert not pin.key_opens(SECRET, ID, f"{int(expires, 16) + 1:x}.{signature}", NOW)


@pytest.mark.parametrize("key", ["", ".", "x", "ffffffffff.", "-1." + "0" * 32, "ffffffffff." + "é" * 32, "f" * 10_000])
def test_nonsense_opens_nothing(key: str) -> None:
    assert not pin.key_opens(SECRET, ID, key, NOW)


def test_the_pin_does_not_stand_in_the_key() -> None:
    assert ids.pin(SECRET, ID) not in pin.key_of(SECRET, ID, NOW)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("048213", "048213"), (" 048 213 ", "048213"), ("048-213", "048213"), ("48213", None), ("٠٤٨٢١٣", None), ("", None)],
)
def test_a_pin_may_be_typed_in_groups(typed: str, digits: str | None) -> None:
    assert pin.typed_pin(typed) == digits
