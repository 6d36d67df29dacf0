"""Subscribers: each stores its half and commits; then, in a second transaction, what has become complete is settled.

Two transactions, because a half that is not committed is invisible to whoever stores the other half at the same moment.
A crash between them is repaired by redelivery: the offsets are not committed yet, and settling does not ask what was new.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.notify import store
from services.notify.domain.notice import State
from services.notify.settle import count, settle
from shared.city import Messages
from shared.contracts.envelope import Event
from shared.contracts.events import AgencyAnswered, ContactRegistered, LifecycleFact
from shared.contracts.topics import ANSWERS, CONTACTS, LIFECYCLE
from shared.contracts.vocabulary import AnswerKind, ContactKind
from shared.runtime.consumer import Subscription
from shared.runtime.postgres import Database

GROUP = "notify"


@dataclass(frozen=True)
class Subscribers:
    """`carried`: the kinds of contact that some carrier takes. `on_ready` is called when there is something to send."""

    database: Database
    messages: Messages
    carried: Collection[ContactKind]
    on_ready: Callable[[], None]

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What notify reads."""
        return (
            Subscription([LIFECYCLE], LifecycleFact, GROUP, self.on_facts),
            Subscription([CONTACTS], ContactRegistered, GROUP, self.on_contacts, erased=ContactRegistered.erased),
            Subscription([ANSWERS], AgencyAnswered, GROUP, self.on_answers),
        )

    async def on_facts(self, events: list[Event[LifecycleFact]]) -> None:
        """Every fact has its place in the order; those the city tells of become notices."""
        facts = [(event.data, event.correlation_id, self._first_state(event.data)) for event in events]
        async with self.database.transaction() as connection:
            await store.save_facts(connection, facts)
        await self._settle({fact.aspiration_id for fact, _, _ in facts})

    async def on_contacts(self, events: list[Event[ContactRegistered]]) -> None:
        """How to reach citizens; a tombstone erases it and suppresses what waits."""
        contacts = [event.data for event in events]
        erased = {contact.aspiration_id for contact in contacts if contact.kind is ContactKind.ERASED}
        async with self.database.transaction() as connection:
            await store.save_contacts(connection, [one for one in contacts if one.kind is not ContactKind.ERASED])
            await store.erase(connection, erased)
        await self._settle({contact.aspiration_id for contact in contacts})

    async def on_answers(self, events: list[Event[AgencyAnswered]]) -> None:
        """What agencies say at a fact; a refusal of the citizen's own step belongs to no fact and is shown by intake."""
        answers = [event.data for event in events if event.data.kind is not AnswerKind.REFUSAL]
        async with self.database.transaction() as connection:
            await store.save_answers(connection, answers)
        await self._settle({answer.aspiration_id for answer in answers})

    def _first_state(self, fact: LifecycleFact) -> State:
        return State.WAITING if self.messages.tells(fact.fact) else State.UNTOLD

    async def _settle(self, ids: Collection[UUID]) -> None:
        async with self.database.transaction() as connection:
            settled = await settle(connection, ids, self.carried, datetime.now(UTC))
        count(settled.suppressed)
        if settled.ready:
            self.on_ready()
