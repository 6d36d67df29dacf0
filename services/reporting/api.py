"""`GET /v1/aggregates`: the cube for planners, press and programs, as JSON and as CSV."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.reporting.domain.aggregates import (
    DIMENSIONS,
    FILTERS,
    MAX_ROWS,
    NONE,
    Answer,
    Fault,
    Question,
    answer,
    fault_in,
    grouping,
    guarded,
    told,
)
from services.reporting.freshness import HowFresh
from services.reporting.store import Store
from shared.city import City
from shared.contracts.vocabulary import Role, Status
from shared.runtime.problems import Problem

CACHE = {"Cache-Control": "public, max-age=10"}
HIDDEN = (
    "A number below 5 is published as `<5`; what nobody said has no row. Where a hidden number could be worked out from a sum, "
    "the next smallest beside it is `…`. `total` is exact, unless a filter makes it smaller than 5."
)
EXAMPLE = {
    "rows": [
        {"agency": "DPUPR", "status": "in_progress", "count": 41},
        {"agency": "DPUPR", "status": "resolved", "count": 12},
        {"agency": "DISHUB", "status": "in_progress", "count": "<5"},
        {"agency": None, "status": "triage", "count": "…"},
    ],
    "total": 64,
    "updated_at": "2026-11-24T02:00:00Z",
}


class AggregatesQuery(BaseModel):
    """Which aspirations are counted, and by what. A parameter that is not listed here is refused by name."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: date | None = Field(
        None, alias="from", description="first day of receipt, by the city's clock", examples=["2026-01-01"]
    )
    until: date | None = Field(None, alias="to", description="last day of receipt", examples=["2026-12-31"])
    agency: str | None = Field(None, description=f"code of the agency; `{NONE}`: nobody yet", examples=["DPUPR"])
    topic: str | None = Field(None, description=f"code of the topic; `{NONE}`: not known yet", examples=["drainase"])
    kelurahan: str | None = Field(None, description=f"code of Kemendagri; `{NONE}`: not known", examples=["36.71.01.1001"])
    kecamatan: str | None = Field(None, description=f"code of Kemendagri; `{NONE}`: not known", examples=["36.71.01"])
    channel: str | None = Field(None, description="by which it came in", examples=["web"])
    status: Status | None = Field(None, description="where it stands now")
    role: Role | None = Field(None, description="of the contributor")
    group_by: str = Field(
        "", description=f"comma list of {', '.join(DIMENSIONS)}; empty: one row. kelurahan brings its kecamatan",
        examples=["agency,status"], max_length=200,
    )  # fmt: skip


class Aggregates(BaseModel):
    """`rows`: a field per dimension of `group_by` (null: none yet) and `count`, ordered by their keys."""

    rows: list[dict[str, str | int | None]]
    total: int | str
    updated_at: datetime | None = Field(description="all that the log of facts held then is counted; null: nothing ever was")


def routes(store: Store, city: City, how_fresh: HowFresh) -> APIRouter:
    """Both answers to the same question."""
    router = APIRouter(tags=["aggregates"])

    async def ask(query: AggregatesQuery) -> Answer:
        question = question_of(query, city)
        cells = await store.cells(question)
        if len(cells) > MAX_ROWS:
            raise Problem("invalid-field", f"more than {MAX_ROWS} rows: filter more, or group by less", "group_by")
        return answer(question, cells)

    @router.get(
        "/v1/aggregates",
        summary="Aspirations counted by day, agency, topic, area, channel, status and role",
        description=f"Every aspiration counts once, where it stands now. {HIDDEN}",
        response_model=Aggregates,
        responses={200: {"content": {"application/json": {"example": EXAMPLE}}}},
    )
    async def aggregates(query: Annotated[AggregatesQuery, Query()], response: Response) -> dict[str, Any]:
        found, known = await ask(query), await how_fresh(datetime.now(UTC))
        response.headers.update(CACHE)
        return {"rows": _json_rows(found), "total": told(found.total), "updated_at": known.as_of}

    @router.get(
        "/v1/aggregates.csv",
        summary="The same rows as CSV",
        description=f"UTF-8 with a header line; an empty cell is none yet. {HIDDEN}",
        response_class=Response,
        responses={
            200: {"content": {"text/csv": {"example": "agency,status,count\r\nDPUPR,in_progress,41\r\nDISHUB,triage,<5\r\n"}}}
        },
    )
    async def aggregates_csv(query: Annotated[AggregatesQuery, Query()]) -> Response:
        headers = {
            **CACHE,
            "Content-Disposition": 'attachment; filename="serap-aggregates.csv"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(csv_of(await ask(query)), media_type="text/csv", headers=headers)

    return router


def question_of(query: AggregatesQuery, city: City) -> Question:
    """The question, or a Problem that names the field."""
    group_by = grouping(query.group_by)
    filters = {name: str(value) for name in FILTERS if (value := getattr(query, name)) is not None}
    fault = group_by if isinstance(group_by, Fault) else None
    question = Question(query.since, query.until, filters, () if isinstance(group_by, Fault) else group_by)
    if fault := fault or fault_in(question, city):
        raise Problem("invalid-field", fault.detail, fault.field)
    return question


def _json_rows(found: Answer) -> list[dict[str, str | int | None]]:
    return [
        {**{name: value or None for name, value in zip(found.columns, key, strict=True)}, "count": told(count)}
        for key, count in found.rows
    ]


def csv_of(found: Answer) -> str:
    """Header, then a line per row (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*found.columns, "count"])
    for key, count in found.rows:
        writer.writerow([guarded(str(value)) for value in (*key, told(count))])
    return text.getvalue()
