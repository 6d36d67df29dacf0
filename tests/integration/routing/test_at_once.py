"""Two replicas that handle the same events at the same time: as after a rebalance, when a zombie still works."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.routing.consumer import Subscribers
from services.routing.domain.classify import WordClassifier
from services.routing.domain.opening import open_cases
from services.routing.store import Store
from shared.city import City
from shared.contracts.envelope import Event
from shared.contracts.topics import LIFECYCLE
from shared.contracts.vocabulary import ReplyKind, UpdateKind
from shared.runtime.postgres import Database
from tests.integration.routing.world import Desk, gapless, reply, submission, update
from tests.waiting import eventually


@pytest.fixture
async def zombie(desk: Desk, city: City, classifier: WordClassifier) -> AsyncIterator[Subscribers]:
    """A second replica on the same database."""
    database = Database(desk.database.url)
    await database.open()
    yield Subscribers(Store(database), city, classifier)
    await database.close()


async def test_two_replicas_with_the_same_events_in_any_order_do_everything_once(desk: Desk, zombie: Subscribers) -> None:
    chance = random.Random(7)
    voices = [submission() for _ in range(200)]
    ids = [voice.data.aspiration_id for voice in voices]
    replies = [reply(ReplyKind.ANSWER, aspiration) for aspiration in ids]
    updates = [update(UpdateKind.ACCEPT, aspiration) for aspiration in ids]
    updates += [update(UpdateKind.RETURN, aspiration, suggested_agency="DISHUB") for aspiration in ids]

    def shuffled(events: list[Event[Any]]) -> list[Event[Any]]:
        return chance.sample(events, len(events))

    await asyncio.gather(
        desk.on.on_submitted(shuffled(voices)),
        zombie.on_submitted(shuffled(voices)),
        desk.on.on_replied(shuffled(replies)),
        zombie.on_replied(shuffled(replies)),
    )
    await asyncio.gather(desk.on.on_updated(shuffled(updates)), zombie.on_updated(shuffled(updates)), desk.on.on_replied(replies))
    told = await desk.told()
    assert max(Counter(record.headers["ce_id"] for record in told).values()) == 1
    facts = [record.data for record in told if record.topic == LIFECYCLE.name]
    assert gapless(facts)
    lives: dict[str, list[str]] = {}
    for fact in facts:
        lives.setdefault(fact["aspiration_id"], []).append(fact["fact"])
    assert set(lives) == set(map(str, ids))
    for life in lives.values():
        assert Counter(life) - Counter({"accepted": 1}) == Counter(received=1, assigned=2, replied=1, returned=1)


async def test_many_batches_at_once_on_the_same_cases_never_wait_for_each_other_for_ever(desk: Desk, zombie: Subscribers) -> None:
    voices = [submission() for _ in range(50)]
    await desk.on.on_submitted(voices)
    ids = [voice.data.aspiration_id for voice in voices]
    rounds = 6
    await asyncio.gather(
        *(desk.on.on_updated([update(UpdateKind.PROGRESS, aspiration) for aspiration in ids]) for _ in range(rounds)),
        *(zombie.on_updated([update(UpdateKind.PROGRESS, aspiration) for aspiration in ids[::-1]]) for _ in range(rounds)),
        *(desk.on.on_replied([reply(ReplyKind.ANSWER, aspiration) for aspiration in ids]) for _ in range(rounds)),
    )
    facts = [record.data for record in await desk.told(LIFECYCLE)]
    assert gapless(facts)
    assert len(facts) == len(ids) * (2 + 3 * rounds)


@pytest.mark.parametrize("save", ["save_cases", "claim_updates", "keep_replies"])
async def test_statements_that_get_the_same_rows_in_opposite_order_never_deadlock(
    desk: Desk, city: City, classifier: WordClassifier, save: str
) -> None:
    now = datetime.now(UTC)
    ids = sorted(uuid4() for _ in range(9))
    (opened,) = open_cases([submission()], classifier, city=city, threshold=0.5, now=now)
    rows: dict[str, list[Any]] = {
        "save_cases": [replace(opened.case, aspiration_id=number) for number in ids],
        "claim_updates": [update(UpdateKind.ACCEPT, uuid4(), update_id=number) for number in ids],
        "keep_replies": [reply(ReplyKind.ANSWER, uuid4(), reply_id=number) for number in ids],
    }
    middle = len(ids) // 2

    async def run(part: list[Any]) -> None:
        async with Store(desk.database).unit_of_work() as work:
            await getattr(work, save)(part, *([] if save == "save_cases" else [now]))

    async def both_wait() -> bool:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await desk.database.pool.fetchval(sql) == 2)

    # A third transaction holds the row in the middle until the other two have taken what they can.
    async with Store(desk.database).unit_of_work() as holder:
        await getattr(holder, save)([rows[save][middle]], *([] if save == "save_cases" else [now]))
        there, back = asyncio.create_task(run(rows[save])), asyncio.create_task(run(rows[save][::-1]))
        await eventually("both wait", both_wait)
    await asyncio.gather(there, back)
