"""The table of API keys."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.runtime.postgres import Connection, load_queries

QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


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
