"""The PIN and the key that opens a page again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.intake import opening
from services.intake.citizen_limits import network_of
from shared.contracts import ids

SECRET, ID, NOW = b"s" * 32, UUID(int=7), datetime(2026, 11, 24, tzinfo=UTC)


def test_a_key_opens_its_aspiration_for_an_hour() -> None:
    key = opening.key_of(SECRET, ID, NOW)
    assert opening.key_opens(SECRET, ID, key, NOW + timedelta(minutes=59))
    assert not opening.key_opens(SECRET, ID, key, NOW + timedelta(minutes=60))


def test_a_key_opens_nothing_else() -> None:
    key = opening.key_of(SECRET, ID, NOW)
    expires, _, signature = key.partition(".")
    assert not opening.key_opens(SECRET, UUID(int=8), key, NOW)
    assert not opening.key_opens(b"t" * 32, ID, key, NOW)
    assert not opening.key_opens(SECRET, ID, f"{int(expires, 16) + 1:x}.{signature}", NOW)


@pytest.mark.parametrize("key", ["", ".", "x", "ffffffffff.", "-1." + "0" * 32, "ffffffffff." + "é" * 32, "f" * 10_000])
def test_nonsense_opens_nothing(key: str) -> None:
    assert not opening.key_opens(SECRET, ID, key, NOW)


def test_the_pin_does_not_stand_in_the_key() -> None:
    assert ids.pin(SECRET, ID) not in opening.key_of(SECRET, ID, NOW)


@pytest.mark.parametrize(
    ("typed", "pin"),
    [("048213", "048213"), (" 048 213 ", "048213"), ("048-213", "048213"), ("48213", None), ("٠٤٨٢١٣", None), ("", None)],
)
def test_a_pin_may_be_typed_in_groups(typed: str, pin: str | None) -> None:
    assert opening.typed_pin(typed) == pin


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_a_household_counts_as_one_client(address: str, network: str) -> None:
    assert network_of(address) == network
