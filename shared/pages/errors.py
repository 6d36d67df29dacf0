"""Errors as pages for people: whatever is not the interface of programs answers a mistake with a page, not with JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.pages.render import Pages
from shared.runtime.http import unavailable
from shared.runtime.postgres import is_unavailable
from shared.runtime.problems import Problem

FOR_PROGRAMS = ("/v1", "/livez", "/readyz", "/metrics", "/openapi.json")
_SLUGS = {404: "not-found", 405: "not-found", 413: "too-large", 429: "too-many", 500: "internal", 503: "unavailable"}
_KEPT_HEADERS = ("allow", "retry-after")
Handler = Callable[[Request, Exception], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def add_error_pages(app: FastAPI, pages: Pages) -> None:
    """Shows what the application's error handlers decide as a page, in all paths but those FOR_PROGRAMS."""
    for kind in (Problem, HTTPException, Exception):
        app.add_exception_handler(kind, _with_page(app.exception_handlers[kind], pages))


def _with_page(plain: Any, pages: Pages) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        told: Response = await plain(request, error)
        if request.url.path.startswith(FOR_PROGRAMS):
            return told
        kept = {name: told.headers[name] for name in _KEPT_HEADERS if name in told.headers}
        return pages.problem(request, told.status_code, _SLUGS.get(told.status_code, "bad"), kept)

    return answer


def telling_trouble(endpoint: Endpoint) -> Endpoint:
    """The endpoint of a page; the database's trouble is a 503 that asks to come back, not an error of ours."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:
            if is_unavailable(error):
                raise unavailable() from error
            raise

    return answer
