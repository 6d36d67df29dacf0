"""How an event lies in a Kafka record: CloudEvents 1.0, binary mode (`ce_*` headers, value = JSON of the data)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.topics import Topic

Data = TypeVar("Data", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be sent. `value` None is a tombstone; `key` None only in a dead letter that came without one."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event(Generic[Data]):
    """An event that was read. `data.aspiration_id` is the subject; `correlation_id` joins all that one voice caused."""

    id: UUID
    type: str
    topic: str
    key: bytes
    correlation_id: UUID
    data: Data


def to_record(
    topic: Topic,
    data: BaseModel,
    *,
    key: UUID | str,
    event_id: UUID,
    time: datetime,
    correlation_id: UUID,
    causation_id: UUID | None = None,
    word: str = "",
) -> Record:
    """The record of an event. `word` fills the past tense in topics that carry several types (lifecycle, assignments)."""
    event_type = topic.event_type.format(fact=word, kind=word)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_type": event_type,
        "ce_source": f"/serap/{topic.writer}",
        "ce_subject": str(key),
        "ce_time": time.isoformat(),
        "ce_correlationid": str(correlation_id),
        "content-type": "application/json",
        "traceparent": traceparent(correlation_id, event_id),
    }
    if causation_id is not None:
        headers["ce_causationid"] = str(causation_id)
    return Record(topic.name, str(key).encode(), data.model_dump_json(exclude_none=True).encode(), headers)


def tombstone(topic: Topic, key: UUID) -> Record:
    """Erases what a compacted topic holds under `key`."""
    return Record(topic.name, str(key).encode(), None, {})


def traceparent(correlation_id: UUID, span: UUID) -> str:
    """W3C Trace Context: the correlation id is the trace id, so that one number finds a voice in logs, events and traces."""
    return f"00-{correlation_id.hex}-{span.hex[16:]}-01"


def correlation_of(traceparent_header: str | None) -> UUID | None:
    """The correlation id that a caller's `traceparent` carries, or None where it is absent or malformed."""
    parts = (traceparent_header or "").split("-")
    if len(parts) != 4 or len(parts[1]) != 32 or parts[1] == "0" * 32:
        return None
    try:
        return UUID(hex=parts[1])
    except ValueError:
        return None


def header_map(headers: Iterable[tuple[str, bytes | None]]) -> Mapping[str, str]:
    """Headers as text. Null or binary ones are left out, not raised: the consumer judges what is missing."""
    out: dict[str, str] = {}
    for name, value in headers:
        if value is not None:
            try:
                out[name] = value.decode()
            except UnicodeDecodeError:
                continue
    return out
