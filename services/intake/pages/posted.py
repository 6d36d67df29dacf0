"""Reads what a form posts: small, UTF-8, nothing else."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from services.intake.body import read_body
from shared.contracts.submission import MAX_BODY_BYTES
from shared.runtime.problems import Problem

MAX_FIELDS = 50


async def read_form(request: Request) -> dict[str, str]:
    """The fields as they were typed, lines ending in one character as the browser counts them.

    Problem: unsupported-media-type (415; our forms carry no files), invalid-request (400), and
    what `read_body` raises.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Problem("unsupported-media-type")
    body = await read_body(request, MAX_BODY_BYTES)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Problem("invalid-request") from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
