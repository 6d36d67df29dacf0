"""Who counts as one client."""

import pytest

from services.intake.pages.limits import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_a_household_counts_as_one_client(address: str, network: str) -> None:
    assert network_of(address) == network
