"""What stands in a log line, and what never does."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared.runtime.logs import JsonFormatter, correlation, set_up

WORDS = "lampu mati di depan rumah Bu Siti"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, as a service writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("intake"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def last(lines: io.StringIO) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return entry


def test_a_line_is_one_json_object_with_what_was_said_beside_it(lines: io.StringIO) -> None:
    logging.getLogger("shared.runtime.consumer").warning("batch put\nback", extra={"topic": "t", "records": 3})
    entry = last(lines)
    assert entry.pop("at").endswith("+00:00")
    assert entry == {
        "level": "warning",
        "service": "intake",
        "logger": "shared.runtime.consumer",
        "event": "batch put\nback",
        "topic": "t",
        "records": 3,
    }


def test_a_line_carries_the_correlation_id_of_what_is_being_done(lines: io.StringIO) -> None:
    token = correlation.set("0af7")
    logging.getLogger("services.intake").info("with")
    correlation.reset(token)
    assert last(lines)["correlation_id"] == "0af7"
    logging.getLogger("services.intake").info("without")
    assert "correlation_id" not in last(lines)


def test_an_exception_is_told_by_type_and_place_and_never_by_its_message(lines: io.StringIO) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("services.routing").exception("unexpected")
    assert last(lines)["error"] == "ValueError"
    assert last(lines)["where"].startswith("test_an_exception_is_told_by_type")
    assert "Siti" not in lines.getvalue()


def test_what_a_library_says_stands_without_the_persons_it_says_it_of(lines: io.StringIO) -> None:
    logging.getLogger("library.of.others").info("%r recip: %s", "127.0.0.1", "siti@example.test")
    assert last(lines)["event"] == "%r recip: %s"
    logging.getLogger("httpx").info("HTTP Request: %s", "GET /t/TNG-SITI", extra={"url": "/t/TNG-SITI"})
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=ValueError(WORDS))
    assert last(lines)["event"] == "Exception in ASGI application"
    assert last(lines)["error"] == "ValueError"
    assert "siti" not in lines.getvalue().lower()


async def test_an_exception_that_nobody_awaited_is_told_without_its_message(lines: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(WORDS)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task  # asyncio complains when it is collected
    assert last(lines)["event"] == "Task exception was never retrieved"
    asyncio.get_running_loop().call_soon(lambda words: 1 / 0, WORDS)
    await asyncio.sleep(0)
    assert last(lines)["error"] == "ZeroDivisionError"
    assert "Siti" not in lines.getvalue()


def test_set_up_sends_all_to_standard_output_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level, aiokafka = root.handlers[:], root.level, logging.getLogger("aiokafka").level
    for handler in handlers:  # so that set_up, which replaces them, does not close pytest's own
        root.removeHandler(handler)
    try:
        set_up("notify", "warning")
        logging.getLogger("services.notify").info("not said")
        logging.getLogger("services.notify").warning("said")
        logging.getLogger("aiokafka.conn").error("reconnecting to 10.0.0.1")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("aiokafka").setLevel(aiokafka)
    out = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in out] == ["said"]
    assert json.loads(out[0])["service"] == "notify"
