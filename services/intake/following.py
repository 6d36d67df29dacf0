"""Following: where an aspiration stands, who may read its words, and what its citizen replies."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain import pin
from services.intake.domain.case import Case, Story
from services.intake.domain.reply import record
from services.intake.store import following as store
from shared.contracts.events import CitizenReplied
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Database


@dataclass(frozen=True, slots=True)
class Try:
    """How trying a PIN ended. `locked_until`: too many were wrong; even the right one is refused until then."""

    right: bool = False
    locked_until: datetime | None = None


class Following:
    """`secret`: the one that PINs are made with."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database, self._secret = database, secret

    async def find(self, code: str) -> Case | None:
        """The aspiration with this code in its printed form."""
        async with self._database.pool.acquire(timeout=5) as connection:
            return await store.find_case(connection, code)

    async def story(self, case: Case, *, opened: bool) -> Story:
        """What became of it; words only if `opened`."""
        async with self._database.pool.acquire(timeout=5) as connection:
            return await store.story_of(connection, case.id, opened=opened)

    async def try_pin(self, case: Case, typed: str, now: datetime) -> Try:
        """Whether `typed` is the PIN. What cannot be a PIN is wrong without being counted."""
        guess = pin.typed_pin(typed)
        if guess is None:
            return Try()
        async with self._database.transaction() as connection:
            if not await store.claim_try(connection, case.id, now, pin.WINDOW, pin.MAX_WRONG):
                began = await store.window_began(connection, case.id)
                return Try(locked_until=(began or now) + pin.WINDOW)
            if not pin.pin_opens(self._secret, case.id, guess):
                return Try()
            await store.give_back_try(connection, case.id)
            return Try(right=True)

    def key_of(self, case: Case, now: datetime) -> str:
        return pin.key_of(self._secret, case.id, now)

    def key_opens(self, case: Case, key: str, now: datetime) -> bool:
        return pin.key_opens(self._secret, case.id, key, now)

    async def reply(self, reply: CitizenReplied, correlation_id: UUID) -> None:
        """Stores and publishes it, once."""
        async with self._database.transaction() as connection:
            if await store.insert_reply(connection, reply):
                await enqueue(connection, [record(reply, correlation_id)])
