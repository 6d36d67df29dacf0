"""Real parts for the tests: one PostgreSQL for the session with a fresh database per test, and an empty broker per test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serap.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.city import City, load_city
from tests.stack import FAST, Broker, Postgres, free_port

PACK = Path(__file__).parents[1] / "cities" / "tangerang"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of the session; `await postgres.database(migrations)` makes a database. Nothing of it stays."""
    # Not below pytest's own folder: it is closed to the user who runs PostgreSQL for root, and the cluster would lie elsewhere.
    with tempfile.TemporaryDirectory(prefix="serap-test-") as place:
        Path(place).chmod(0o755)
        server = EmbeddedPostgres(Path(place), free_port(), "secret-of-the-tests", FAST)
        server.start()
        yield Postgres(server)
        server.stop()


@pytest.fixture
def broker(tmp_path: Path, city: City) -> Iterator[Broker]:
    """An empty broker with all topics of the city."""
    (tmp_path / "broker").mkdir()
    server = EmbeddedBroker(tmp_path / "broker", free_port())
    server.start()
    broker = Broker(server, city)
    broker.apply_topics()
    yield broker
    server.stop()


@pytest.fixture(scope="session")
def pack() -> Path:
    """The folder of the city pack that ships."""
    return PACK


@pytest.fixture(scope="session")
def city(pack: Path) -> City:
    """The city pack as it ships, loaded once."""
    return load_city(pack)
