"""Reads the body of a request: not more than it may be, and not for ever."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from shared.contracts.vocabulary import Language
from shared.runtime.problems import Problem

SECONDS = 30.0
"""A phone at the edge of the network sends 64 KiB in half of it."""


async def read_body(request: Request, limit: int) -> bytes:
    """The body of at most `limit` bytes; a longer one is not read to its end, whatever Content-Length says.

    Problem: too-large (413), too-slow (408), invalid-request where the caller has gone and nobody reads it.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    detail = {Language.ID: f"paling besar {limit} byte", Language.EN: f"at most {limit} bytes"}
                    raise Problem("too-large", detail)
    except TimeoutError:
        raise Problem("too-slow") from None
    except ClientDisconnect:
        raise Problem("invalid-request") from None
    return bytes(body)
