"""What every service answers around its own routes: correlation, metrics, errors, health."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import Request, Response
from prometheus_client import REGISTRY

from shared.contracts.vocabulary import Language
from shared.runtime.http import Check, build_app, correlation_id_of
from shared.runtime.logs import JsonFormatter
from shared.runtime.problems import KINDS, language_of

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = UUID("0af7651916cd43dd8448eb211c80319c")


async def fine() -> None:
    """A part that answers."""


async def away() -> None:
    raise OSError("nobody listens")


@asynccontextmanager
async def client(
    *, died: tuple[str, ...] = (), checks: dict[str, Check] | None = None, optional: frozenset[str] = frozenset()
) -> AsyncIterator[httpx.AsyncClient]:
    """A service that has routes for whatever can go wrong."""
    app = build_app("test", "", alive=lambda: list(died), checks=checks or {"database": fine}, optional=optional)

    @app.get("/told/{code}")
    async def told(code: str, request: Request) -> dict[str, str]:
        return {"correlation_id": str(correlation_id_of(request))}

    async def plain(request: Request) -> Response:
        return Response("as it is", headers={"Content-Security-Policy": "its own"})

    app.router.add_route("/plain/{code}", plain, methods=["GET"])

    @app.get("/numbers/{number}")
    async def numbers(number: int) -> int:
        return number

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("jalan rusak di depan rumah Bu Siti")

    @app.get("/outage")
    async def outage() -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    transport = httpx.ASGITransport(app=app)  # an exception that leaves the application fails the test
    async with httpx.AsyncClient(transport=transport, base_url="http://serap.test", trust_env=False) as http:
        yield http


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs meanwhile."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("test"))
    logger = logging.getLogger("shared.runtime.http")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(before)


def answered(route: str, method: str, status: int) -> float:
    labels = {"route": route, "method": method, "status": str(status)}
    return REGISTRY.get_sample_value("serap_http_requests_total", labels) or 0.0


async def test_the_correlation_id_is_the_trace_id_that_the_caller_sends() -> None:
    async with client() as http:
        response = await http.get("/told/a", headers={"traceparent": TRACE})
    assert response.json() == {"correlation_id": str(TRACE_ID)}
    assert response.headers["traceparent"].startswith(f"00-{TRACE_ID.hex}-")


@pytest.mark.parametrize(
    "header", [b"", b"nonsense", b"00-%s-b7ad6b7169203331-01" % (b"0" * 32), b"00-%s-b7-01" % (b"x" * 32), b"\xff"]
)
async def test_a_caller_without_a_usable_trace_id_gets_a_new_one(header: bytes) -> None:
    async with client() as http:
        response = await http.get("/told/a", headers={b"traceparent": header})
    assert response.json()["correlation_id"] != str(UUID(int=0))
    assert UUID(response.json()["correlation_id"]).hex in response.headers["traceparent"]


async def test_metrics_and_logs_name_the_route_and_never_the_path(lines: io.StringIO) -> None:
    before = answered("/told/{code}", "GET", 200)
    async with client() as http:
        await http.get("/told/TNG-SECRET", headers={"traceparent": TRACE})
        await http.get("/plain/TNG-SECRET")
        await http.get("/TNG-SECRET")
        shown = (await http.get("/metrics")).text
    assert answered("/told/{code}", "GET", 200) == before + 1
    assert 'serap_http_requests_total{method="GET",route="/plain/{code}",status="200"}' in shown
    assert 'serap_http_requests_total{method="GET",route="unmatched",status="404"}' in shown
    assert "TNG-SECRET" not in shown + lines.getvalue()
    assert str(TRACE_ID) in lines.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "slug"),
    [
        ("GET", "/nowhere", "not-found"),
        ("POST", "/told/a", "method-not-allowed"),
        ("GET", "/numbers/seven", "invalid-field"),
        ("GET", "/bug", "internal"),
        ("GET", "/outage", "unavailable"),
    ],
)
@pytest.mark.parametrize("language", Language)
async def test_every_error_is_a_problem_in_the_language_of_its_reader(
    method: str, path: str, slug: str, language: Language
) -> None:
    kind = KINDS[slug]
    async with client() as http:
        response = await http.request(method, path, headers={"Accept-Language": language.value})
    assert response.status_code == kind.status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == language.value
    assert response.json()["title"] == (kind.english if language is Language.EN else kind.indonesian)
    assert response.json()["status"] == kind.status
    assert "traceparent" in response.headers


@pytest.mark.parametrize("path", ["/told/a", "/numbers/seven", "/nowhere", "/livez", "/metrics", "/openapi.json"])
async def test_no_answer_lets_a_browser_make_a_page_of_it(path: str) -> None:
    async with client() as http:
        headers = (await http.get(path)).headers
        own = (await http.get("/plain/a")).headers.get_list("content-security-policy")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert own == ["its own"]


async def test_an_invalid_value_is_told_with_the_name_of_its_field() -> None:
    async with client() as http:
        assert (await http.get("/numbers/seven")).json()["field"] == "number"


async def test_a_wrong_method_is_told_which_ones_there_are() -> None:
    async with client() as http:
        assert (await http.post("/told/a")).headers["allow"] == "GET"


async def test_an_outage_says_when_to_try_again_and_is_counted_as_what_was_answered() -> None:
    before = answered("/outage", "GET", 503), answered("/outage", "GET", 500)
    async with client() as http:
        assert (await http.get("/outage")).headers["retry-after"] == "2"
    assert (answered("/outage", "GET", 503), answered("/outage", "GET", 500)) == (before[0] + 1, before[1])


async def test_a_bug_is_logged_once_with_its_place_and_correlation_id_and_without_its_message(lines: io.StringIO) -> None:
    async with client() as http:
        response = await http.get("/bug", headers={"traceparent": TRACE})
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    errors = [entry for entry in logged if entry["level"] == "error"]
    assert [(entry["error"], entry["correlation_id"]) for entry in errors] == [("RuntimeError", str(TRACE_ID))]
    assert errors[0]["where"].startswith("bug:")
    assert "Siti" not in lines.getvalue() + response.text


async def test_livez_names_what_has_died() -> None:
    async with client() as http:
        alive = await http.get("/livez")
    async with client(died=("relay",)) as http:
        dead = await http.get("/livez")
    assert (alive.status_code, alive.json()) == (200, {"alive": True, "died": []})
    assert (dead.status_code, dead.json()) == (503, {"alive": False, "died": ["relay"]})


async def test_readyz_names_what_is_missing() -> None:
    async with client(checks={"database": fine, "broker": away}) as http:
        response = await http.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"ready": False, "missing": {"broker": "nobody listens"}})


async def test_readyz_stays_ready_without_an_optional_part_and_says_so() -> None:
    optional = frozenset({"broker"})
    async with client(checks={"database": fine, "broker": away}, optional=optional) as http:
        without_broker = await http.get("/readyz")
    async with client(checks={"database": away, "broker": fine}, optional=optional) as http:
        without_database = await http.get("/readyz")
    assert (without_broker.status_code, list(without_broker.json()["missing"])) == (200, ["broker"])
    assert without_database.status_code == 503


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ID),
        ("", Language.ID),
        ("fr, de", Language.ID),
        ("en", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("id;q=0.8, en;q=0.9", Language.EN),
        ("id, en", Language.ID),
        ("en;q=never", Language.ID),
    ],
)
def test_indonesian_is_spoken_unless_english_is_preferred(header: str | None, language: Language) -> None:
    assert language_of(header) is language
