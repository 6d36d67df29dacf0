"""API keys: who may hand in, for which channel, and how much."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.intake import keys
from shared.runtime.postgres import Connection
from tests.integration.intake.channels import BODY, MIGRATIONS, Frontend, frontend, line, make_key
from tests.stack import Postgres
from tests.waiting import eventually


@pytest.fixture
async def connection(postgres: Postgres) -> AsyncIterator[Connection]:
    """What `serap keys` has: a connection to intake's database."""
    connection = await asyncpg.connect(await postgres.database(MIGRATIONS))
    yield connection
    await connection.close()


async def test_the_secret_of_a_key_is_nowhere_but_in_the_answer(connection: Connection) -> None:
    kid, _, secret = (await keys.add(connection, "kiosk")).partition(".")
    [row] = await connection.fetch("SELECT * FROM channel_keys")
    assert row["kid"] == kid
    assert secret not in str(dict(row))
    assert "secret" not in str(await keys.list_keys(connection))


async def test_keys_are_listed_in_the_order_of_their_making_revoked_ones_too(connection: Connection) -> None:
    made = [(await keys.add(connection, channel, per_minute=7)).split(".")[0] for channel in ("kiosk", "web")]
    assert await keys.revoke(connection, made[0])
    listed = await keys.list_keys(connection)
    assert [(key.kid, key.channel, key.per_minute, key.revoked_at is None) for key in listed] == [
        (made[0], "kiosk", 7, False),
        (made[1], "web", 7, True),
    ]
    assert await keys.revoke(connection, made[0])
    assert await keys.list_keys(connection) == listed
    assert not await keys.revoke(connection, "nobody")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer x", "Bearer 0123456789ab.{secret}", "Basic {token}", "Bearer {token}x", "Bearer {kid}."],
)
async def test_without_a_known_key_nothing_comes_in(postgres: Postgres, authorization: str | None) -> None:
    async with frontend(postgres) as kiosk:
        kid, _, secret = kiosk.token.partition(".")
        headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
        if authorization is not None:
            headers["Authorization"] = authorization.format(token=kiosk.token, kid=kid, secret=secret)
        for path in ("/v1/aspirations", "/v1/aspirations:batch"):
            answer = await kiosk.client.post(path, json=BODY, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems#unauthorized")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert await kiosk.stored() == 0


async def test_the_secret_of_another_key_does_not_open(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        other = await make_key(kiosk.dsn)
        kiosk.token = f"{kiosk.token.split('.')[0]}.{other.split('.')[1]}"
        assert (await kiosk.post()).status_code == 401


async def test_a_new_key_works_at_once_and_a_revoked_one_stops_within_five_seconds(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        kiosk.token = await make_key(kiosk.dsn)
        assert (await kiosk.post()).status_code == 202
        await kiosk.query("UPDATE channel_keys SET revoked_at = now()")

        async def refused() -> bool:
            return (await kiosk.post()).status_code == 401

        await eventually("the revoked key to stop working", refused, seconds=5)


async def test_a_key_of_another_channel_is_refused(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        kiosk.token = await make_key(kiosk.dsn, "forum")
        answer = await kiosk.post()
        assert (answer.status_code, answer.json()["type"], answer.json()["field"]) == (403, "/problems#wrong-channel", "channel")
        assert (await kiosk.post({**BODY, "channel": "forum"})).status_code == 202


async def test_two_channels_may_choose_the_same_idempotency_key(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        forum = Frontend(kiosk.client, kiosk.dsn, await make_key(kiosk.dsn, "forum"))
        await kiosk.post(BODY, "1")
        assert "Idempotency-Replayed" not in (await forum.post({**BODY, "channel": "forum"}, "1")).headers
        assert await kiosk.stored() == 2


async def test_a_key_that_hands_in_more_than_its_rate_has_to_wait(postgres: Postgres) -> None:
    async with frontend(postgres, per_minute=3) as kiosk:
        first = await kiosk.post()
        assert first.headers["RateLimit-Policy"] == '"key";q=3;w=60'
        assert first.headers["RateLimit"].startswith('"key";r=2;t=')
        refused = await kiosk.post_batch(line(1), line(2), line(3))
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems#rate-limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (await kiosk.post_batch(line(1), line(2))).status_code == 200
        assert (await kiosk.post()).status_code == 429
        assert await kiosk.stored() == 3
