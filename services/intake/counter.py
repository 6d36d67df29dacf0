"""The counter: the one command behind every door by which an aspiration comes in (JSON, NDJSON, Kafka, the form).

Group commit without a timer (D4): one transaction is under way; all that arrives meanwhile goes into the next. An idle
counter answers at once, a busy one shares each commit among hundreds, and nobody waits for a clock.
"""

import asyncio
import contextvars
import hmac
import logging
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from services.intake.domain.aspiration import ENTROPY, Aspiration, HandedIn, accept, records
from services.intake.domain.refusal import Refusal
from services.intake.store import counter as store
from shared.city import City
from shared.contracts import ids
from shared.contracts.submission import Submission
from shared.runtime import metrics
from shared.runtime.http import unavailable
from shared.runtime.logs import describe
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database, is_unavailable
from shared.runtime.problems import Problem

log = logging.getLogger(__name__)

MAX_GROUP = 1000
"""Aspirations in one transaction; larger ones buy nothing (D10). A batch is never divided, so one may be nearly twice that."""
_REFUSED_DATA = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""PostgreSQL's way to say that the fault is in a row."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the citizen keeps. The same key gets the same receipt again, then `repeated`."""

    aspiration_id: UUID
    tracking_code: str
    pin: str
    received_at: datetime
    repeated: bool


Outcome: TypeAlias = Receipt | Problem


@dataclass(frozen=True, slots=True)
class _Party:
    """What one caller hands in, stored in one transaction. Its caller may have gone when `outcomes` are there."""

    aspirations: Sequence[Aspiration]
    outcomes: "asyncio.Future[list[Outcome]]"

    def fail(self, error: Exception) -> None:
        if not self.outcomes.done():
            self.outcomes.set_exception(error)

    def succeed(self, outcomes: list[Outcome]) -> None:
        if not self.outcomes.done():
            self.outcomes.set_result(outcomes)


