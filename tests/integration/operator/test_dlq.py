"""`serap dlq`: what a consumer set aside comes back as it came, and leaves the list only when the broker has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from serap import dead_letters
from serap.databases import connected
from serap.errors import OperatorError
from shared.contracts import topics
from shared.contracts.envelope import Event
from shared.contracts.events import AgencyUpdated
from shared.contracts.vocabulary import UpdateKind
from shared.runtime.consumer import Subscription, Unusable, dead_letter
from shared.runtime.outbox import enqueue, measure
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
    """Stands in for routing: remembers what it was given."""

    seen: set[UUID] = field(default_factory=set)

    async def handle(self, events: list[Event[AgencyUpdated]]) -> None:
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


async def set_aside(home: Home, broker: Broker, count: int) -> list[dead_letters.DeadLetter]:
    """Makes dead letters of what lies in the topic, as a consumer does, but waits for no consumer group; the newest first."""
    found = await read(broker.bootstrap, UPDATES.name, count)
    unusable = [Unusable(record, "schema", "no such thing", ours=False) for record in found]
    async with connected(home.dsns["routing"]) as connection:
        await enqueue(connection, [dead_letter(fault, "routing") for fault in unusable])
    return await dead(home, count)


async def came(home: Home, broker: Broker, *values: bytes) -> list[dead_letters.DeadLetter]:
    """Records that came with these values and were set aside."""
    for value in values:
        await produce(broker.bootstrap, UPDATES.name, value, key=b"kunci", headers=[("h", None)], partition=1)
    return await set_aside(home, broker, len(values))


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


async def test_what_was_mended_leaves_list_and_metric_and_what_still_is_wrong_comes_back_as_a_new_dead_letter(
    home: Home, broker: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 1)
    before = await came(home, broker, update(1), b"poison")
    reader, steps = Reader(), list[tuple[int, int]]()
    async with reading(settings, reader) as service:
        assert await dead_letters.redrive(settings, DEAD, None, lambda done, total: steps.append((done, total))) == 2
        assert steps == [(1, 2), (2, 2)]

        async def done() -> bool:
            ids = {letter.id for letter in await dead_letters.newest(home.dsns["routing"], DEAD, 10)}
            # The topic holds the poison twice now: as it came first, and driven again.
            return UUID(int=1) in reader.seen and len(ids) == 2 and not ids & {letter.id for letter in before}

        await eventually("the mended one at its reader, the poison as new dead letters", done)
        await measure(service.database)
        assert REGISTRY.get_sample_value("serap_dead_letters", {"topic": DEAD}) == 2


async def test_value_key_headers_and_partition_come_back_as_they_came(home: Home, broker: Broker, settings: Settings) -> None:
    binary = [
        ("null", None),
        ("empty", b""),
        ("binary", b"\xff\x00\xfe"),
        ("looks null", b"\x9e\xe9e"),
        ("two", b"1"),
        ("two", b"2"),
    ]
    sent: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"not JSON \xff", b"\xfe key", []),
        (None, b"key", binary),
        (b"", None, [("nama ✓", "nilai ✓".encode())]),
    ]
    for value, key, headers in sent:
        await produce(broker.bootstrap, UPDATES.name, value, key=key, headers=headers, partition=1)
    await set_aside(home, broker, len(sent))
    assert await dead_letters.redrive(settings, DEAD, None, quiet) == len(sent)
    found = await read(broker.bootstrap, UPDATES.name, 2 * len(sent))
    assert [(one.value, one.key, list(one.headers)) for one in found] == sent + sent
    assert {one.partition for one in found} == {1}


async def test_only_the_one_that_was_named_is_driven_again(home: Home, broker: Broker, settings: Settings) -> None:
    third, second, first = await came(home, broker, b"first", b"second", b"third")
    assert [letter.value for letter in (first, second, third)] == [b"first", b"second", b"third"]
    assert await dead_letters.redrive(settings, DEAD, second.id, quiet) == 1
    assert [letter.id for letter in await dead(home, 2)] == [third.id, first.id]
    assert (await read(broker.bootstrap, UPDATES.name, 4))[-1].value == b"second"


async def test_a_row_that_the_relay_holds_is_waited_for(home: Home, broker: Broker, settings: Settings) -> None:
    await came(home, broker, b"poison")
    async with connected(home.dsns["routing"]) as relay, connected(home.dsns["routing"]) as onlooker:
        transaction = relay.transaction()
        await transaction.start()
        await relay.execute("UPDATE outbox SET sent_at = now()")
        drive = asyncio.create_task(dead_letters.redrive(settings, DEAD, None, quiet))

        async def waits() -> bool:
            return (
                bool(await onlooker.fetchval("SELECT true FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) or drive.done()
            )

        await eventually("the drive waits for the row", waits)
        await transaction.commit()
        assert await drive == 1


async def test_while_the_broker_is_away_nothing_leaves_the_list(home: Home, broker: Broker, settings: Settings) -> None:
    await came(home, broker, b"poison")
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()}"})
    with pytest.raises(OperatorError, match=r"the broker at 127\.0\.0\.1:\d+ does not answer\. What is wrong: serap doctor"):
        await dead_letters.redrive(away, DEAD, None, quiet)
    assert len(await dead(home, 1)) == 1


async def test_what_the_broker_did_not_acknowledge_stays_and_what_it_did_goes(
    home: Home, broker: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "REQUEST_TIMEOUT_MS", 2000)
    await came(home, broker, b"good", b"too large")
    async with connected(home.dsns["routing"]) as connection:
        await connection.execute("UPDATE outbox SET value = repeat('x', 3000000)::bytea WHERE value = 'too large'")
    with pytest.raises(OperatorError, match="the broker refused after 0 of 2 and 1 more dead letters"):
        await dead_letters.redrive(settings, DEAD, None, quiet)
    [left] = await dead(home, 1)
    assert left.value is not None
    assert len(left.value) == 3_000_000


async def test_the_commands_tell_count_reason_and_origin_and_the_value_only_when_asked(home: Home, broker: Broker) -> None:
    await came(home, broker, b"ini bukan JSON", b'{"update_id": 7}')
    [listed] = json.loads((await home.serap("dlq", "list", "--json")).stdout)
    assert (listed["topic"], listed["service"], listed["count"]) == (DEAD, "routing", 2)
    assert listed["reasons"] == {"schema": 2}
    assert "oldest" in listed
    told = (await home.serap("dlq", "list")).stdout
    assert told.startswith(f"{DEAD}: 2 since ")
    shown = await home.serap("dlq", "show", DEAD)
    assert (shown.returncode, "bukan JSON" in shown.stdout) == (0, False)
    assert f"{UPDATES.name}/1/0" in shown.stdout
    [_, first] = json.loads((await home.serap("dlq", "show", DEAD, "--json", "--value")).stdout)
    assert (first["value"], first["key"], first["headers"]) == ("ini bukan JSON", "kunci", {"h": None})
    assert (first["reason"], first["detail"]) == ("schema", "no such thing")
    assert first["origin"] == f"{UPDATES.name}/1/0"
    driven = await home.serap("dlq", "redrive", DEAD, "--all", "--json", KAFKA_IDEMPOTENCE="false")
    assert json.loads(driven.stdout) == {"topic": DEAD, "redriven": 2}, driven.stderr
    assert (await home.serap("dlq", "list")).stdout == "no dead letters\n"
    nothing = await home.serap("dlq", "redrive", DEAD, "--id", "7")
    assert (nothing.returncode, nothing.stderr) == (1, f"serap: there is no dead letter 7 in {DEAD}. Look: serap dlq list\n")
