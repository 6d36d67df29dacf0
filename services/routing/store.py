"""Routing's tables: the only module of this service that speaks SQL. Every method is one statement for a whole batch."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.routing.domain.announce import RefusedCommand, Story
from services.routing.domain.case import Case
from services.routing.domain.hearing import WaitingReply
from services.routing.domain.opening import Decision
from shared.contracts.envelope import Event, Record
from shared.contracts.events import AgencyUpdated, CitizenReplied
from shared.contracts.topics import agency_of
from shared.contracts.vocabulary import AspirationType, Language, Role, Status
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database, columns, load_queries

QUERIES = load_queries(Path(__file__).parent / "queries.sql")
_CASE_COLUMNS = tuple(field.name for field in fields(Case))


class Work:
    """What one transaction loads, saves and publishes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known_cases(self, aspirations: Iterable[UUID]) -> set[UUID]:
        """Which of `aspirations` have a case."""
        return {row["aspiration_id"] for row in await self._fetch("known_cases", list(aspirations))}

    async def save_cases(self, cases: Iterable[Case]) -> set[UUID]:
        """Inserts or advances `cases`; returns those that moved. In the order of ids, as all locks are taken."""
        in_order = sorted(cases, key=attrgetter("aspiration_id"))
        return {row["aspiration_id"] for row in await self._fetch("save_cases", *columns(in_order, _CASE_COLUMNS))}

    async def lock_cases(self, aspirations: Iterable[UUID]) -> dict[UUID, Case]:
        """Those that exist, held until the transaction ends."""
        return _cases(await self._fetch("lock_cases", list(aspirations)))

    async def lock_cases_with_replies(self, aspirations: Iterable[UUID]) -> dict[UUID, Case]:
        """Those about which a reply waits, held until the transaction ends."""
        return _cases(await self._fetch("lock_cases_with_replies", list(aspirations)))

    async def save_stories(self, stories: Sequence[Story]) -> None:
        texts = columns(stories, ("aspiration_id", "text", "title", "lat", "lng", "place_words"))
        await self._execute("save_stories", *texts, [json.dumps(story.photos) for story in stories])

    async def stories(self, aspirations: Iterable[UUID]) -> dict[UUID, Story]:
        """The words of those aspirations that have any."""
        return {row["aspiration_id"]: _story(row) for row in await self._fetch("stories", list(aspirations))}

    async def save_decisions(self, decisions: Sequence[Decision]) -> None:
        judgements = [decision.judgement for decision in decisions]
        await self._execute(
            "save_decisions",
            *columns(decisions, ("aspiration_id", "ver")),
            *columns(judgements, ("topic", "agency", "confidence")),
            [json.dumps(judgement.reason) for judgement in judgements],
            [json.dumps(judgement.alternatives) for judgement in judgements],
            *columns(decisions, ("model", "model_version", "threshold")),
        )

    async def claim_updates(self, events: Sequence[Event[AgencyUpdated]], now: datetime) -> list[Event[AgencyUpdated]]:
        """Those of `events` that are heard for the first time, in their order; each is from then on known as heard."""
        first: dict[tuple[str, UUID], Event[AgencyUpdated]] = {}
        for event in events:
            first.setdefault((agency_of(event.topic), event.data.update_id), event)
        in_order = sorted(first)
        updates = [first[key].data for key in in_order]
        rows = await self._fetch(
            "claim_updates",
            [agency for agency, _ in in_order],
            *columns(updates, ("update_id", "aspiration_id", "kind")),
            now,
        )
        claimed = {(row["agency"], row["update_id"]) for row in rows}
        return [event for key, event in first.items() if key in claimed]

    async def keep_replies(self, events: Sequence[Event[CitizenReplied]], now: datetime) -> None:
        """Stores each reply once, to be heard when its case is there."""
        in_order = sorted(events, key=lambda event: event.data.reply_id)
        ids, *rest = columns([e.data for e in in_order], ("reply_id", "aspiration_id", "kind", "text", "rating", "at"))
        await self._execute("keep_replies", ids, [event.id for event in in_order], *rest, now)

    async def waiting_replies(self, held: Iterable[UUID]) -> list[WaitingReply]:
        """What waits about cases that this transaction holds, in the order in which it was said."""
        return [_waiting(row) for row in await self._fetch("waiting_replies", list(held))]

    async def settle_replies(self, replies: Iterable[UUID], now: datetime) -> None:
        await self._execute("settle_replies", list(replies), now)

    async def save_refusals(self, refused: Sequence[RefusedCommand], now: datetime) -> None:
        rows = columns(refused, ("sender", "command_id", "aspiration_id", "kind", "reason"))
        await self._execute("save_refusals", *rows, now)

    async def publish(self, records: Sequence[Record]) -> None:
        """Into the outbox, in their order."""
        await enqueue(self._connection, records)

    async def _fetch(self, query: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        return await self._connection.fetch(QUERIES[query], *arguments)

    async def _execute(self, query: str, *arguments: Any) -> None:
        await self._connection.execute(QUERIES[query], *arguments)


class Store:
    """Hands out transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Work]:
        """Committed at the end, rolled back by any exception."""
        async with self._database.transaction() as connection:
            yield Work(connection)


def _cases(rows: Iterable[asyncpg.Record]) -> dict[UUID, Case]:
    return {row["aspiration_id"]: _case(row) for row in rows}


def _case(row: asyncpg.Record) -> Case:
    words = {
        "status": Status(row["status"]),
        "role": Role(row["role"]),
        "language": Language(row["language"]),
        "type": AspirationType(row["type"]) if row["type"] else None,
        "status_before_wait": Status(row["status_before_wait"]) if row["status_before_wait"] else None,
    }
    return Case(**(dict(row) | words))


def _story(row: asyncpg.Record) -> Story:
    return Story(**(dict(row) | {"photos": tuple(json.loads(row["photos"]))}))


def _waiting(row: asyncpg.Record) -> WaitingReply:
    said = dict(row)
    return WaitingReply(cause=said.pop("event_id"), reply=CitizenReplied(**said))
