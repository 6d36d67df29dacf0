"""The HTTP side that every service starts from: correlation id, metrics, problem+json, /livez /readyz /metrics /openapi.json."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.envelope import correlation_of, traceparent
from shared.runtime import metrics
from shared.runtime.logs import correlation, describe
from shared.runtime.postgres import is_unavailable
from shared.runtime.problems import Problem, language_of

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
"""Raises where something is missing."""

_STATUS_SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}
RETRY_AFTER_SECONDS = 2
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
"""For every answer that does not bring its own: JSON, metrics and redirects are no pages, whatever a browser makes of them."""


class Observe:
    """Outermost ASGI layer: gives every request a correlation id, counts and times it by its route template."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        incoming = dict(scope["headers"]).get(b"traceparent")
        correlation_id = correlation_of(incoming.decode("latin-1") if incoming else None) or uuid4()
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        token = correlation.set(str(correlation_id))
        started, status, answering = time.perf_counter(), 500, False

        async def send_and_note(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                told = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in _SAFE if name not in told),
                    (b"traceparent", traceparent(correlation_id, uuid4()).encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if answering:
                raise
            # Here and not in Starlette's outermost layer: the answer is counted, its log line has the correlation id,
            # and uvicorn does not say a second time that something went wrong.
            answer = await scope["app"].exception_handlers[Exception](Request(scope), error)
            await answer(scope, receive, send_and_note)
        finally:
            seconds = time.perf_counter() - started
            route = _template(scope)
            metrics.HTTP_REQUESTS.labels(route, scope["method"], status).inc()
            metrics.HTTP_SECONDS.labels(route, scope["method"]).observe(seconds)
            level = logging.DEBUG if route in ("/livez", "/readyz", "/metrics") or status < 400 else logging.INFO
            log.log(
                level,
                "request",
                extra={"route": route, "method": scope["method"], "status": status, "seconds": round(seconds, 4)},
            )
            correlation.reset(token)


def _template(scope: Scope) -> str:
    """The template of the route that answered, never the path: that may hold a tracking code. Starlette's own routes leave
    nothing but their endpoint in the scope."""
    endpoint = scope.get("endpoint")
    for route in scope["app"].routes if endpoint else ():
        if endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None)):
            return str(route.path)
    return "unmatched"


def build_app(
    name: str, about: str, *, alive: Callable[[], list[str]], checks: Mapping[str, Check], optional: frozenset[str]
) -> FastAPI:
    """A FastAPI application with what every service has.

    `alive` lists what has died inside the process; `checks` what must answer before traffic comes. A failing check in
    `optional` is told, but the service stays ready (intake accepts while Kafka is away).
    """
    app = FastAPI(title=f"Serap {name}", description=about, version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(Observe)

    async def livez() -> Response:
        """200 while everything inside the process is running; 503 with what has died."""
        died = alive()
        return JSONResponse({"alive": not died, "died": died}, 503 if died else 200)

    async def readyz() -> Response:
        """200 when the service can work; 503 with what is missing."""
        missing: dict[str, str] = {}
        for part, check in checks.items():
            try:
                await check()
            except Exception as error:
                missing[part] = str(error) or type(error).__name__
        ready = set(missing) <= optional
        return JSONResponse({"ready": ready, "missing": missing}, 200 if ready else 503)

    async def metrics_page() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for path, endpoint in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics_page)):
        app.add_api_route(path, endpoint, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_error)
    return app


def correlation_id_of(request: Request) -> UUID:
    """The correlation id of the request; it becomes the correlation id of every event that the request causes."""
    return UUID(str(request.scope["state"]["correlation_id"]))


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(language_of(request.headers.get("accept-language")))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    return await _on_problem(request, Problem("invalid-field", first["msg"], place or None))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = Problem(_STATUS_SLUGS.get(error.status_code, "invalid-request"), headers=error.headers or {})
    return await _on_problem(request, problem)


async def _on_error(request: Request, error: Exception) -> Response:
    """The database's trouble is 503 and may be tried again; anything else is a bug of ours."""
    if is_unavailable(error):
        log.warning("database is away", extra=describe(error))
        return await _on_problem(request, unavailable())
    log.error("unexpected error", extra=describe(error))
    return await _on_problem(request, Problem("internal"))


def unavailable() -> Problem:
    """503: nothing was stored, the same request may be sent again."""
    return Problem("unavailable", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
