"""Structured logs: one JSON object a line, with the correlation id, without persons or free text.

Exceptions are logged by type and place; their message may quote a citizen's words, so it stays out. So does what libraries
put into their lines: aiosmtpd logs the addresses it sends to, asyncio the repr of an exception nobody awaited.
"""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
"""The correlation id of what is being done now."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_OURS = ("shared", "services", "serap")


class JsonFormatter(logging.Formatter):
    """`log.info("batch put back", extra={"topic": ...})` -> {"at": ..., "event": "batch put back", "topic": ...}."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.split(".")[0] in _OURS
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "event": record.getMessage() if ours else _template(record),
        }
        if (correlation_id := correlation.get()) is not None:
            entry["correlation_id"] = correlation_id
        if ours:
            entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and (error := record.exc_info[1]) is not None:
            entry |= describe(error)
        return json.dumps(entry, ensure_ascii=False, default=str)


def _template(record: logging.LogRecord) -> str:
    """What a library says, without whom and what it says it of: up to the first argument list or the end of the line."""
    return re.split(r"[\n(]", str(record.msg), maxsplit=1)[0].strip()


def describe(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its type and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    return {"error": type(error).__name__, "where": where}


def set_up(service: str, level: str) -> None:
    """Sends all logs of this process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # aiokafka says every reconnect at ERROR with its address; what matters of it is in /readyz and the metrics.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
