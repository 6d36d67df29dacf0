"""One long-running stack with a town around it; the fault tests hurt it one after the other."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from serap.demo.addresses import Addresses
from serap.demo.api_keys import channel_keys
from serap.demo.journal import Journal
from serap.demo.town import Town, living_town
from shared.city import City, load_simulation
from tests.faults.mail import MailServer, mail_server
from tests.faults.running import Running
from tests.stack import free_port, free_port_base
from tests.waiting import eventually

SESSION_TIMEOUT_MS = "2000"
"""A killed consumer's partitions are free again after 4 s, on the embedded broker."""
BREATH_SECONDS = 0.1
"""Between two groups of voices, so that a fault is not followed by thousands of them."""
CUBE = ("channel", "status", "role", "agency", "topic", "kelurahan", "kecamatan")


@dataclass(frozen=True)
class Scene:
    """The stack, the town around it, and its mail server."""

    stack: Running
    town: Town
    mails: MailServer

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[None]:
        """While the block runs the town speaks; afterwards every voice gets its answer."""
        enough = asyncio.Event()

        async def speak() -> None:
            while not enough.is_set():
                await self.town.speak(8)
                await asyncio.sleep(BREATH_SECONDS)

        before = len(self.town.journal.entries)
        speaker = asyncio.create_task(speak())
        try:
            await eventually("voices are under way", lambda: self._under_way(before))
            yield
        finally:
            enough.set()
            await asyncio.wait_for(speaker, 60)

    async def _under_way(self, before: int) -> bool:
        """Some of the new voices have come through already, and more are on the way."""
        lives = self.town.auditor.ledger.lives
        return len(self.town.journal.entries) > before + 8 and len(lives) > before

    async def in_flight(self) -> int:
        """How many voices have not gone the whole way."""
        return (await self.town.verdict()).lost

    async def settles(self) -> None:
        """Until all is quiet: nothing is lost or doubled, the aggregates are what the facts say, the outboxes are empty."""
        verdict = await self.town.settled(patience=25)
        faults = "\n".join((*verdict.faults, *self.stack.condition()))
        assert verdict.good, f"lost {verdict.lost}, doubled {verdict.doubled}:\n{faults}"
        assert verdict.strangers == 0, "an aspiration that nobody handed in"
        assert self.mails.doubled == [], "a citizen got a message twice"
        await eventually("outboxes are drained", self._drained)
        columns = ", ".join(CUBE)
        rows = await self.stack.query("reporting", f"SELECT {columns}, sum(count)::int FROM cube GROUP BY {columns}")
        assert {tuple(row)[:-1]: row[-1] for row in rows} == self.town.auditor.ledger.count_by(*CUBE), "a cell is miscounted"

    async def _drained(self) -> bool:
        return not await self.stack.unsent()


def _place() -> Path:
    """Where another user may pass through: PostgreSQL does not run as root."""
    place = Path(tempfile.mkdtemp(prefix="serap-faults-"))
    place.chmod(0o755)
    return place


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(city: City, pack: Path) -> AsyncIterator[Scene]:
    place = _place()
    mail_port = free_port()
    environment = {"SMTP_URL": f"smtp://127.0.0.1:{mail_port}", "KAFKA_SESSION_TIMEOUT_MS": SESSION_TIMEOUT_MS}
    stack = Running(place / "data", free_port_base(), environment)
    try:
        async with mail_server(mail_port) as mails:
            await stack.start()
            async with (
                channel_keys(stack.dsns["intake"], city) as keys,
                living_town(
                    Addresses.of(stack.options), city, load_simulation(pack, city), keys, Journal(place / "journal"), run="fault"
                ) as town,
            ):
                yield Scene(stack, town, mails)
    finally:
        stack.end()
        shutil.rmtree(place)
