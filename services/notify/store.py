"""What notify keeps. The only module that speaks to PostgreSQL; statements are in `queries.sql`, by the same names."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.notify.domain.attempt import Ended
from services.notify.domain.message import Due
from services.notify.domain.notice import Contact, Notice, State
from shared.contracts.events import AgencyAnswered, ContactRegistered, LifecycleFact
from shared.contracts.vocabulary import ContactKind, Fact, Language, Outcome
from shared.runtime.postgres import Connection, load_queries

QUERIES = load_queries(Path(__file__).parent / "queries.sql")

Key = tuple[UUID, int]
"""A notice: aspiration and `ver`."""


@dataclass
class Known:
    """All that is known of one aspiration."""

    notices: list[Notice] = field(default_factory=list)
    contact: Contact | None = None
    answered: set[int] = field(default_factory=set)
    correlation: dict[int, UUID] = field(default_factory=dict)
    """Correlation id by `ver`."""


@dataclass(frozen=True, slots=True)
class Over:
    """A notice that has ended, as it is published."""

    aspiration_id: UUID
    ver: int
    fact: Fact
    kind: ContactKind
    outcome: Outcome
    reason: str | None
    correlation_id: UUID


def _columns(rows: Collection[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as one array per column, in the order of their first two values, so that two writers never wait crosswise."""
    ordered = sorted(rows, key=lambda row: tuple(row[:2]))
    return [[row[place] for row in ordered] for place in range(width)]


# --- the halves -------------------------------------------------------------------------------------------------------


async def save_facts(connection: Connection, facts: Sequence[tuple[LifecycleFact, UUID, State]]) -> None:
    """Facts with their correlation ids and the states they begin in."""
    rows = [
        (f.aspiration_id, f.ver, f.fact, correlation_id, f.at, f.received_at, f.topic, f.agency, f.confidential, f.due_answer_at,
         f.due_resolve_at, state)
        for f, correlation_id, state in facts
    ]  # fmt: skip
    await connection.execute(QUERIES["save_facts"], *_columns(rows, 12))


async def save_contacts(connection: Connection, contacts: Sequence[ContactRegistered]) -> None:
    rows = [(c.aspiration_id, c.tracking_code, c.kind, c.address, c.consent, c.language) for c in contacts]
    await connection.execute(QUERIES["save_contacts"], *_columns(rows, 6))


async def erase(connection: Connection, ids: Collection[UUID]) -> None:
    """Forgets how to reach these citizens, and what the local mailbox holds of theirs."""
    await connection.execute(QUERIES["erase_contacts"], sorted(set(ids)))
    await connection.execute(QUERIES["erase_mailbox"], list(ids))


async def save_answers(connection: Connection, answers: Sequence[AgencyAnswered]) -> None:
    await connection.execute(QUERIES["save_answers"], *_columns([(a.aspiration_id, a.ver, a.text) for a in answers], 3))


# --- deciding ---------------------------------------------------------------------------------------------------------


async def lock(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, Known]:
    """What is known of these aspirations, locked until the transaction ends.

    The locks come first: what is read after them is at least as new as what any earlier holder has committed.
    """
    known: dict[UUID, Known] = defaultdict(Known)
    ids = list(ids)
    for row in await connection.fetch(QUERIES["lock_notices"], ids):
        one = known[row["aspiration_id"]]
        one.notices.append(Notice(row["ver"], Fact(row["fact"]), State(row["state"])))
        one.correlation[row["ver"]] = row["correlation_id"]
    for row in await connection.fetch(QUERIES["contacts_of"], ids):
        known[row["aspiration_id"]].contact = Contact(ContactKind(row["kind"]), row["addressed"], row["consent"])
    for row in await connection.fetch(QUERIES["answered"], ids):
        known[row["aspiration_id"]].answered.add(row["ver"])
    return known


async def make_ready(connection: Connection, ready: Sequence[tuple[UUID, int, ContactKind]], now: datetime) -> None:
    if ready:
        await connection.execute(QUERIES["make_ready"], *_columns(ready, 3), now)


