"""Measures the page and the aggregates over a million made-up aspirations, and how fast their facts are counted.

.venv/bin/python -m tests.integration.reporting.measure_million [aspirations] [years]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import asyncpg

from serap.embedded import EmbeddedPostgres
from services.reporting import store
from services.reporting.app import build
from shared.city import load_city
from shared.contracts.events import LifecycleFact
from shared.runtime.settings import Settings
from tests.conftest import PACK
from tests.integration.reporting.lives import Lives
from tests.integration.reporting.recount import CITY
from tests.services import running, settings_for
from tests.stack import FAST, Postgres, free_port

ROUNDS = 5
BATCH = 1000
PAGES = ("/", "/?tema={topic}", "/?tema={topic}&hari=30", "/?tema={topic}&kecamatan=36.71.08")
QUESTIONS = (
    "", "group_by=agency,status", "group_by=month,topic", "group_by=kelurahan", "topic={topic}&group_by=kelurahan",
    "from=2026-11-01&group_by=topic,status",
)  # fmt: skip


def batches(facts: Iterator[LifecycleFact]) -> Iterator[list[LifecycleFact]]:
    while batch := list(islice(facts, BATCH)):
        yield batch


async def fill(dsn: str, facts: Iterator[LifecycleFact]) -> tuple[int, float]:
    """Counts all facts. Returns how many, and the seconds spent in the store."""
    connection = await asyncpg.connect(dsn)
    count, seconds = 0, 0.0
    for batch in batches(facts):
        started = time.perf_counter()
        async with connection.transaction():
            await store.save_facts(connection, batch, CITY.key)
        seconds += time.perf_counter() - started
        count += len(batch)
    await connection.execute("VACUUM ANALYZE facts, aspirations, cube")
    await connection.close()
    return count, seconds


async def median_ms(ask: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


async def measure(server: EmbeddedPostgres, aspirations: int, years: float) -> None:
    city = load_city(PACK)
    dsn = await Postgres(server).database(store.MIGRATIONS)
    count, seconds = await fill(dsn, Lives(city, days=round(365 * years)).facts(aspirations))
    print(f"{count:,} facts of {aspirations:,} aspirations in {seconds:.0f} s of the store: {count / seconds:,.0f} facts/s")
    service = build(settings_for(dsn, f"127.0.0.1:{free_port()}", Settings))
    async with running(service) as client:
        topic = await store.Store(service.database).most_voiced(date(2020, 1, 1), city.topics)
        for path in [*PAGES, *(f"/v1/aggregates?{question}" for question in QUESTIONS)]:
            url = path.format(topic=topic)

            async def ask(url: str = url) -> None:
                answer = await client.get(url)
                assert answer.status_code == 200, answer.text

            print(f"{await median_ms(ask):8.0f} ms  {url}")


def main(arguments: Sequence[str]) -> None:
    aspirations, years = int(arguments[0]) if arguments else 1_000_000, float(arguments[1]) if len(arguments) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder), free_port(), "secret-of-the-measure", FAST)
        server.start()
        try:
            asyncio.run(measure(server, aspirations, years))
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
