"""Group commit: what arrives together is stored together, and nobody pays for a neighbour."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import httpx
import pytest
from prometheus_client import REGISTRY

from services.intake.counter import Counter, Receipt
from services.intake.domain.aspiration import ENTROPY, Aspiration, HandedIn, accept, fingerprint
from services.intake.store import counter as store
from shared.city import City
from shared.contracts import topics
from shared.contracts.submission import Submission
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem
from tests.integration.intake.channels import BODY, MIGRATIONS, frontend, line, results
from tests.stack import Postgres
from tests.waiting import eventually


def groups() -> tuple[float, float]:
    """How many transactions there were, and how many requests were in them."""
    told = [REGISTRY.get_sample_value(f"serap_group_commit_requests_{what}") for what in ("count", "sum")]
    return told[0] or 0.0, told[1] or 0.0


async def test_concurrent_posts_share_transactions(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        before = groups()
        answers = await asyncio.gather(*(kiosk.post() for _ in range(64)))
        assert {answer.status_code for answer in answers} == {202}
        transactions, requests = (now - then for now, then in zip(groups(), before, strict=True))
        assert requests == 64
        assert transactions <= 16
        [(rows, transactions_of_rows)] = await kiosk.query("SELECT count(*), count(DISTINCT xmin::text) FROM aspirations")
        assert (rows, transactions_of_rows) == (64, transactions)


async def test_one_alone_does_not_wait_for_others(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        before = groups()
        for _ in range(3):
            assert (await kiosk.post()).status_code == 202
        assert groups() == (before[0] + 3, before[1] + 3)


async def test_the_same_key_posted_twenty_times_at_once_is_one_aspiration(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        answers = await asyncio.gather(*(kiosk.post(BODY, "k1") for _ in range(20)))
        accepted = [answer for answer in answers if answer.status_code == 202]
        assert len({answer.content for answer in accepted}) == 1
        assert {answer.json()["type"] for answer in answers if answer not in accepted} == {"/problems#in-flight"}
        assert {answer.status_code for answer in answers} == {202, 409}
        assert await kiosk.stored() == 1
        assert len(await kiosk.told(topics.SUBMITTED.name)) == 1
        assert (await kiosk.post(BODY, "k1")).content == accepted[0].content


async def test_two_counters_that_meet_in_the_same_keys_store_each_once(postgres: Postgres, city: City) -> None:
    dsn = await postgres.database(MIGRATIONS)
    databases = [Database(dsn), Database(dsn)]
    for database in databases:
        await database.open()
    handed = [handed_in(f"k{number}") for number in range(200)]
    one, two = await asyncio.gather(
        Counter(databases[0], city, b"pin").hand_in_all(handed), Counter(databases[1], city, b"pin").hand_in_all(handed[::-1])
    )
    for mine, theirs in zip(one, reversed(two), strict=True):
        assert isinstance(mine, Receipt) and isinstance(theirs, Receipt)
        assert (mine.aspiration_id, mine.tracking_code, mine.pin) == (theirs.aspiration_id, theirs.tracking_code, theirs.pin)
        assert mine.repeated is not theirs.repeated
    assert await databases[0].pool.fetchval("SELECT count(*) FROM outbox") == 400
    for database in databases:
        await database.close()


async def test_a_caller_that_goes_away_harms_neither_its_own_aspiration_nor_its_neighbours(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        blocker = await asyncpg.connect(kiosk.dsn)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK TABLE aspirations IN EXCLUSIVE MODE")
        await kiosk.post(b"{}")  # refused, but its key is known from now on: all of the next come straight to the counter
        posts = [asyncio.create_task(kiosk.post(BODY, f"k{number}")) for number in range(20)]

        async def waits() -> bool:
            return bool(
                await kiosk.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
            )

        await eventually("the group to wait for the lock", waits)
        for post in posts[::2]:
            post.cancel()
        await transaction.rollback()
        await blocker.close()
        answers = await asyncio.gather(*posts[1::2])
        assert {answer.status_code for answer in answers} == {202}

        async def all_stored() -> bool:
            return await kiosk.stored() == 20

        await eventually("those whose callers went away", all_stored)
        assert (await kiosk.post(BODY, "k0")).headers["Idempotency-Replayed"] == "true"


async def test_what_postgresql_refuses_for_its_data_fails_alone(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        await kiosk.query("ALTER TABLE aspirations ADD CONSTRAINT refused CHECK (text <> 'tidak disukai')")
        answered = results(await kiosk.post_batch(line(1), line(2, text="tidak disukai"), line(3)))
        assert [(result["result"], result["status"]) for result in answered] == [
            ("accepted", 202), ("refused", 400), ("accepted", 202),
        ]  # fmt: skip
        assert await kiosk.stored() == 2
        assert len(await kiosk.told(topics.CONTACTS.name)) == 2


async def test_a_tracking_code_that_is_taken_is_drawn_again(postgres: Postgres, city: City) -> None:
    first, second = aspiration("k1", city, b"\0" * ENTROPY), aspiration("k2", city, b"\1" * 10 + b"\0" * 9)
    assert first.tracking_code == second.tracking_code
    connection = await asyncpg.connect(await postgres.database(MIGRATIONS))
    try:
        stored = await store.save(connection, [first, second])
        again = await store.save(connection, [second])
    finally:
        await connection.close()
    assert [one.new for one in stored] == [True, True]
    assert stored[0].aspiration.tracking_code != stored[1].aspiration.tracking_code
    assert again[0].aspiration.tracking_code == stored[1].aspiration.tracking_code


async def test_every_door_hears_of_a_database_that_is_away_by_the_same_problem(postgres: Postgres, city: City) -> None:
    never_opened = Database(await postgres.database(MIGRATIONS))
    with pytest.raises(Problem) as problem:
        await Counter(never_opened, city, b"pin").hand_in_all([handed_in("k1")])
    assert (problem.value.slug, problem.value.status) == ("unavailable", 503)
    assert "Retry-After" in problem.value.headers


async def test_while_postgresql_is_away_nothing_is_accepted_and_afterwards_each_key_counts_once(postgres: Postgres) -> None:
    keys = [str(uuid4()) for _ in range(400)]
    async with frontend(postgres) as kiosk:

        async def hand_in(key: str) -> list[int]:
            """Again and again until it is accepted, as a channel does; what it was answered."""
            answers: list[int] = []
            while not answers or answers[-1] != 202:
                if answers:
                    await asyncio.sleep(0.02)
                answer = await kiosk.post(BODY, key)
                assert answer.status_code == 202 or _says_when_to_come_again(answer)
                answers.append(answer.status_code)
            return answers

        posts = [asyncio.create_task(hand_in(key)) for key in keys]
        await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
        postgres.server.kill()
        during = await kiosk.post(BODY, "during")
        assert _says_when_to_come_again(during)
        postgres.server.start()
        answers = await asyncio.gather(*posts)
        assert any(503 in answered for answered in answers)
        assert await kiosk.query("SELECT count(*), count(DISTINCT idempotency_key) FROM aspirations") == [(400, 400)]
        outbox = "SELECT topic, count(*), count(DISTINCT key) FROM outbox GROUP BY topic ORDER BY topic"
        assert await kiosk.query(outbox) == [(topics.SUBMITTED.name, 400, 400), (topics.CONTACTS.name, 400, 400)]


def _says_when_to_come_again(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["type"]) == (503, "/problems#unavailable") and int(
        answer.headers["Retry-After"]
    ) > 0


def handed_in(key: str) -> HandedIn:
    submission = Submission(channel="kiosk", text="Lampu mati.")
    return HandedIn("kiosk", key, submission, fingerprint(submission), uuid4())


def aspiration(key: str, city: City, entropy: bytes) -> Aspiration:
    accepted = accept(handed_in(key), areas=city.areas, now=datetime(2026, 11, 24, tzinfo=UTC), entropy=entropy)
    assert isinstance(accepted, Aspiration)
    return accepted
