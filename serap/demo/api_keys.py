"""API keys for the simulated channels, for as long as the simulation runs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import asyncpg

from services.intake import keys
from shared.city import City


@asynccontextmanager
async def channel_keys(intake_dsn: str, city: City) -> AsyncIterator[Mapping[str, str]]:
    """A key for every channel that hands in over HTTP, made as `serap keys add` makes it; revoked when the block ends."""
    channels = [code for code, channel in city.channels.items() if not channel.kafka]
    connection = await asyncpg.connect(intake_dsn, timeout=10)
    try:
        made = {channel: await keys.add(connection, channel) for channel in channels}
    finally:
        await connection.close()
    try:
        yield made
    finally:
        with suppress(OSError, asyncpg.PostgresError):  # where the stack is gone, nobody can use them either
            await _revoke(intake_dsn, made)


async def _revoke(intake_dsn: str, made: Mapping[str, str]) -> None:
    connection = await asyncpg.connect(intake_dsn, timeout=10)
    try:
        for key in made.values():
            await keys.revoke(connection, key.partition(".")[0])
    finally:
        await connection.close()
