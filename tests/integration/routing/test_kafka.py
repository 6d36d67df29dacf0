"""Routing over Kafka: every command of the table, a broker that hears it all again, two replicas, unusable updates."""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.routing.app import build
from shared.contracts.events import AssignmentChanged, LifecycleFact
from shared.contracts.topics import LIFECYCLE, assignments, dead_letters, updates
from shared.contracts.vocabulary import ReplyKind, UpdateKind
from shared.runtime import metrics
from shared.runtime.settings import Settings
from tests.integration.routing.world import MIGRATIONS, data_of, gapless, reply, submission, update, wire
from tests.services import produce, read, running, send, settings_for
from tests.stack import Broker, Postgres
from tests.waiting import eventually, until_async

Say = Callable[[UUID], Any]

LIVES: list[list[tuple[Say, list[str]]]] = [
    [
        (lambda a: update(UpdateKind.ACCEPT, a), ["accepted"]),
        (lambda a: update(UpdateKind.PROGRESS, a), ["progressed"]),
        (lambda a: update(UpdateKind.RESOLVE, a, text="Selesai."), ["resolved"]),
        (lambda a: reply(ReplyKind.CONFIRM, a, rating=5), ["confirmed"]),
        (lambda a: reply(ReplyKind.DISPUTE, a), []),  # too late
    ],
    [
        (lambda a: update(UpdateKind.RESOLVE, a, text="Selesai."), ["resolved"]),
        (lambda a: reply(ReplyKind.DISPUTE, a, text="Masih berlubang."), ["disputed"]),
        (lambda a: update(UpdateKind.RESOLVE, a, text="Kini selesai."), ["resolved"]),
    ],
    [
        (lambda a: update(UpdateKind.ASK, a, text="Sebelah mana?"), ["asked"]),
        (lambda a: reply(ReplyKind.ANSWER, a, text="Depan pasar."), ["replied"]),
        (lambda a: update(UpdateKind.REJECT, a, text="Jalan provinsi.", reason="not_city_matter"), ["rejected"]),
    ],
    [
        (lambda a: update(UpdateKind.RETURN, a, reason="not_our_task", suggested_agency="DISHUB"), ["returned", "assigned"]),
        (lambda a: update(UpdateKind.ACCEPT, a, "DISHUB"), ["accepted"]),
        (lambda a: update(UpdateKind.RETURN, a, "DISHUB", reason="not_our_task"), ["returned"]),
    ],
    [
        (lambda a: reply(ReplyKind.SUPPORT, a), []),
        (lambda a: update(UpdateKind.ACCEPT, a, "DISHUB"), []),  # not theirs
        (lambda a: reply(ReplyKind.WITHDRAW, a), ["withdrawn"]),
    ],
]
"""What is said about an aspiration of DPUPR, one after the other, and the facts that each leads to."""


@pytest.fixture
async def settings(postgres: Postgres, broker: Broker) -> Settings:
    return settings_for(await postgres.database(Path(MIGRATIONS)), broker, Settings)


