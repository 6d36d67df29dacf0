"""Reporting's tables. Every statement reads or writes as a set; writers hold one lock, so that facts may come in any order."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields as fields_of
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.reporting.domain.aggregates import MAX_ROWS, NONE, Cell, Question
from services.reporting.domain.counts import AgencyCount, AreaCount, Handling, MonthCount, Overall
from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.runtime.postgres import Connection, Database, columns, load_queries

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"
QUERIES = load_queries(HERE / "queries.sql")

FACT_COLUMNS = (
    "aspiration_id", "ver", "fact", "status", "prev_status", "prev_at", "at", "received_at", "channel", "type", "role", "topic",
    "agency", "kelurahan", "kecamatan", "rw", "anonymous", "confidential", "due_answer_at", "due_resolve_at", "actor", "reason",
    "session", "merged_into",
)  # fmt: skip
OUTCOME_COLUMNS = ("aspiration_id", "ver", "fact", "kind", "outcome", "reason", "at")
DERIVED = ("facts", "aspirations", "cube", "outcomes", "outcome_days")
"""The tables that can be made anew from the log."""

Row = TypeVar("Row", AgencyCount, AreaCount, Handling, MonthCount, Overall)


async def lock_writers(connection: Connection) -> None:
    """Until the end of the transaction nobody else writes into the derived tables."""
    await connection.execute(QUERIES["lock_writers"])


async def save_facts(connection: Connection, facts: Sequence[LifecycleFact], zone: str) -> list[datetime]:
    """Adds what is new of `facts` and counts it, as part of the caller's transaction. `zone`: the city's clock.

    Returns when those aspirations were received whose second fact is new.
    """
    await lock_writers(connection)
    rows = await connection.fetch(QUERIES["save_facts"], *columns(facts, FACT_COLUMNS), zone)
    return [row["received_at"] for row in rows]


async def save_outcomes(connection: Connection, outcomes: Sequence[NotificationEnded], zone: str) -> None:
    """Adds what is new of `outcomes` and counts it, as part of the caller's transaction."""
    await lock_writers(connection)
    await connection.execute(QUERIES["save_outcomes"], *columns(outcomes, OUTCOME_COLUMNS), zone)


class Store:
    """What the routes read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cells(self, question: Question) -> list[Cell]:
        """The cube's answer, ordered by key; one row more than MAX_ROWS means: too many."""
        agency, topic, kelurahan, kecamatan, channel, status, role = (
            _filter(question, name) for name in ("agency", "topic", "kelurahan", "kecamatan", "channel", "status", "role")
        )
        rows = await self._database.pool.fetch(
            QUERIES["aggregates"], question.group_by, question.since, question.until,
            agency, topic, kelurahan, kecamatan, channel, status, MAX_ROWS + 1, role,
        )  # fmt: skip
        return [Cell(tuple(row[name] for name in question.group_by), row["count"]) for row in rows]

    async def most_voiced(self, since: date, topics: Iterable[str]) -> str | None:
        """Of `topics`; None while nothing was received."""
        topic: str | None = await self._database.pool.fetchval(QUERIES["most_voiced"], since, list(topics))
        return topic

    async def overall(self, since: date, until: date, kecamatan: str | None) -> Overall:
        """Of all topics, and of one kecamatan or all."""
        [overall] = await self._rows(Overall, "overall", since, until, kecamatan)
        return overall

    async def areas(self, topic: str, since: date, until: date) -> list[AreaCount]:
        return await self._rows(AreaCount, "areas", topic, since, until)

    async def months(self, topic: str, since: date, kecamatan: str | None) -> list[MonthCount]:
        """Months without aspirations are absent."""
        return await self._rows(MonthCount, "months", topic, since, kecamatan)

    async def agencies(self, topic: str, since: date, until: date, kecamatan: str | None, now: datetime) -> list[AgencyCount]:
        return await self._rows(AgencyCount, "agencies", topic, since, until, kecamatan, now)

    async def handling(self, topic: str, since: date, until: date, kecamatan: str | None, now: datetime) -> Handling:
        [handling] = await self._rows(Handling, "handling", topic, since, until, kecamatan, now)
        return handling

    async def last_fact_at(self) -> datetime | None:
        at: datetime | None = await self._database.pool.fetchval(QUERIES["last_fact_at"])
        return at

    async def _rows(self, cls: type[Row], query: str, *arguments: Any) -> list[Row]:
        """The query's columns are the fields of `cls`, in their order."""
        names = [field.name for field in fields_of(cls)]
        return [cls(*(row[name] for name in names)) for row in await self._database.pool.fetch(QUERIES[query], *arguments)]


def _filter(question: Question, name: str) -> str | None:
    value = question.filters.get(name)
    return "" if value == NONE else value


async def digest(connection: Connection) -> str:
    """SHA-256 over all rows of all derived tables, whatever the order in which they were written."""
    told = []
    async with connection.transaction():
        await connection.execute("SET LOCAL TimeZone = 'UTC'")  # a row's text shows its moments in the session's zone
        for table in DERIVED:
            count, total = await connection.fetchrow(
                f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} AS t"  # noqa: S608
            ) or (0, 0)
            told.append(f"{table} {count} {total}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