async def suppress(connection: Connection, suppressed: Sequence[Over], now: datetime) -> None:
    if suppressed:
        rows = [(over.aspiration_id, over.ver, over.kind, over.reason) for over in suppressed]
        await connection.execute(QUERIES["suppress"], *_columns(rows, 4), now)


async def forget_answers(connection: Connection, ids: Collection[UUID]) -> None:
    """Of notices that are done."""
    await connection.execute(QUERIES["forget_answers"], list(ids))


# --- sending ----------------------------------------------------------------------------------------------------------


async def claim(connection: Connection, run: UUID, kinds: Collection[ContactKind], now: datetime, limit: int) -> Sequence[Due]:
    """Takes up to `limit` ready notices of these kinds for `run`."""
    rows = await connection.fetch(QUERIES["claim"], run, list(kinds), now, limit)
    return [_due(row) for row in rows]


def _due(row: asyncpg.Record) -> Due:
    known = {column.name: row[column.name] for column in fields(Due)}
    return Due(**known | {"fact": Fact(row["fact"]), "kind": ContactKind(row["kind"]), "language": Language(row["language"])})


async def end_claimed(connection: Connection, run: UUID, ended: Mapping[Key, Ended], now: datetime) -> Sequence[Over]:
    """Records how notices of `run` ended. Returns those that it still had."""
    rows = [(*key, ending.outcome, ending.reason) for key, ending in ended.items()]
    found = await connection.fetch(QUERIES["end_claimed"], run, *_columns(rows, 4), now)
    return [
        Over(r["aspiration_id"], r["ver"], Fact(r["fact"]), ContactKind(r["kind"]), Outcome(r["state"]), r["reason"],
             r["correlation_id"])
        for r in found
    ]  # fmt: skip


async def release(connection: Connection, run: UUID, released: Mapping[Key, tuple[datetime, int]]) -> None:
    """Puts notices of `run` back: not before when, and how often they were put off."""
    rows = [(*key, *again) for key, again in released.items()]
    await connection.execute(QUERIES["release"], run, *_columns(rows, 4))


async def claimed_by_others(connection: Connection, run: UUID) -> Mapping[UUID, Sequence[Key]]:
    """What other runs left behind, by run."""
    left: dict[UUID, list[Key]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["claimed_by_others"], run):
        left[row["claimed_by"]].append((row["aspiration_id"], row["ver"]))
    return left


async def release_own(connection: Connection, run: UUID) -> None:
    await connection.execute(QUERIES["release_own"], run)


async def ready_for_nobody(connection: Connection, carried: Collection[ContactKind]) -> Sequence[UUID]:
    """Up to 1,000 aspirations with a ready notice that no carrier takes."""
    rows = await connection.fetch(QUERIES["ready_for_nobody"], list(carried))
    return [row["aspiration_id"] for row in rows]


# --- the local mailbox ------------------------------------------------------------------------------------------------


MAILBOX_KEEPS = 10_000
"""Messages that the local mailbox holds: it is looked at, not archived."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in the local mailbox. `tracking_code`: empty where it is not about an aspiration of ours."""

    at: datetime
    kind: ContactKind
    address: str
    subject: str
    body: str
    tracking_code: str


async def put_into_mailbox(
    connection: Connection, message_id: str, aspiration_id: UUID | None, kind: ContactKind, address: str, subject: str, body: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keeps a message, and forgets the oldest beyond MAILBOX_KEEPS."""
    await connection.execute(
        QUERIES["put_into_mailbox"], message_id, aspiration_id, now, kind, address, subject, body, MAILBOX_KEEPS
    )


async def newest_messages(connection: Connection, limit: int) -> tuple[Sequence[Mail], int]:
    """The newest messages, and how many there are in all."""
    rows = await connection.fetch(QUERIES["newest_messages"], limit)
    total = await connection.fetchval(QUERIES["count_messages"])
    found = [
        Mail(r["arrived_at"], ContactKind(r["kind"]), r["address"], r["subject"], r["body"], r["tracking_code"]) for r in rows
    ]
    return found, int(total)
