"""Following: routing's facts and the agencies' answers come in, the citizen's replies go out; who may read the words.

Both topics may come in any order, doubled, and of aspirations that we do not hold: they are stored as they come and put
together only when somebody looks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.intake import following_store as store
from services.intake import opening
from services.intake.following_store import Case, Story
from services.intake.views.reply import ReplyForm
from shared.contracts.envelope import Event, to_record
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.ids import event_id
from shared.contracts.masking import mask
from shared.contracts.topics import ANSWERS, LIFECYCLE, REPLIES
from shared.runtime.consumer import Subscription
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Database

GROUP = "intake"


@dataclass(frozen=True, slots=True)
class Try:
    """How trying a PIN ended. `locked_until`: too many were wrong; even the right one is refused until then."""

    right: bool = False
    locked_until: datetime | None = None


class Following:
    """`secret`: the one that PINs are made with."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database, self._secret = database, secret

    def subscriptions(self) -> list[Subscription[Any]]:
        return [
            Subscription([LIFECYCLE], LifecycleFact, GROUP, self.on_facts),
            Subscription([ANSWERS], AgencyAnswered, GROUP, self.on_answers),
        ]

    async def on_facts(self, events: list[Event[LifecycleFact]]) -> None:
        async with self._database.transaction() as connection:
            await store.save_facts(connection, [event.data for event in events])

    async def on_answers(self, events: list[Event[AgencyAnswered]]) -> None:
        async with self._database.transaction() as connection:
            await store.save_answers(connection, events)

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
        pin = opening.typed_pin(typed)
        if pin is None:
            return Try()
        async with self._database.transaction() as connection:
            if not await store.claim_try(connection, case.id, now, opening.WINDOW, opening.MAX_WRONG):
                began = await store.window_began(connection, case.id)
                return Try(locked_until=(began or now) + opening.WINDOW)
            if not opening.pin_opens(self._secret, case.id, pin):
                return Try()
            await store.give_back_try(connection, case.id)
            return Try(right=True)

    def key_of(self, case: Case, now: datetime) -> str:
        return opening.key_of(self._secret, case.id, now)

    def key_opens(self, case: Case, key: str, now: datetime) -> bool:
        return opening.key_opens(self._secret, case.id, key, now)

    async def reply(self, case: Case, said: ReplyForm, page_id: UUID, *, now: datetime, correlation_id: UUID) -> None:
        """Stores and publishes what a form without errors says. `page_id`: of the page that the form stood on.

        The same words from the same page are the same reply, so a second tap counts once; other words (Back, corrected, sent
        again) are another one.
        """
        assert said.kind is not None
        assert not said.errors
        reply = CitizenReplied(
            reply_id=uuid5(page_id, f"{said.kind}:{said.rating}:{said.text}"),
            aspiration_id=case.id,
            kind=said.kind,
            text=mask(said.text) if said.text else None,
            rating=said.rating,
            at=now,
        )
        record = to_record(
            REPLIES,
            reply,
            key=case.id,
            event_id=event_id(case.id, REPLIES.event_type, str(reply.reply_id)),
            time=now,
            correlation_id=correlation_id,
        )
        async with self._database.transaction() as connection:
            if await store.insert_reply(connection, reply):
                await enqueue(connection, [record])