async def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(settings.database_url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def state(settings: Settings) -> list[list[tuple[Any, ...]]]:
    """All that routing knows and has ever said."""
    outbox = "SELECT id, topic, key, value, headers FROM outbox ORDER BY id"
    tables = ("cases", "stories", "decisions", "commands", "replies", "refusals")
    return [await rows(settings, sql) for sql in (*(f"SELECT * FROM {table} ORDER BY 1, 2" for table in tables), outbox)]


async def published(settings: Settings) -> int:
    """How many facts have been sent, or -1 while anything waits to be sent."""
    sql = f"SELECT count(*) FILTER (WHERE topic = '{LIFECYCLE.name}'), count(*) FILTER (WHERE sent_at IS NULL) FROM outbox"
    ((facts, unsent),) = await rows(settings, sql)
    return -1 if unsent else int(facts)


def consumed() -> float:
    """How many records this process has handled so far."""
    samples = (sample for metric in metrics.CONSUMED.collect() for sample in metric.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total") and sample.labels["outcome"] == "ok")


async def facts_on(broker: Broker, count: int) -> dict[str, list[str]]:
    """The facts of the topic by aspiration; AssertionError where a `ver` is missing, twice or out of order."""
    facts = [data_of(LifecycleFact, record.value) for record in await read(broker.bootstrap, LIFECYCLE.name, count)]
    assert gapless(fact.model_dump(mode="json") for fact in facts)
    lives: dict[str, list[str]] = {}
    for fact in facts:
        lives.setdefault(str(fact.aspiration_id), []).append(fact.fact)
    return lives


async def test_every_command_of_the_table_goes_over_kafka_and_hearing_it_all_again_changes_nothing(
    settings: Settings, broker: Broker
) -> None:
    voices = [submission() for _ in LIVES]
    expected = {str(voice.data.aspiration_id): ["received", "assigned"] for voice in voices}
    everything = [wire(voice) for voice in voices]
    heard = consumed()
    async with running(build(settings)) as client:
        await send(broker.bootstrap, *everything)
        for turn in range(max(map(len, LIVES))):
            facts = sum(map(len, expected.values()))

            async def all_told(facts: int = facts) -> bool:
                return await published(settings) == facts

            await eventually(f"{facts} facts before turn {turn}", all_told)
            now = [(voice.data.aspiration_id, *life[turn]) for voice, life in zip(voices, LIVES, strict=True) if turn < len(life)]
            said = [wire(say(aspiration)) for aspiration, say, _ in now]
            for aspiration, _, leads_to in now:
                expected[str(aspiration)] += leads_to
            await send(broker.bootstrap, *said)
            everything += said
        await until_async("all heard", lambda: consumed() >= heard + len(everything))
        await eventually("all published", lambda: published(settings))
        assert await facts_on(broker, sum(map(len, expected.values()))) == expected
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/docs")).status_code == 200
        assert "Halaman ini tidak ada" in (await client.get("/tidak-ada")).text

    before = await state(settings)
    broker.lose_log()
    again = everything * 2
    random.Random(3).shuffle(again)
    await send(broker.bootstrap, *again)
    heard = consumed()
    async with running(build(settings)):
        await until_async("all heard again", lambda: consumed() >= heard + len(again))
        await eventually("all published again", lambda: published(settings))
        assert await state(settings) == before
        assert await facts_on(broker, sum(map(len, expected.values()))) == expected


async def test_two_replicas_at_once_double_nothing(settings: Settings, broker: Broker) -> None:
    voices = [submission() for _ in range(300)]
    ids = [voice.data.aspiration_id for voice in voices]
    async with AsyncExitStack() as replicas:
        for _ in range(2):
            await replicas.enter_async_context(running(build(settings)))
        submitted = [wire(voice) for voice in voices]
        early = [wire(reply(ReplyKind.ANSWER, aspiration)) for aspiration in ids]
        await send(broker.bootstrap, *early, *submitted, *submitted, *early)

        async def all_replied() -> bool:
            return await published(settings) == 3 * len(voices)

        await eventually("every answer after its submission", all_replied)
        accepted = [wire(update(UpdateKind.ACCEPT, aspiration)) for aspiration in ids]
        await send(broker.bootstrap, *accepted, *accepted)

        async def all_accepted() -> bool:
            return await published(settings) == 4 * len(voices)

        await eventually("every case accepted", all_accepted)
        lives = await facts_on(broker, 4 * len(voices))
    assert lives == {str(aspiration): ["received", "assigned", "replied", "accepted"] for aspiration in ids}
    assert await rows(settings, "SELECT count(*) FROM refusals") == [(0,)]


async def test_an_agency_reads_which_of_its_updates_was_unusable(settings: Settings, broker: Broker) -> None:
    named = f'"update_id": "{uuid4()}", "aspiration_id": "{uuid4()}"'
    topic = updates("DLH").name
    poison = [f'{{{named}, "agency": "DLH", "kind": "sing"}}'.encode(), b'{"kind": "accept"}', b"not JSON", b"[" * 5000, None]
    async with running(build(settings)):
        for value in poison:
            await produce(broker.bootstrap, topic, value)
        dead = await read(broker.bootstrap, dead_letters(topic, "routing"), len(poison))
        (told,) = await read(broker.bootstrap, assignments("DLH").name, 1)
        await eventually("all published", lambda: _nothing_waits(settings))
    refused = data_of(AssignmentChanged, told.value)
    assert (refused.kind, refused.reason, refused.agency) == ("update_refused", "invalid", "DLH")
    assert f'"update_id": "{refused.update_id}", "aspiration_id": "{refused.aspiration_id}"' == named
    assert [record.value for record in dead] == poison
    assert await rows(settings, "SELECT count(*) FROM outbox WHERE topic LIKE '%assignments%'") == [(1,)]


async def _nothing_waits(settings: Settings) -> bool:
    return await published(settings) >= 0
