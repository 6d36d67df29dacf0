"""Routing's three subscribers. Each: load, decide, save, publish - and all but *decide* in one transaction.

Replies may come before their submission (D4.3). Both sides therefore store their half, commit, and then hear what has
become complete; whoever commits last sees both.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.routing.domain import hearing
from services.routing.domain.announce import CITIZEN, RefusedCommand
from services.routing.domain.classify import DEFAULT_THRESHOLD, Classifier
from services.routing.domain.hearing import hear_replies, hear_updates
from services.routing.domain.opening import Opened, open_cases
from services.routing.store import Store
from shared.city import City
from shared.contracts.envelope import Event, Record
from shared.contracts.events import AgencyUpdated, AspirationSubmitted, CitizenReplied
from shared.contracts.vocabulary import Status, UpdateKind
from shared.runtime import metrics
from shared.runtime.consumer import Unusable, place_id

log = logging.getLogger(__name__)


class Subscribers:
    """The handlers of one routing service."""

    def __init__(self, store: Store, city: City, classifier: Classifier, threshold: float = DEFAULT_THRESHOLD) -> None:
        self._store, self._city, self._classifier, self._threshold = store, city, classifier, threshold

    async def on_submitted(self, events: list[Event[AspirationSubmitted]]) -> None:
        """Gives every new aspiration an agency, or a place in the triage queue."""
        now = datetime.now(UTC)
        by_id = {event.data.aspiration_id: event for event in events}
        async with self._store.unit_of_work() as work:
            known = await work.known_cases(by_id)
            unknown = [event for aspiration, event in by_id.items() if aspiration not in known]
            opened = await self._open(unknown, now)
            # Another replica may have opened some meanwhile: only what this transaction inserted is ours to tell.
            inserted = await work.save_cases(each.case for each in opened)
            ours = [each for each in opened if each.case.aspiration_id in inserted]
            await work.save_stories([each.story for each in ours])
            await work.save_decisions([each.decision for each in ours])
            await work.publish([record for each in ours for record in each.records])
        _observe_opened(ours)
        await self._hear_waiting_replies(by_id)

    async def on_updated(self, events: list[Event[AgencyUpdated]]) -> None:
        """Applies what agencies say to the cases that are theirs; refuses the rest, and tells them."""
        now = datetime.now(UTC)
        async with self._store.unit_of_work() as work:
            new = await work.claim_updates(events, now)
            cases = await work.lock_cases(event.data.aspiration_id for event in new)
            stories = await work.stories(e.data.aspiration_id for e in new if e.data.kind is UpdateKind.RETURN)
            outcome = hear_updates(new, cases, stories, city=self._city, now=now)
            await work.save_cases(outcome.changed.values())
            await work.save_refusals(outcome.refused, now)
            await work.publish(outcome.records)
        _observe_refused(outcome.refused)

    async def on_replied(self, events: list[Event[CitizenReplied]]) -> None:
        """Keeps what citizens say, and applies it to the cases that are there."""
        async with self._store.unit_of_work() as work:
            await work.keep_replies(events, datetime.now(UTC))
        await self._hear_waiting_replies(event.data.aspiration_id for event in events)

    async def _open(self, events: Sequence[Event[AspirationSubmitted]], now: datetime) -> list[Opened]:
        """In a thread: a thousand texts of the greatest length take seconds, and the consumers' heartbeats must go on."""
        return await asyncio.to_thread(open_cases, events, self._classifier, city=self._city, threshold=self._threshold, now=now)

    async def _hear_waiting_replies(self, aspirations: Iterable[UUID]) -> None:
        now = datetime.now(UTC)
        async with self._store.unit_of_work() as work:
            cases = await work.lock_cases_with_replies(aspirations)
            if not cases:
                return
            waiting = await work.waiting_replies(cases)
            outcome = hear_replies(waiting, cases, city=self._city, now=now)
            await work.save_cases(outcome.changed.values())
            await work.settle_replies((each.reply.reply_id for each in waiting), now)
            await work.save_refusals(outcome.refused, now)
            await work.publish(outcome.records)
        _observe_refused(outcome.refused)


def answer_unusable(fault: Unusable) -> Sequence[Record]:
    """Tells an agency that its update is not one. The record's place in its topic is the cause, as of any outsider's event."""
    record = fault.record
    now = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return hearing.answer_unusable(record.topic, record.value, cause=place_id(record), now=now)


def _observe_opened(opened: Sequence[Opened]) -> None:
    now = datetime.now(UTC)
    for each in opened:
        assigned = each.case.status is Status.ASSIGNED
        metrics.DECISIONS.labels("assigned" if assigned else "triaged").inc()
        if assigned:
            metrics.END_TO_END.labels("assigned").observe((now - each.case.received_at).total_seconds())


def _observe_refused(refused: Sequence[RefusedCommand]) -> None:
    for command in refused:
        kind_of_sender = CITIZEN if command.sender == CITIZEN else "agency"
        metrics.REFUSED_COMMANDS.labels(kind_of_sender, command.reason).inc()
        log.info(
            "command refused",
            extra={
                "sender": command.sender,
                "kind": command.kind,
                "reason": command.reason.value,
                "aspiration_id": str(command.aspiration_id),
                "command_id": str(command.command_id),
                "correlation_id": str(command.correlation_id),
            },
        )
