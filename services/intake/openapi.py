"""The hand-written part of intake's OpenAPI: plain routes describe nothing of themselves."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.intake.api import BATCH, JSON, MAX_BATCH_BYTES, MAX_LINES, NDJSON, ONE, Accepted, Line, LineResult
from shared.contracts.submission import MAX_BODY_BYTES, MAX_KEY, Submission
from shared.runtime.problems import KINDS

Json = dict[str, Any]


class ProblemDetails(BaseModel):
    """RFC 9457. Titles and details are Indonesian, or English where `Accept-Language` prefers it."""

    type: str
    title: str
    status: int
    detail: str | None = None
    field: str | None = None


_PROBLEMS: Mapping[str, tuple[str, ...]] = {
    ONE: (
        "not-json", "missing-idempotency-key", "invalid-idempotency-key", "invalid-request", "unauthorized", "wrong-channel",
        "too-slow", "in-flight", "too-large", "unsupported-media-type", "invalid-field", "key-reused",
        "rate-limited", "unavailable",
    ),
    BATCH: ("invalid-request", "unauthorized", "too-slow", "too-large", "unsupported-media-type", "rate-limited", "unavailable"),
}  # fmt: skip
_HEADERS: Mapping[str, str] = {
    "RateLimit-Policy": "aspirations (q) that this key may hand in per w seconds",
    "RateLimit": "what is left of them (r), and the seconds until the window moves on (t)",
}
_RETRY = {"Retry-After": "seconds to wait before the same request is sent again"}
_EXAMPLE: Json = {
    "text": "Lampu jalan di depan gang mati sejak minggu lalu, jalan jadi gelap sekali.",
    "channel": "kiosk",
    "role": "resident",
    "place": {"kelurahan": "36.71.01.1001", "rw": "05", "words": "dekat pos ronda"},
    "contact": {"kind": "whatsapp", "address": "+6281200000000", "consent": True},
}
_EXAMPLE_LINE: Json = {"idempotency_key": "kiosk-7-000123", **_EXAMPLE}


def describe(app: FastAPI) -> None:
    """Adds our routes to the application's OpenAPI. To be called when all other routes are there."""
    schema = app.openapi()
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(_schemas())
    components.setdefault("securitySchemes", {})["key"] = {
        "type": "http", "scheme": "bearer", "bearerFormat": "kid.secret",
        "description": "A channel's key; `serap keys add <channel>` makes one. A revoked key stops working within seconds.",
    }  # fmt: skip
    schema["paths"] |= {ONE: {"post": _one()}, BATCH: {"post": _batch()}}


def _one() -> Json:
    return {
        "operationId": "submit",
        "summary": "Hand in one aspiration",
        "description": (
            "Send it again with the same Idempotency-Key for as long as no answer came: it is stored once, and the answer is "
            "the same, with `Idempotency-Replayed: true`. It is accepted while Kafka is away; 503 means that nothing was stored "
            f"or that the same key will find it. At most {MAX_BODY_BYTES} bytes. NIK, phone numbers, e-mail addresses and plates "
            "in the text are masked before anything is stored."
        ),
        "security": [{"key": []}],
        "parameters": [_idempotency_key()],
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref(Submission), "example": _EXAMPLE}}},
        "responses": {
            "202": {
                "description": "Accepted; it will be routed",
                "headers": _headers({
                    **_HEADERS,
                    "Location": "the tracking page",
                    "Idempotency-Replayed": "`true`: accepted before under the same key",
                }),
                "content": {JSON: {"schema": _ref(Accepted)}},
            },
            **_problems(ONE),
        },
    }  # fmt: skip


def _batch() -> Json:
    return {
        "operationId": "submitBatch",
        "summary": f"Hand in up to {MAX_LINES} aspirations, one JSON object a line",
        "description": (
            "Each line is a submission with its `idempotency_key`. All that are in order are stored in one transaction; "
            "one that is refused harms no neighbour. The answer has a line for each line that was not empty, in their order. "
            f"At most {MAX_BATCH_BYTES} bytes, {MAX_BODY_BYTES} a line. Every line counts against the key's rate."
        ),
        "security": [{"key": []}],
        "requestBody": {"required": True, "content": {NDJSON: {"schema": _ref(Line), "example": _EXAMPLE_LINE}}},
        "responses": {
            "200": {
                "description": "What came of each line",
                "headers": _headers(_HEADERS),
                "content": {NDJSON: {"schema": _ref(LineResult)}},
            },
            **_problems(BATCH),
        },
    }  # fmt: skip


def _idempotency_key() -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "chosen by the channel, unique in the channel, never used again for anything else",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": r"^[\x21-\x7e]+$"},
    }


def _problems(path: str) -> Json:
    """The problem responses of a path, one for each status."""
    responses: Json = {}
    for slug in sorted(_PROBLEMS[path], key=lambda slug: KINDS[slug].status):
        kind = KINDS[slug]
        told = responses.setdefault(str(kind.status), {"description": "", "content": _problem_content()})
        told["description"] += f"{'; ' if told['description'] else ''}`{slug}`: {kind.english}"
        if kind.status in (409, 429, 503):
            told["headers"] = _headers(_RETRY)
    return responses


def _problem_content() -> Json:
    return {"application/problem+json": {"schema": _ref(ProblemDetails)}}


def _headers(told: Mapping[str, str]) -> Json:
    return {name: {"description": about, "schema": {"type": "string"}} for name, about in told.items()}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas() -> Json:
    inputs = [(model, "validation") for model in (Submission, Line)]
    outputs = [(model, "serialization") for model in (Accepted, LineResult, ProblemDetails)]
    _, told = models_json_schema([*inputs, *outputs], ref_template="#/components/schemas/{model}")  # type: ignore[list-item]
    definitions: Json = told["$defs"]
    return definitions
