"""The table of aspirations."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.intake.domain.aspiration import CODE_BYTES, Aspiration
from shared.runtime.postgres import Connection, load_queries

QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands under an idempotency key. `aspiration` has the row's id, code and time; `new`: this call has put it there."""

    aspiration: Aspiration
    fingerprint: bytes
    new: bool


async def save(connection: Connection, aspirations: Sequence[Aspiration]) -> list[Stored]:
    """Stores what is new, in the caller's transaction; what stands under the key of each, in their order.

    A tracking code that is taken is drawn again: with a million aspirations this happens to one in two million.
    """
    rows: dict[tuple[str, str], Any] = {}
    waiting = sorted(aspirations, key=lambda aspiration: aspiration.handed.slot)
    while waiting:
        rows |= _by_slot(await connection.fetch(QUERIES["insert_aspirations"], *_columns(waiting)))
        if missing := [aspiration for aspiration in waiting if aspiration.handed.slot not in rows]:
            slots = {aspiration.handed.slot for aspiration in missing}
            rows |= _by_slot(await connection.fetch(QUERIES["known_keys"], *zip(*slots, strict=True)))
        waiting = [
            aspiration.with_another_code(secrets.token_bytes(CODE_BYTES))
            for aspiration in missing
            if aspiration.handed.slot not in rows
        ]
    return [_stored(aspiration, rows[aspiration.handed.slot]) for aspiration in aspirations]


def _by_slot(rows: Sequence[Any]) -> dict[tuple[str, str], Any]:
    return {(row["channel"], row["idempotency_key"]): row for row in rows}


def _stored(aspiration: Aspiration, row: Any) -> Stored:
    told = {"id": row["id"], "tracking_code": row["tracking_code"], "received_at": row["received_at"]}
    return Stored(replace(aspiration, **told), row["fingerprint"], new=row["id"] == aspiration.id)


def _columns(aspirations: Sequence[Aspiration]) -> list[tuple[Any, ...]]:
    """The parameters of `insert_aspirations`: one array per column."""
    return list(zip(*map(_row, aspirations), strict=True))


def _row(aspiration: Aspiration) -> tuple[Any, ...]:
    handed, spot, submission = aspiration.handed, aspiration.spot, aspiration.handed.submission
    return (
        aspiration.id,
        handed.channel,
        handed.key,
        handed.fingerprint,
        aspiration.tracking_code,
        aspiration.received_at,
        aspiration.title,
        aspiration.text,
        submission.type,
        submission.role,
        submission.session,
        spot.lat,
        spot.lng,
        spot.kelurahan,
        spot.kecamatan,
        spot.rw,
        spot.words,
        json.dumps(submission.photos),
        submission.anonymous,
        submission.confidential,
        submission.language,
        submission.contact.kind,
        submission.spoken_at,
    )
