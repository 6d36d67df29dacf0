"""The OpenAPI is fuzzed against the running service with a real database: it keeps what it promises, and 500 is not in it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from services.intake.app import build
from services.intake.settings import IntakeSettings
from tests.integration.intake.channels import MIGRATIONS, make_key
from tests.services import settings_for
from tests.stack import Postgres, free_port
from tests.waiting import until

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPENAPI = build(IntakeSettings(database_url="postgresql://nowhere", pin_secret="5e" * 32)).app.openapi()
schema = schemathesis.openapi.from_dict(OPENAPI)


@schemathesis.serializer("application/x-ndjson")
def as_lines(ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    """What was made for the schema of a line, as a batch of one; and what was made against it, as it is."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def first_line(ctx: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    return json.loads(response.content.splitlines()[0])


@dataclass(frozen=True)
class Listening:
    """An intake on a port, and what opens it."""

    url: str
    authorization: str


@pytest.fixture(scope="module")
def intake(postgres: Postgres) -> Iterator[Listening]:
    dsn = asyncio.run(postgres.database(MIGRATIONS))
    token = asyncio.run(make_key(dsn, per_minute=1_000_000))
    port = free_port()
    service = build(settings_for(dsn, f"127.0.0.1:{free_port()}", IntakeSettings, pin_secret="5e" * 32))
    server = uvicorn.Server(uvicorn.Config(service.app, port=port, log_config=None, http="httptools"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until("intake to listen", lambda: server.started)
    yield Listening(f"http://127.0.0.1:{port}", f"Bearer {token}")
    server.should_exit = True
    thread.join()


@schema.parametrize()
@settings(max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_what_its_openapi_promises(case: schemathesis.Case[Any], intake: Listening) -> None:
    case.call_and_validate(base_url=intake.url, headers={"Authorization": intake.authorization}, checks=CHECKS)
