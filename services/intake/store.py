"""The counter's tables: aspirations and the keys of channels."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from services.intake.domain.aspiration import CODE_BYTES, Aspiration
from shared.runtime.postgres import Connection, load_queries

QUERIES = load_queries(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands under an idempotency key. `aspiration` has the row's id, code and time; `new`: this call has put it there."""

    aspiration: Aspiration
    fingerprint: bytes
    new: bool


async def save(connection: Connection, aspirations: Sequence[Aspiration]) -> list[Stored]:
    """Stores what is new, in the caller's transaction; what stands under the key of each, in their order.

    A tracking code that is taken is drawn again: with a million aspirations this happens to one in two million.
    """
    rows: dict[tuple[str, str], Any] = {}
    waiting = sorted(aspirations, key=lambda aspiration: aspiration.handed.slot)
    while waiting:
        rows |= _by_slot(await connection.fetch(QUERIES["insert_aspirations"], *_columns(waiting)))
        if missing := [aspiration for aspiration in waiting if aspiration.handed.slot not in rows]:
            slots = {aspiration.handed.slot for aspiration in missing}
            rows |= _by_slot(await connection.fetch(QUERIES["known_keys"], *zip(*slots, strict=True)))
        waiting = [
            aspiration.with_another_code(secrets.token_bytes(CODE_BYTES))
            for aspiration in missing
            if aspiration.handed.slot not in rows
        ]
    return [_stored(aspiration, rows[aspiration.handed.slot]) for aspiration in aspirations]


def _by_slot(rows: Sequence[Any]) -> dict[tuple[str, str], Any]:
    return {(row["channel"], row["idempotency_key"]): row for row in rows}


def _stored(aspiration: Aspiration, row: Any) -> Stored:
    told = {"id": row["id"], "tracking_code": row["tracking_code"], "received_at": row["received_at"]}
    return Stored(replace(aspiration, **told), row["fingerprint"], new=row["id"] == aspiration.id)


def _columns(aspirations: Sequence[Aspiration]) -> list[tuple[Any, ...]]:
    """The parameters of `insert_aspirations`: one array per column."""
    return list(zip(*map(_row, aspirations), strict=True))


def _row(aspiration: Aspiration) -> tuple[Any, ...]:
    handed, spot, submission = aspiration.handed, aspiration.spot, aspiration.handed.submission
    return (
        aspiration.id,
        handed.channel,
        handed.key,
        handed.fingerprint,
        aspiration.tracking_code,
        aspiration.received_at,
        aspiration.title,
        aspiration.text,
        submission.type,
        submission.role,
        submission.session,
        spot.lat,
        spot.lng,
        spot.kelurahan,
        spot.kecamatan,
        spot.rw,
        spot.words,
        json.dumps(submission.photos),
        submission.anonymous,
        submission.confidential,
        submission.language,
        submission.contact.kind,
        submission.spoken_at,
    )


@dataclass(frozen=True, slots=True)
class UsableKey:
    """An API key that is not revoked. `per_minute`: how many aspirations it may hand in."""

    kid: str
    channel: str
    secret_sha256: bytes
    per_minute: int


@dataclass(frozen=True, slots=True)
class ListedKey:
    """What may be shown of a key. `revoked_at` None: it works."""

    kid: str
    channel: str
    per_minute: int
    created_at: datetime
    revoked_at: datetime | None


async def add_key(connection: Connection, key: UsableKey) -> None:
    await connection.execute(QUERIES["add_key"], key.kid, key.channel, key.secret_sha256, key.per_minute)


async def find_key(connection: Connection, kid: str) -> UsableKey | None:
    """None: there is no such key, or it was revoked."""
    row = await connection.fetchrow(QUERIES["find_key"], kid)
    return UsableKey(**row) if row else None


async def list_keys(connection: Connection) -> list[ListedKey]:
    return [ListedKey(**row) for row in await connection.fetch(QUERIES["list_keys"])]


async def revoke_key(connection: Connection, kid: str) -> bool:
    """Whether there is such a key; revoking twice is the same as once."""
    return await connection.fetchval(QUERIES["revoke_key"], kid) is not None
