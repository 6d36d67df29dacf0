"""The doors of JSON: `POST /v1/aspirations` for one, `POST /v1/aspirations:batch` for up to 1,000 lines of NDJSON.

Plain Starlette routes inside the FastAPI application: the hot path reads bytes and validates them once (D7, D10).
What they promise is written down in `openapi.py`.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.intake.body import read_body
from services.intake.counter import Counter, Outcome, Receipt, as_problem, count
from services.intake.domain.aspiration import HandedIn, fingerprint
from services.intake.domain.reading import read, refusal_of
from services.intake.keys import Keys
from shared.contracts.submission import MAX_BODY_BYTES, IdempotencyKey, Submission
from shared.contracts.vocabulary import Language
from shared.runtime.http import correlation_id_of
from shared.runtime.problems import Problem, language_of

ONE, BATCH = "/v1/aspirations", "/v1/aspirations:batch"
JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_LINES = 1000
MAX_BATCH_BYTES = 16 * 1024 * 1024
BATCHES_AT_ONCE = 4
"""Being read, so that they take 64 MiB at most."""
ACCEPTED = 202

_KEY = TypeAdapter(IdempotencyKey)
S = TypeVar("S", bound=Submission)


class Line(Submission):
    """A line of a batch: a submission and its idempotency key."""

    idempotency_key: IdempotencyKey


class Accepted(BaseModel):
    """The answer to an accepted submission; to the same submission the same, byte for byte, for as long as it is kept."""

    id: UUID
    tracking_code: str = Field(description="for the citizen; can be read out over the phone", examples=["TGR-4K7QX-W9HMA"])
    pin: str = Field(description="six digits that open the text on the tracking page", examples=["042917"])
    received_at: datetime
    tracking_url: str = Field(description="the citizen's own page")


class LineResult(BaseModel):
    """What came of one line: accepted and repeated have what `Accepted` has, refused has what a problem has."""

    line: int = Field(description="counted from 1 as the lines were sent, empty ones too", ge=1)
    idempotency_key: str | None = Field(None, description="of the line, where it could be read")
    result: Literal["accepted", "repeated", "refused"]
    status: int = Field(description="the HTTP status that this line alone would have had")
    id: UUID | None = None
    tracking_code: str | None = None
    pin: str | None = None
    received_at: datetime | None = None
    tracking_url: str | None = None
    slug: str | None = Field(None, description="which problem; the end of the `type` of a problem+json")
    title: str | None = None
    detail: str | None = None
    field: str | None = None


class Api:
    """`tracking`: absolute address of the page of a code, without the code."""

    def __init__(self, counter: Counter, keys: Keys, tracking: str) -> None:
        self._counter, self._keys, self._tracking = counter, keys, tracking
        self._batches = asyncio.Semaphore(BATCHES_AT_ONCE)

    def add_routes(self, app: FastAPI) -> None:
        app.router.add_route(ONE, self.submit, methods=["POST"])
        app.router.add_route(BATCH, self.submit_batch, methods=["POST"])

    async def submit(self, request: Request) -> Response:
        """One aspiration."""
        key = await self._keys.admit(request.headers.get("authorization"))
        _require(request, JSON)
        idempotency_key = _idempotency_key(request)
        rate = self._keys.spend(key, 1)
        submission = _read(await read_body(request, MAX_BODY_BYTES), Submission, key.channel)
        receipt = await self._counter.hand_in(
            key.channel,
            idempotency_key,
            submission,
            fingerprint=fingerprint(submission),
            correlation_id=correlation_id_of(request),
        )
        replayed = {"Idempotency-Replayed": "true"} if receipt.repeated else {}
        headers = {"Location": f"/t/{receipt.tracking_code}", "Cache-Control": "no-store", **rate, **replayed}
        return Response(Accepted(**self._told(receipt)).model_dump_json(), ACCEPTED, headers, JSON)

    async def submit_batch(self, request: Request) -> Response:
        """Up to MAX_LINES aspirations in one transaction; a line that is refused harms no neighbour."""
        key = await self._keys.admit(request.headers.get("authorization"))
        _require(request, NDJSON)
        async with self._batches:
            lines = _lines(await read_body(request, MAX_BATCH_BYTES))
        rate = self._keys.spend(key, len(lines))
        correlation_id = correlation_id_of(request)
        read_lines = [_read_line(raw, key.channel) for raw in lines.values()]
        handed = [
            HandedIn(key.channel, line.idempotency_key, line, fingerprint(line), correlation_id)
            for line in read_lines
            if isinstance(line, Line)
        ]
        stored = iter(await self._counter.hand_in_all(handed))
        language = language_of(request.headers.get("accept-language"))
        results = [
            self._result(number, line, next(stored) if isinstance(line, Line) else line, language)
            for number, line in zip(lines, read_lines, strict=True)
        ]
        body = "".join(f"{result.model_dump_json(exclude_none=True)}\n" for result in results)
        return Response(body, 200, {"Content-Language": language.value, "Cache-Control": "no-store", **rate}, NDJSON)

    def _told(self, receipt: Receipt) -> dict[str, object]:
        """The fields of `Accepted`."""
        return {
            "id": receipt.aspiration_id,
            "tracking_code": receipt.tracking_code,
            "pin": receipt.pin,
            "received_at": receipt.received_at,
            "tracking_url": self._tracking + receipt.tracking_code,
        }

    def _result(self, number: int, line: Line | Problem, outcome: Outcome, language: Language) -> LineResult:
        told: dict[str, object] = {"line": number, "idempotency_key": line.idempotency_key if isinstance(line, Line) else None}
        if isinstance(outcome, Receipt):
            told |= {"result": "repeated" if outcome.repeated else "accepted", "status": ACCEPTED, **self._told(outcome)}
        else:
            told |= {"result": "refused", "slug": outcome.slug, **outcome.body(language)}
        return LineResult.model_validate(told)


def _require(request: Request, media_type: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise Problem("unsupported-media-type", f"Content-Type: {media_type}", "Content-Type")


def _idempotency_key(request: Request) -> str:
    given = request.headers.get("idempotency-key")
    if given is None:
        raise Problem("missing-idempotency-key", field="Idempotency-Key")
    try:
        return _KEY.validate_python(given)
    except ValidationError:
        detail = {
            Language.ID: "1 sampai 200 karakter ASCII tanpa spasi",
            Language.EN: "1 to 200 printable ASCII characters without spaces",
        }
        raise Problem("invalid-idempotency-key", detail, "Idempotency-Key") from None


def _lines(body: bytes) -> Mapping[int, bytes]:
    """The lines that are not empty, by their numbers."""
    lines = {number: line for number, line in enumerate(body.split(b"\n"), 1) if line.strip()}
    if not lines:
        detail = {Language.ID: "tidak ada satu baris pun", Language.EN: "there is not one line"}
        raise Problem("invalid-request", detail)
    if len(lines) > MAX_LINES:
        detail = {Language.ID: f"paling banyak {MAX_LINES} baris", Language.EN: f"at most {MAX_LINES} lines"}
        raise Problem("too-large", detail)
    return lines


def _read(raw: bytes, model: type[S], channel: str) -> S:
    try:
        return read(raw, model)
    except ValidationError as error:
        problem = as_problem(refusal_of(error))
        count(channel, problem)
        raise problem from None


def _read_line(raw: bytes, channel: str) -> Line | Problem:
    try:
        return _read(raw, Line, channel)
    except Problem as problem:
        return problem
