"""The city pack as it ships, loaded once."""

from pathlib import Path

import pytest

from shared.city import City, load_city

PACK = Path(__file__).parents[2] / "cities" / "tangerang"


@pytest.fixture(scope="session")
def pack() -> Path:
    return PACK


@pytest.fixture(scope="session")
def city() -> City:
    return load_city(PACK)
