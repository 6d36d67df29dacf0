"""API keys of channel frontends: `Authorization: Bearer <kid>.<secret>`, each for one channel and so many aspirations a minute.

`serap keys` calls `add`, `list_keys` and `revoke` from another process, so a running counter notices a revocation only
when it looks again: after FRESH_SECONDS at most. A key just made works at once.
"""

import hashlib
import hmac
import math
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from services.intake.store import keys as store
from services.intake.store.keys import ListedKey, UsableKey
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

PER_MINUTE = 60_000
FRESH_SECONDS = 2.0
"""How long a key is believed without asking the database: the time that a revoked key may still work."""
_TOKEN = re.compile(r"[Bb]earer +(?P<kid>[0-9a-f]{12})\.(?P<secret>[\w-]{43})", re.ASCII)


async def add(connection: Connection, channel: str, *, per_minute: int = PER_MINUTE) -> str:
    """Makes a key of `channel` and returns it: `kid.secret`, to be shown once, for only its SHA-256 is kept.

    Whether the city has such a channel is for the caller to know.
    """
    kid, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    await store.add_key(connection, UsableKey(kid, channel, _digest(secret), per_minute))
    return f"{kid}.{secret}"


async def list_keys(connection: Connection) -> list[ListedKey]:
    """All keys ever made, without their secrets."""
    return await store.list_keys(connection)


async def revoke(connection: Connection, kid: str) -> bool:
    """Ends a key, within FRESH_SECONDS wherever a counter runs. False: there is no such key."""
    return await store.revoke_key(connection, kid)


def _digest(secret: str) -> bytes:
    """The secret has 256 random bits: a plain hash protects it as well as a slow one would."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class _Known:
    """A key as the database told it. `until`: monotonic seconds."""

    key: UsableKey
    limit: RateLimitItem
    until: float


class Keys:
    """Who stands at the counter, and whether it may hand in so much. One for the process: the rates are counted in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, _Known] = {}
        # Two counters a key, however many requests: a true moving window would keep each of 60,000 a minute.
        self._rates = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def admit(self, authorization: str | None) -> UsableKey:
        """The key of the `Authorization` header; Problem `unauthorized` if it is not one that may be used."""
        token = _TOKEN.fullmatch(authorization or "")
        known = await self._look_up(token["kid"]) if token else None
        if token is None or known is None or not hmac.compare_digest(known.key.secret_sha256, _digest(token["secret"])):
            raise Problem("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="serap"'})
        return known.key

    def spend(self, key: UsableKey, aspirations: int) -> Mapping[str, str]:
        """Counts them against the key's rate; the headers that tell the rest (draft-ietf-httpapi-ratelimit-headers).

        Problem `rate-limited`: none of them may come in now; more than `per_minute` at once never may.
        """
        limit = self._known[key.kid].limit
        allowed = self._rates.hit(limit, key.kid, cost=aspirations)
        state = self._rates.get_window_stats(limit, key.kid)
        reset = max(1, math.ceil(state.reset_time - time.time()))
        headers = {
            "RateLimit-Policy": f'"key";q={key.per_minute};w=60',
            "RateLimit": f'"key";r={max(0, state.remaining)};t={reset}',
        }
        if not allowed:
            raise Problem("rate-limited", headers={**headers, "Retry-After": str(reset)})
        return headers

    async def _look_up(self, kid: str) -> _Known | None:
        known, now = self._known.get(kid), time.monotonic()
        if known is None or known.until <= now:
            async with self._database.pool.acquire(timeout=5) as connection:
                key = await store.find_key(connection, kid)
            known = _Known(key, RateLimitItemPerMinute(key.per_minute), now + FRESH_SECONDS) if key else None
            if known:
                self._known[kid] = known
        return known
