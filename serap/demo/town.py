"""Channels, agencies, citizens and the auditor, joined around one stack."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
from aiokafka import AIOKafkaProducer

from serap.demo.addresses import Addresses
from serap.demo.agencies import Agencies
from serap.demo.auditor import Auditor
from serap.demo.citizens import Citizens
from serap.demo.conduct import Conduct
from serap.demo.http_door import HttpDoor
from serap.demo.insist import until_connected
from serap.demo.journal import Journal
from serap.demo.kafka_door import KafkaDoor
from serap.demo.verdict import Judge, Verdict
from serap.demo.voices import Voices
from shared.city import City, Simulation

LOOK_SECONDS = 0.2
STALL_SECONDS = 3.0
"""Nothing new for so long: all topics are read again, for the broker may have lost its log."""
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Town:
    """Everybody outside the stack. Nothing in it knows what the services are doing inside."""

    city: City
    voices: Voices
    journal: Journal
    auditor: Auditor
    http: HttpDoor
    kafka: KafkaDoor
    agencies: Agencies
    citizens: Citizens
    judge: Judge
    workers: "list[asyncio.Task[None]]" = field(default_factory=list)

    async def speak(self, count: int) -> None:
        """Hands in `count` new voices, each by its channel's door. Returns when all are sent and those over HTTP answered."""
        voices = [self.voices.next() for _ in range(count)]
        for spoken in voices:
            self.journal.intend(spoken)
        over_kafka = [spoken for spoken in voices if spoken.channel in self.kafka.channels]
        async with asyncio.TaskGroup() as group:
            group.create_task(self.http.hand_in([spoken for spoken in voices if spoken not in over_kafka]))
            for spoken in over_kafka:
                group.create_task(self.kafka.hand_in(spoken))

    async def verdict(self) -> Verdict:
        """How it stands now. Raises where somebody of the town has died of a bug: what it did not do is not the stack's fault."""
        for worker in self.workers:
            if worker.done():
                worker.result()
        return self.judge.verdict(self.journal, self.auditor.ledger, await self.auditor.aggregates())

    async def settled(self, look: Callable[[Verdict], None] = lambda _: None, patience: float = PATIENCE_SECONDS) -> Verdict:
        """Waits until every voice has gone the whole way. Gives up when nothing has moved for `patience` seconds.

        Returns the last verdict; `look` gets every one before it.
        """
        before: object = None
        moved_at = asked_at = time.monotonic()
        while True:
            verdict = await self.verdict()
            look(verdict)
            now, state = time.monotonic(), (verdict.table(), self.auditor.ledger.news)
            if state != before:
                before, moved_at, asked_at = state, now, now
            if verdict.good or now - moved_at > patience:
                return verdict
            if now - asked_at > STALL_SECONDS:
                self.read_anew()
                asked_at = now
            await asyncio.sleep(LOOK_SECONDS)

    def read_anew(self) -> None:
        """Reads all topics from the beginning, as after a broker has lost its log. Whoever answers, answers once more."""
        self.auditor.read_anew()
        self.agencies.read_anew()
        self.kafka.read_anew()


@asynccontextmanager
async def living_town(
    addresses: Addresses,
    city: City,
    simulation: Simulation,
    keys: Mapping[str, str],
    journal: Journal,
    *,
    run: str,
    seed: int = 0,
    pace: float = 0.0,
) -> AsyncIterator[Town]:
    """A town whose agencies, citizens and auditor are at work until the block ends. `keys`: API keys by channel.

    `run`: prefix of the idempotency keys; `pace`: seconds between the steps of an agency.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        producer = AIOKafkaProducer(bootstrap_servers=addresses.bootstrap, acks="all", **addresses.kafka)
        stack.push_async_callback(producer.stop)
        await until_connected(producer)
        conduct = Conduct(city, simulation, seed)
        auditor = Auditor(addresses, client)
        town = Town(
            city=city,
            voices=Voices(city, simulation, run=run, seed=seed),
            journal=journal,
            auditor=auditor,
            http=HttpDoor(addresses, keys, journal, client),
            kafka=KafkaDoor(addresses, city.kafka_channels, journal, producer),
            agencies=Agencies(addresses, conduct, producer, pace),
            citizens=Citizens(addresses, conduct, journal, auditor.ledger, client),
            judge=Judge(city.messages.tells, conduct.rests),
        )
        people = (town.auditor, town.kafka, town.agencies, town.citizens)
        town.workers.extend(asyncio.create_task(one.run(), name=type(one).__name__) for one in people)
        try:
            yield town
        finally:
            for worker in town.workers:
                worker.cancel()
            await asyncio.gather(*town.workers, return_exceptions=True)
