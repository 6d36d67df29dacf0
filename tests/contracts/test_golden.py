"""Producer and consumer read the same files, so that neither can change the language alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from serap.docs.schemas import name_of
from shared.contracts import events, topics
from shared.contracts.base import Body
from shared.contracts.envelope import Event, Record
from shared.contracts.topics import event_types
from shared.contracts.vocabulary import AnswerKind, ContactKind, Outcome, ReplyKind, UpdateKind
from shared.runtime.consumer import BatchConsumer, Subscription
from shared.runtime.postgres import Database
from tests.contracts.examples import Example, examples
from tests.contracts.golden import FOLDER, dumped, loaded

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
EXAMPLES = list(examples())
WITH_VALUE = [example for example in EXAMPLES if example.record.value is not None]
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def raw(record: Record) -> "ConsumerRecord[bytes | None, bytes | None]":
    """The record as aiokafka hands it to a consumer."""
    headers: Sequence[tuple[str, bytes]] = [(name, value.encode()) for name, value in record.headers.items()]
    return ConsumerRecord(record.topic, 0, 7, 1_795_000_000_000, 0, record.key, record.value, None, 0, 0, headers)


def reader(example: Example) -> BatchConsumer[Any]:
    """A consumer of the example's topic, which never gets as far as its database."""

    async def handle(_: list[Event[Any]]) -> None:
        raise AssertionError("decoding only")

    erased = events.ContactRegistered.erased if example.topic.compacted else None
    subscription = Subscription([example.topic], example.topic.model, group="golden", handle=handle, erased=erased)
    return BatchConsumer(subscription, Database("postgresql://nobody@127.0.0.1:1/nothing"))


@each_example
def test_the_producer_writes_exactly_the_golden_record(example: Example) -> None:
    golden = loaded(FOLDER / f"{example.name}.json")
    assert example.record == golden, "the record has changed; if that is meant: python -m tests.contracts.golden"


@each_example
def test_the_consumer_understands_the_golden_record(example: Example) -> None:
    event = reader(example).decode(raw(loaded(FOLDER / f"{example.name}.json")))
    assert isinstance(event, Event), event
    assert event.data == example.data
    assert event.key == example.record.key
    if example.topic.trusted and example.record.value is not None:
        assert {"ce_id": str(event.id), "ce_type": event.type}.items() <= example.record.headers.items()


@pytest.mark.parametrize(
    "example",
    # A channel's unknown field is refused by name instead: most are typing mistakes.
    [example for example in WITH_VALUE if not issubclass(example.topic.model, Body)],
    ids=lambda example: example.name,
)
def test_the_consumer_understands_it_also_when_a_newer_producer_says_more(example: Example) -> None:
    record = loaded(FOLDER / f"{example.name}.json")
    value = json.dumps({**json.loads(record.value or b""), "a_field_of_tomorrow": 1}).encode()
    event = reader(example).decode(raw(replace(record, value=value)))
    assert isinstance(event, Event)
    assert event.data == example.data


@pytest.mark.parametrize("example", WITH_VALUE, ids=lambda example: example.name)
def test_the_golden_record_fits_the_published_schema(example: Example) -> None:
    record = loaded(FOLDER / f"{example.name}.json")
    schema = json.loads((SCHEMAS / f"{name_of(example.topic)}.json").read_text("utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    validator.validate(json.loads(record.value or b""))


def test_every_golden_file_is_as_its_script_writes_it() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert written == {f"{example.name}.json": dumped(example.record) for example in EXAMPLES}


def test_every_event_type_of_the_catalogue_has_a_golden_record() -> None:
    catalogue = topics.catalogue(["kiosk"], ["DISHUB"])
    wanted = {event_type for topic in catalogue if not topic.name.endswith(".dlq") for event_type in event_types(topic)}
    assert wanted == {example.record.headers.get("ce_type") for example in EXAMPLES} - {None}


@pytest.mark.parametrize(
    ("event_type", "words"),
    [
        ("serap.agency.answered.v1", AnswerKind),
        ("serap.citizen.replied.v1", ReplyKind),
        ("serap.agency.updated.v1", UpdateKind),
        ("serap.notification.ended.v1", Outcome),
        ("serap.contact.registered.v1", set(ContactKind) - {ContactKind.ERASED} | {"tombstone"}),
    ],
)
def test_every_kind_within_an_event_type_has_one_too(event_type: str, words: Any) -> None:
    names = {example.name for example in EXAMPLES}
    assert {f"{event_type}.{word}" for word in words} <= names
