"""The tables of the tracking page: facts, answers, replies, tries of the PIN."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from services.intake.domain.case import Case, OwnText, Story
from shared.contracts.envelope import Event
from shared.contracts.events import AgencyAnswered, CitizenReplied, LifecycleFact
from shared.contracts.vocabulary import AspirationType, ContactKind
from shared.runtime.postgres import Connection, load_queries

QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
M = TypeVar("M", bound=BaseModel)


async def save_facts(connection: Connection, facts: Sequence[LifecycleFact]) -> None:
    await connection.execute(
        QUERIES["save_facts"], [f.aspiration_id for f in facts], [f.ver for f in facts], [_json(f) for f in facts]
    )


async def save_answers(connection: Connection, events: Sequence[Event[AgencyAnswered]]) -> None:
    await connection.execute(
        QUERIES["save_answers"],
        [event.id for event in events],
        [event.data.aspiration_id for event in events],
        [_json(event.data) for event in events],
    )


async def find_case(connection: Connection, code: str) -> Case | None:
    """The aspiration with this code in its printed form."""
    row = await connection.fetchrow(QUERIES["find_case"], code)
    return _case(row) if row else None


async def story_of(connection: Connection, aspiration: UUID, *, opened: bool) -> Story:
    """Its facts; the words of both sides only if the page is `opened`."""
    facts = await _read(connection, "facts_of", aspiration, LifecycleFact)
    if not opened:
        return Story(facts)
    answers = await _read(connection, "answers_of", aspiration, AgencyAnswered)
    return Story(facts, answers, await _read(connection, "replies_of", aspiration, CitizenReplied))


async def insert_reply(connection: Connection, reply: CitizenReplied) -> bool:
    """False: it is there already."""
    return bool(await connection.fetchval(QUERIES["insert_reply"], reply.reply_id, reply.aspiration_id, _json(reply)))


async def claim_try(connection: Connection, aspiration: UUID, now: datetime, window: timedelta, limit: int) -> bool:
    """Counts a try. False: `limit` wrong ones were made in this window, no more is allowed."""
    return bool(await connection.fetchval(QUERIES["claim_try"], aspiration, now, window, limit))


async def give_back_try(connection: Connection, aspiration: UUID) -> None:
    await connection.execute(QUERIES["give_back_try"], aspiration)


async def window_began(connection: Connection, aspiration: UUID) -> datetime | None:
    """When the window of the tries began."""
    began: datetime | None = await connection.fetchval(QUERIES["window_began"], aspiration)
    return began


async def _read(connection: Connection, query: str, aspiration: UUID, model: type[M]) -> list[M]:
    return [model.model_validate_json(row[0]) for row in await connection.fetch(QUERIES[query], aspiration)]


def _json(data: BaseModel) -> str:
    return data.model_dump_json(exclude_none=True)


def _case(row: asyncpg.Record) -> Case:
    own = OwnText(
        text=row["text"],
        channel=row["channel"],
        title=row["title"],
        type=AspirationType(row["type"]) if row["type"] else None,
        kelurahan=row["kelurahan"],
        kecamatan=row["kecamatan"],
        place_words=row["place_words"],
        anonymous=row["anonymous"],
        confidential=row["confidential"],
        contact=ContactKind(row["contact_kind"]),
    )
    return Case(row["id"], row["tracking_code"], row["received_at"], own)
