"""`serap dlq`: what a consumer set aside comes back as it came, and leaves the list only when the broker has it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import REGISTRY

from serap import dead_letters
from serap.errors import OperatorError
from shared.contracts import topics
from shared.contracts.envelope import Event
from shared.contracts.events import AgencyUpdated
from shared.contracts.vocabulary import UpdateKind
from shared.runtime.consumer import Subscription
from shared.runtime.outbox import measure
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from tests.integration.operator.conftest import Home
from tests.services import produce, read, running, settings_for
from tests.stack import Broker, free_port
from tests.waiting import eventually

UPDATES = topics.updates("DISHUB")
DEAD = topics.dead_letters(UPDATES.name, "routing")


@dataclass
class Reader:
    """Stands in for routing: remembers what it was given, and refuses what it was told to."""

    refuses: set[UUID] = field(default_factory=set)
    seen: set[UUID] = field(default_factory=set)

    async def handle(self, events: list[Event[AgencyUpdated]]) -> None:
        if any(event.data.aspiration_id in self.refuses for event in events):
            raise ValueError("refused")
        self.seen |= {event.data.aspiration_id for event in events}


@asynccontextmanager
async def reading(settings: Settings, reader: Reader) -> AsyncIterator[Service]:
    service = Service("routing", "reads", settings, written=topics.dead_letter_topics(UPDATES))
    service.subscribe(Subscription([UPDATES], AgencyUpdated, "routing", reader.handle))
    async with running(service):
        yield service


@pytest.fixture
def settings(home: Home, broker: Broker) -> Settings:
    return settings_for(home.dsns["routing"], broker, Settings)


def update(number: int) -> bytes:
    sent = AgencyUpdated(update_id=UUID(int=number), aspiration_id=UUID(int=number), agency="DISHUB", kind=UpdateKind.ACCEPT)
    return sent.model_dump_json().encode()


async def dead(home: Home, count: int) -> list[dead_letters.DeadLetter]:
    """The dead letters, as soon as there are `count`."""

    async def enough() -> list[dead_letters.DeadLetter]:
        found = await dead_letters.newest(home.dsns["routing"], DEAD, 1000)
        return found if len(found) == count else []

    return await eventually(f"{count} dead letters", enough)


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


async def test_what_was_refused_is_driven_again_after_the_mending_and_leaves_list_and_metric(
    home: Home, broker: Broker, settings: Settings
) -> None:
    for number in (1, 2, 3):
        await produce(broker.bootstrap, UPDATES.name, update(number), partition=0)
    async with reading(settings, Reader(refuses={UUID(int=2)})):
        await dead(home, 1)
    mended = Reader()
    async with reading(settings, mended) as service:
        assert await dead_letters.redrive(settings, DEAD, None, quiet) == 1

        async def seen() -> bool:
            return UUID(int=2) in mended.seen

        await eventually("the record that was mended", seen)
        await measure(service.database)
        assert REGISTRY.get_sample_value("serap_dead_letters", {"topic": DEAD}) is None
    assert await dead_letters.summaries(home.dsns["routing"], "routing") == []


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [
            ("null", None),
            ("empty", b""),
            ("binary", b"\xff\x00\xfe"),
            ("looks null", b"\x9e\xe9e"),
            ("twice", b"1"),
            ("twice", b"2"),
        ],
        [("nama ✓", "nilai ✓".encode())],
    ],
)
@pytest.mark.parametrize(("value", "key"), [(b"not JSON \xff", b"\xfe key"), (None, b"key"), (b"", None)])
async def test_value_key_headers_and_partition_come_back_as_they_came(
    home: Home,
    broker: Broker,
    settings: Settings,
    headers: list[tuple[str, bytes | None]],
    value: bytes | None,
    key: bytes | None,
) -> None:
    await produce(broker.bootstrap, UPDATES.name, value, key=key, headers=headers, partition=1)
    async with reading(settings, Reader()):
        await dead(home, 1)
    assert await dead_letters.redrive(settings, DEAD, None, quiet) == 1
    first, again = await read(broker.bootstrap, UPDATES.name, 2)
    assert (again.value, again.key, list(again.headers), again.partition) == (value, key, headers, 1)
    assert (first.value, first.key, list(first.headers), first.partition) == (value, key, headers, 1)


async def test_only_the_one_that_was_named_is_driven_again(home: Home, broker: Broker, settings: Settings) -> None:
    for value in (b"first", b"second", b"third"):
        await produce(broker.bootstrap, UPDATES.name, value, partition=0)
    async with reading(settings, Reader()):
        third, second, first = await dead(home, 3)
    assert [letter.value for letter in (first, second, third)] == [b"first", b"second", b"third"]
    assert await dead_letters.redrive(settings, DEAD, second.id, quiet) == 1
    assert [letter.id for letter in await dead(home, 2)] == [third.id, first.id]
    assert (await read(broker.bootstrap, UPDATES.name, 4))[-1].value == b"second"


async def test_what_still_cannot_be_used_comes_back_as_a_new_dead_letter_and_the_drive_ends(
    home: Home, broker: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 1)
    for value in (b"first", b"second"):
        await produce(broker.bootstrap, UPDATES.name, value, partition=0)
    async with reading(settings, Reader()):
        before = await dead(home, 2)
        steps: list[tuple[int, int]] = []
        assert await dead_letters.redrive(settings, DEAD, None, lambda done, total: steps.append((done, total))) == 2
        assert steps == [(1, 2), (2, 2)]

        async def anew() -> bool:
            ids = {letter.id for letter in await dead_letters.newest(home.dsns["routing"], DEAD, 10)}
            return len(ids) == 2 and not ids & {letter.id for letter in before}

        await eventually("two new dead letters", anew)


async def test_while_the_broker_is_away_nothing_leaves_the_list(home: Home, broker: Broker, settings: Settings) -> None:
    await produce(broker.bootstrap, UPDATES.name, b"poison", partition=0)
    async with reading(settings, Reader()):
        await dead(home, 1)
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()}"})
    with pytest.raises(OperatorError, match=r"the broker at 127\.0\.0\.1:\d+ does not answer\. What is wrong: serap doctor"):
        await dead_letters.redrive(away, DEAD, None, quiet)
    assert len(await dead(home, 1)) == 1


async def test_what_the_broker_did_not_acknowledge_stays_and_what_it_did_goes(
    home: Home, broker: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "REQUEST_TIMEOUT_MS", 2000)
    await produce(broker.bootstrap, UPDATES.name, b"good", partition=0)
    await produce(broker.bootstrap, UPDATES.name, b"too large", partition=0)
    async with reading(settings, Reader()):
        await dead(home, 2)
    connection = await asyncpg.connect(home.dsns["routing"])
    await connection.execute("UPDATE outbox SET value = repeat('x', 3000000)::bytea WHERE value = 'too large'")
    await connection.close()
    with pytest.raises(OperatorError, match="the broker refused after 0 of 2 and 1 more dead letters"):
        await dead_letters.redrive(settings, DEAD, None, quiet)
    [left] = await dead(home, 1)
    assert left.value is not None
    assert len(left.value) == 3_000_000


async def test_the_commands_tell_count_reason_and_origin_and_the_value_only_when_asked(
    home: Home, broker: Broker, settings: Settings
) -> None:
    for value in (b"ini bukan JSON", b'{"update_id": 7}'):
        await produce(broker.bootstrap, UPDATES.name, value, key=b"kunci", headers=[("h", None)], partition=1)
    async with reading(settings, Reader()):
        await dead(home, 2)
    [listed] = json.loads((await home.serap("dlq", "list", "--json")).stdout)
    assert (listed["topic"], listed["service"], listed["count"]) == (DEAD, "routing", 2)
    assert listed["reasons"] == {"not_json": 1, "schema": 1}
    assert "oldest" in listed
    told = (await home.serap("dlq", "list")).stdout
    assert told.startswith(f"{DEAD}: 2 since ")
    shown = await home.serap("dlq", "show", DEAD)
    assert (shown.returncode, "bukan JSON" in shown.stdout) == (0, False)
    assert f"{UPDATES.name}/1/0" in shown.stdout
    [schema, not_json] = json.loads((await home.serap("dlq", "show", DEAD, "--json", "--value")).stdout)
    assert (not_json["value"], not_json["key"], not_json["headers"]) == ("ini bukan JSON", "kunci", {"h": None})
    assert (not_json["reason"], not_json["origin"]) == ("not_json", f"{UPDATES.name}/1/0")
    assert (schema["reason"], schema["detail"].startswith("update_id: ")) == ("schema", True)
    driven = await home.serap("dlq", "redrive", DEAD, "--all", "--json", KAFKA_IDEMPOTENCE="false")
    assert json.loads(driven.stdout) == {"topic": DEAD, "redriven": 2}, driven.stderr
    assert (await home.serap("dlq", "list")).stdout == "no dead letters\n"
    nothing = await home.serap("dlq", "redrive", DEAD, "--id", "7")
    assert (nothing.returncode, nothing.stderr) == (1, f"serap: there is no dead letter 7 in {DEAD}. Look: serap dlq list\n")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["redrive", DEAD], 2, "give either --id N or --all"),
        (["redrive", DEAD, "--all", "--id", "7"], 2, "give either --id N or --all"),
        (["redrive", UPDATES.name, "--all"], 1, "is not a dead-letter topic. Which there are: serap dlq list"),
        (["show", "agency.dishub.updates.v1.nobody.dlq"], 1, "is not a dead-letter topic"),
    ],
)
async def test_what_cannot_be_meant_is_said_so(home: Home, arguments: list[str], status: int, words: str) -> None:
    told = await home.serap("dlq", *arguments)
    assert told.returncode == status
    assert words in " ".join(told.stderr.split())
