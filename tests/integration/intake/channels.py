"""Intake as a channel frontend meets it: the real service with a real database, and a key of the channel."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from services.intake import keys
from services.intake.app import build
from services.intake.settings import IntakeSettings
from tests.services import running, settings_for
from tests.stack import Broker, Postgres, free_port

MIGRATIONS = Path(__file__).parents[3] / "services" / "intake" / "migrations"
ONE, BATCH = "/v1/aspirations", "/v1/aspirations:batch"
BODY: dict[str, Any] = {"channel": "kiosk", "text": "Lampu jalan di gang kami mati sejak Senin."}


@dataclass
class Frontend:
    """The frontend of one channel. `dsn`: intake's database."""

    client: httpx.AsyncClient
    dsn: str
    token: str

    @property
    def authorization(self) -> str:
        return f"Bearer {self.token}"

    async def post(self, body: object = BODY, key: str | None = None, **headers: str) -> httpx.Response:
        """Hands in one. `body`: bytes as they are, anything else as JSON; a header's `_` is its `-`."""
        sent = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4()), **self._more(headers)}
        return await self.client.post(ONE, content=_bytes(body), headers=sent)

    async def post_batch(self, *lines: object, **headers: str) -> httpx.Response:
        """Hands in a batch; each of `lines` as `body` of `post`."""
        sent = {"Content-Type": "application/x-ndjson", **self._more(headers)}
        return await self.client.post(BATCH, content=b"\n".join(map(_bytes, lines)), headers=sent)

    async def query(self, sql: str, *arguments: object) -> list[Any]:
        """The rows that a statement finds in intake's database."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(sql, *arguments))
        finally:
            await connection.close()

    async def stored(self) -> int:
        """How many aspirations there are."""
        return int((await self.query("SELECT count(*) FROM aspirations"))[0][0])

    async def told(self, topic: str) -> list[dict[str, Any]]:
        """The data of what the outbox has for a topic, in its order."""
        return [
            json.loads(row["value"]) for row in await self.query("SELECT value FROM outbox WHERE topic = $1 ORDER BY id", topic)
        ]

    def _more(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": self.authorization, **{name.replace("_", "-"): value for name, value in headers.items()}}


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def line(number: int, **fields: object) -> dict[str, object]:
    """A line of a batch."""
    return {**BODY, "idempotency_key": f"line-{number}", **fields}


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of a batch's answer."""
    assert answer.status_code == 200, answer.text
    return [json.loads(result) for result in answer.text.splitlines()]


async def make_key(dsn: str, channel: str = "kiosk", *, per_minute: int = keys.PER_MINUTE) -> str:
    """As `serap keys add` does it, from outside of the service."""
    connection = await asyncpg.connect(dsn)
    try:
        return await keys.add(connection, channel, per_minute=per_minute)
    finally:
        await connection.close()


@asynccontextmanager
async def frontend(
    postgres: Postgres, broker: Broker | None = None, *, per_minute: int = keys.PER_MINUTE
) -> AsyncIterator[Frontend]:
    """The kiosk's frontend before a running intake. `broker` None: Kafka is away."""
    dsn = await postgres.database(MIGRATIONS)
    bootstrap = broker.bootstrap if broker else f"127.0.0.1:{free_port()}"
    async with running(build(settings_for(dsn, bootstrap, IntakeSettings, pin_secret="5e" * 32))) as client:
        yield Frontend(client, dsn, await make_key(dsn, per_minute=per_minute))
