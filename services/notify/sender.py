"""Sends what is ready: claim -> commit -> send -> record (D4). A crash in between is *unknown*, never a second send.

One sender at a time, by an advisory lock that lives as long as its session. Whoever gets the lock finds the claims that
another left behind and ends them as unknown: between claiming and recording nobody else can know whether they went out.
A few are claimed at a time, no more than are under way, so that a crash leaves few unknown.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from services.notify import store
from services.notify.carriers import Carrier
from services.notify.domain.attempt import Attempt, Away, Ended, NotNow, next_try
from services.notify.domain.message import Due, Letter
from services.notify.settle import count, publish, settle
from services.notify.store import Key, Over
from shared.contracts.vocabulary import ContactKind, Outcome
from shared.runtime import metrics
from shared.runtime.leadership import leadership
from shared.runtime.logs import describe
from shared.runtime.postgres import Connection, Database, is_unavailable

log = logging.getLogger(__name__)

UNDER_WAY = 20
"""Letters that one carrier has at a time; for e-mail also the number of connections."""
BATCH = UNDER_WAY // 2
"""Letters worth a transaction while others are still under way."""
IDLE_SECONDS = 0.2  # how late a notice that was put off is noticed, and an end that is no batch yet is recorded
LAST_SECONDS = 10.0  # how long letters under way may take when the service stops
LONGEST_PAUSE = 30.0
_LOCK = 0x5E2AB  # advisory lock number of the sender; any fixed number does

_DATABASE_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

Compose = Callable[[Due], Letter]


@dataclass
class Lane:
    """One carrier with what it has under way. `paused_until`: loop time before which it takes nothing from anybody."""

    carrier: Carrier
    under_way: set["asyncio.Task[None]"] = field(default_factory=set)
    paused_until: float = 0.0
    pause: float = 0.0

    def room(self, now: float) -> int:
        """How many more letters it takes at loop time `now`."""
        free = UNDER_WAY - len(self.under_way)
        return free if free >= BATCH and now >= self.paused_until else 0

    def heard(self, attempt: Attempt, now: float) -> None:
        """A carrier that is away is left alone for a while (doubling, up to 30 s); one that answers is not."""
        if not isinstance(attempt, Away):
            self.pause = 0.0
        elif now >= self.paused_until:
            self.pause = min(LONGEST_PAUSE, self.pause * 2 or 1.0)
            self.paused_until = now + self.pause


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that waits to be recorded."""

    due: Due
    attempt: Attempt