class Counter:
    """Safe to share by all tasks of a process. `pin_key`: see `IntakeSettings.pin_key`."""

    def __init__(self, database: Database, city: City, pin_key: bytes) -> None:
        self._database, self._city, self._pin_key = database, city, pin_key
        self._waiting: deque[_Party] = deque()
        self._in_flight: set[tuple[str, str]] = set()
        self._committing: asyncio.Task[None] | None = None

    async def hand_in(
        self, channel: str, key: str, submission: Submission, *, fingerprint: bytes, correlation_id: UUID
    ) -> Receipt:
        """Stores one submission, or finds what the same `key` of `channel` stored before.

        `fingerprint`: `domain.aspiration.fingerprint(submission)`. Problem: wrong-channel (403), in-flight (409),
        invalid-field or key-reused (422), unavailable (503, with Retry-After; nothing was stored, or the same key finds it).
        """
        [outcome] = await self.hand_in_all([HandedIn(channel, key, submission, fingerprint, correlation_id)])
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    async def hand_in_all(self, handed: Sequence[HandedIn]) -> list[Outcome]:
        """An outcome for each, in their order; what is stored is stored in one transaction.

        Problem `unavailable` is raised for all of them: then none was stored, or each key finds what was.
        """
        # All are admitted before any of them waits, so that two of the same key in one batch are new and repeated.
        admitted = [self._admit(one) for one in handed]
        accepted = [one for one in admitted if isinstance(one, Aspiration)]
        stored = iter(await self._join(accepted) if accepted else [])
        return [next(stored) if isinstance(one, Aspiration) else one for one in admitted]

    def judge(self, handed: HandedIn) -> Aspiration | Problem:
        """What the city's rules make of it. The fingerprint is kept under our key: who has the row alone cannot find the
        contact by guessing it."""
        handed = replace(handed, fingerprint=hmac.digest(self._pin_key, b"body:" + handed.fingerprint, "sha256"))
        judged = accept(handed, areas=self._city.areas, now=datetime.now(UTC), entropy=secrets.token_bytes(ENTROPY))
        return as_problem(judged) if isinstance(judged, Refusal) else judged

    async def take(self, connection: Connection, aspirations: Sequence[Aspiration]) -> list[Outcome]:
        """Stores and publishes what is new, in the caller's transaction. Kafka's door calls this with transactions of its own."""
        stored = await store.save(connection, aspirations)
        await enqueue(connection, [record for one in stored if one.new for record in records(one.aspiration)])
        return [self._outcome(one) for one in stored]

    def _outcome(self, stored: store.Stored) -> Outcome:
        aspiration = stored.aspiration
        if stored.fingerprint != aspiration.handed.fingerprint:
            return Problem("key-reused", field="idempotency_key")
        pin = ids.pin(self._pin_key, aspiration.id)
        return Receipt(aspiration.id, aspiration.tracking_code, pin, aspiration.received_at, repeated=not stored.new)

    def _admit(self, handed: HandedIn) -> Aspiration | Problem:
        judged = self.judge(handed)
        if isinstance(judged, Aspiration) and handed.slot in self._in_flight:
            judged = Problem("in-flight", field="idempotency_key", headers={"Retry-After": "1"})
        if isinstance(judged, Problem):
            count(handed.channel, judged)
        return judged

    async def _join(self, aspirations: Sequence[Aspiration]) -> list[Outcome]:
        """Waits in the next group."""
        party = _Party(aspirations, asyncio.get_running_loop().create_future())
        self._waiting.append(party)
        self._in_flight.update(aspiration.handed.slot for aspiration in aspirations)
        if self._committing is None:
            # A context of its own: the group belongs to no request, least of all in the logs.
            self._committing = asyncio.create_task(self._commit_all(), name="group commit", context=contextvars.Context())
        return await party.outcomes

    async def _commit_all(self) -> None:
        """Group after group, until nobody waits."""
        try:
            while self._waiting:
                await self._commit(self._next_group())
        finally:
            self._committing = None

    def _next_group(self) -> list[_Party]:
        group: list[_Party] = []
        size = 0
        while self._waiting and size < MAX_GROUP:
            group.append(self._waiting.popleft())
            size += len(group[-1].aspirations)
        return group

    async def _commit(self, group: Sequence[_Party]) -> None:
        aspirations = [aspiration for party in group for aspiration in party.aspirations]
        try:
            stored = await self._store(aspirations)
        except Exception as error:
            log.warning("nothing was stored", extra={"requests": len(group), **describe(error)})
            for party in group:
                party.fail(unavailable() if is_unavailable(error) else error)
        else:
            metrics.GROUP_COMMIT.observe(len(group))
            for aspiration, outcome in zip(aspirations, stored, strict=True):
                count(aspiration.handed.channel, outcome)
            outcomes = iter(stored)
            for party in group:
                party.succeed([next(outcomes) for _ in party.aspirations])
        finally:
            self._in_flight.difference_update(aspiration.handed.slot for aspiration in aspirations)

    async def _store(self, aspirations: Sequence[Aspiration]) -> list[Outcome]:
        """All in one transaction; each in its own if PostgreSQL refuses one of them for its data, so that only that one fails."""
        try:
            async with self._database.transaction() as connection:
                return await self.take(connection, aspirations)
        except _REFUSED_DATA as error:
            if len(aspirations) > 1:
                return [outcome for aspiration in aspirations for outcome in await self._store([aspiration])]
            log.error("PostgreSQL refused an aspiration", extra=describe(error))
            return [Problem("invalid-request")]


def as_problem(refusal: Refusal) -> Problem:
    return Problem(refusal.slug, refusal.detail, refusal.field)


def count(channel: str, outcome: Outcome) -> None:
    """Sets the metric of what came of a submission."""
    word = "refused" if isinstance(outcome, Problem) else "repeated" if outcome.repeated else "new"
    metrics.ASPIRATIONS.labels(channel, word).inc()
