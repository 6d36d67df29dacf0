"""Reads what a request carries: only of the type that is asked for, and no longer than is allowed."""

from starlette.requests import ClientDisconnect, Request

from shared.contracts.vocabulary import Language
from shared.runtime.problems import Problem


async def read_body(request: Request, media_type: str, limit: int) -> bytes:
    """The body of at most `limit` bytes; a longer one is not read to its end, whatever Content-Length says.

    Problem: unsupported-media-type (415), too-large (413), invalid-request (400).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise Problem("unsupported-media-type", f"Content-Type: {media_type}", "Content-Type")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise Problem("too-large", {Language.ID: f"paling besar {limit} byte", Language.EN: f"at most {limit} bytes"})
    except ClientDisconnect:
        raise Problem("invalid-request") from None  # nobody is there to read it
    return bytes(body)