class Sender:
    """`wake()` makes it look at once. `run_id`: what was claimed under it, only this object can know about.

    `leads`: whether it holds the lock; None before it has asked.
    """

    def __init__(self, database: Database, carriers: Sequence[Carrier], compose: Compose) -> None:
        self._database, self._compose = database, compose
        self._lanes = [Lane(carrier) for carrier in carriers]
        self.run_id = uuid4()
        self.leads: bool | None = None
        self._tried: list[Tried] = []
        self._changed = asyncio.Event()

    @property
    def carried(self) -> Collection[ContactKind]:
        """The kinds of contact that some carrier takes."""
        return frozenset(kind for lane in self._lanes for kind in lane.carrier.kinds)

    def wake(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled. Trouble of the database is waited out, with back-off; what was sent meanwhile is recorded after."""
        delay = IDLE_SECONDS
        try:
            while True:
                try:
                    await self._lead_if_free()
                    delay = IDLE_SECONDS
                except Exception as error:
                    level = logging.WARNING if is_unavailable(error) else logging.ERROR
                    log.log(level, "sender interrupted; trying again", extra=describe(error))
                    delay = min(5.0, delay * 2)
                await asyncio.sleep(delay)
        finally:
            await self._drain()  # stopped while the database was away
            for task in self._under_way():
                task.cancel()

    async def _lead_if_free(self) -> None:
        """Sends for as long as we hold the lock; returns at once when another holds it."""
        async with leadership(self._database, _LOCK) as connection:
            self.leads = connection is not None
            if connection is not None:
                try:
                    await self._lead(connection)
                finally:
                    await self._drain()
                    await self._give_back(connection)

    async def _lead(self, connection: Connection) -> None:
        """Records and claims in turn, for as long as we hold the lock."""
        if left := self._under_way():  # since the database went away; without knowing how they ended, nothing can be put back
            await asyncio.wait(left)
        await self._record()
        await self._take_over(connection)
        while True:
            self._changed.clear()
            recorded = await self._record()
            claimed = [await self._claim(connection, lane) for lane in self._lanes]
            if recorded or any(claimed):
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(IDLE_SECONDS):  # wait_for of Python 3.11 may swallow a cancellation
                    await self._changed.wait()
            except TimeoutError:
                await self._rest()

    async def _claim(self, connection: Connection, lane: Lane) -> int:
        """Claims what the lane has room for, commits, and starts to send. Returns how many."""
        room = lane.room(asyncio.get_running_loop().time())
        if room == 0:
            return 0
        async with connection.transaction():
            dues = await store.claim(connection, self.run_id, lane.carrier.kinds, datetime.now(UTC), room)
        for due in dues:
            task = asyncio.create_task(self._send(lane, due))
            lane.under_way.add(task)
            task.add_done_callback(lane.under_way.discard)
        return len(dues)

    async def _send(self, lane: Lane, due: Due) -> None:
        attempt = await self._attempt(lane.carrier, due)
        lane.heard(attempt, asyncio.get_running_loop().time())
        self._tried.append(Tried(due, attempt))
        if len(self._tried) >= BATCH or len(self._under_way()) == 1:  # enough, or this is the last
            self._changed.set()

    async def _attempt(self, carrier: Carrier, due: Due) -> Attempt:
        """Before the carrier has it, every fault is ours and can be mended; afterwards nothing is certain."""
        try:
            letter = self._compose(due)
        except Exception as error:
            log.error("a message could not be composed", extra={"fact": due.fact, **describe(error)})
            return NotNow("not_composed")
        try:
            return await carrier.send(letter)
        except Exception as error:
            log.error("a carrier failed unexpectedly", extra={"kind": due.kind, **describe(error)})
            return Ended(Outcome.UNKNOWN, "carrier_failed")

    async def _record(self) -> int:
        """Records all that was tried meanwhile, in one transaction. Returns how many; on failure they stay to be recorded."""
        tried = self._tried[:]
        if not tried:
            return 0
        now = datetime.now(UTC)
        ended: dict[Key, Ended] = {}
        released: dict[Key, tuple[datetime, int]] = {}
        for one in tried:
            key = one.due.aspiration_id, one.due.ver
            match _verdict(one, now):
                case Ended() as ending:
                    ended[key] = ending
                case again, tries:
                    released[key] = again, tries
        async with self._database.transaction() as connection:
            over = await self._end(connection, self.run_id, ended, released, now)
        del self._tried[: len(tried)]
        self._observe(tried, over, now)
        return len(tried)

    async def _end(
        self,
        connection: Connection,
        run: UUID,
        ended: dict[Key, Ended],
        released: dict[Key, tuple[datetime, int]],
        now: datetime,
    ) -> Sequence[Over]:
        """Ends and releases claims of `run`, and settles what that changes. Returns all that ended."""
        ids = {aspiration_id for aspiration_id, _ in (*ended, *released)}
        await store.lock(connection, ids)
        over = await store.end_claimed(connection, run, ended, now)
        await store.release(connection, run, released)
        await publish(connection, over, now)
        settled = await settle(connection, ids, self.carried, now)
        return [*over, *settled.suppressed]

    def _observe(self, tried: Sequence[Tried], over: Sequence[Over], now: datetime) -> None:
        count(over)
        sent = {(one.aspiration_id, one.ver) for one in over if one.outcome is Outcome.SENT}
        for one in tried:
            if one.due.first and (one.due.aspiration_id, one.due.ver) in sent:
                metrics.END_TO_END.labels("notified").observe((now - one.due.received_at).total_seconds())

    async def _take_over(self, connection: Connection) -> None:
        """Ends what another run left behind; puts back what this one claimed without learning of it."""
        now = datetime.now(UTC)
        for run, keys in (await store.claimed_by_others(connection, self.run_id)).items():
            async with self._database.transaction() as transaction:
                crashed = Ended(Outcome.UNKNOWN, "crash")
                over = await self._end(transaction, run, dict.fromkeys(keys, crashed), {}, now)
            count(over)
            log.warning("claims of another run are unknown now", extra={"notices": len(keys)})
        await store.release_own(connection, self.run_id)
        while ids := await store.ready_for_nobody(connection, self.carried):
            async with self._database.transaction() as transaction:
                settled = await settle(transaction, ids, self.carried, now)
            count(settled.suppressed)

    async def _drain(self) -> None:
        """Lets the letters under way arrive and records them, if the database answers."""
        if left := self._under_way():
            await asyncio.wait(left, timeout=LAST_SECONDS)
        await self._rest()
        with suppress(*_DATABASE_AWAY):
            await self._record()

    async def _give_back(self, connection: Connection) -> None:
        """Puts back what was claimed but never begun."""
        if self._under_way() or self._tried:
            return  # a claim may be of something that was sent
        with suppress(*_DATABASE_AWAY):
            await store.release_own(connection, self.run_id)

    def _under_way(self) -> list["asyncio.Task[None]"]:
        return [task for lane in self._lanes for task in lane.under_way]

    async def _rest(self) -> None:
        for lane in self._lanes:
            if not lane.under_way:
                await lane.carrier.rest()


def _verdict(tried: Tried, now: datetime) -> Ended | tuple[datetime, int]:
    """How the notice ended, or when to try again and how often it was put off by then."""
    due, attempt = tried.due, tried.attempt
    match attempt:
        case Ended():
            return attempt
        case Away():
            again, tries = next_try(0, due.ready_at, now), due.tries
        case NotNow():
            again, tries = next_try(due.tries, due.ready_at, now), due.tries + 1
    return (again, tries) if again else Ended(Outcome.FAILED, "gave_up")
