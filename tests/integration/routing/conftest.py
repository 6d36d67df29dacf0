"""Routing on real parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.routing.consumer import Subscribers
from services.routing.domain.classify import WordClassifier
from services.routing.store import Store
from shared.city import City
from shared.runtime.postgres import Database
from tests.integration.routing.world import MIGRATIONS, Desk
from tests.stack import Postgres


@pytest.fixture(scope="session")
def classifier(city: City) -> WordClassifier:
    return WordClassifier(city)


@pytest.fixture
async def desk(postgres: Postgres, city: City, classifier: WordClassifier) -> AsyncIterator[Desk]:
    """The handlers on an empty database."""
    database = Database(await postgres.database(Path(MIGRATIONS)))
    await database.open()
    yield Desk(database, Subscribers(Store(database), city, classifier))
    await database.close()
