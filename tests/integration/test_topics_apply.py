"""`serap topics apply` on a real broker."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from serap import topics
from serap.errors import OperatorError
from shared.contracts.topics import CONTACTS, LIFECYCLE, SUBMITTED, catalogue
from tests.stack import Broker, free_port


@pytest.fixture
def renamed(request: pytest.FixtureRequest) -> Iterator[str]:
    """A name of its own for each test: the broker lives for the session."""
    yield f"{request.node.name}."


def test_missing_topics_are_created_and_existing_ones_left(broker: Broker, renamed: str) -> None:
    first, second = replace(SUBMITTED, name=renamed + "1"), replace(CONTACTS, name=renamed + "2")
    assert topics.apply(broker.bootstrap, [first]) == topics.Applied(created=[first.name])
    assert topics.apply(broker.bootstrap, [first, second]) == topics.Applied(created=[second.name], existing=[first.name])
    assert topics.missing(broker.bootstrap, [first, second]) == []


def test_a_topic_that_differs_is_told_and_not_touched(broker: Broker, renamed: str) -> None:
    declared = replace(LIFECYCLE, name=renamed)
    topics.apply(broker.bootstrap, [declared])
    wanted = replace(declared, partitions=12, retention_ms=1000)
    told = {renamed: ["6 partitions instead of 12", "retention.ms is -1 instead of 1000"]}
    assert topics.apply(broker.bootstrap, [wanted]).differing == told
    assert topics.apply(broker.bootstrap, [declared]).differing == {}


def test_a_whole_city_fits(broker: Broker) -> None:
    declared = catalogue(["kiosk"], [f"OPD{number}" for number in range(40)])
    topics.apply(broker.bootstrap, declared)
    again = topics.apply(broker.bootstrap, declared)
    assert (again.created, again.differing) == ([], {})
    assert len(again.existing) == len(declared)


def test_topics_that_are_missing_are_named(broker: Broker, renamed: str) -> None:
    assert topics.missing(broker.bootstrap, [replace(SUBMITTED, name=renamed)]) == [renamed]


def test_a_broker_that_is_away_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "LOOK_SECONDS", 0.5)
    port = free_port()
    with pytest.raises(OperatorError, match=rf"^the broker at 127\.0\.0\.1:{port} .*serap doctor$"):
        topics.apply(f"127.0.0.1:{port}", [SUBMITTED])
