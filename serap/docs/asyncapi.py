"""AsyncAPI 3.0 from the catalogue of topics.

Written by ourselves: FastStream's generator looks at the handlers, and ours take raw records (see `shared/runtime/consumer.py`),
so it would know neither the data nor the headers. The catalogue knows both, and the keys, the retention and the readers too.
"""

from importlib.metadata import version
from typing import Any

from serap.docs.schemas import TOPICS, name_of
from shared.contracts.topics import FOR_EVER, Topic, event_types

Json = dict[str, Any]

KAFKA_BINDING = "0.5.0"
OUTSIDE = ("channel", "agency")
_PARAMETERS = {
    "channel": {"description": "a channel with `kafka = true` in the city's channels.toml", "examples": ["kiosk"]},
    "agency": {"description": "an agency of the city's agencies.toml, in small letters", "examples": ["dpupr"]},
}
_UUID = {"type": "string", "format": "uuid"}
_ENVELOPE: Json = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binary mode: every header is UTF-8 text.",
    "required": [
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_correlationid", "content-type",
        "traceparent",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _UUID | {"description": "derived: an event that is sent again has the same id"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "description": "/serap/<service>"},
        "ce_subject": {"type": "string", "description": "the record's key"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_correlationid": _UUID | {"description": "joins everything that one voice caused"},
        "ce_causationid": _UUID | {"description": "the event that caused this one, where there is one"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context; its trace id is the correlation id"},
    },
}  # fmt: skip
_OPTIONAL_ENVELOPE: Json = {
    "type": "object",
    "description": "Who writes from outside needs no headers. A valid `traceparent` or `ce_correlationid` is taken over.",
    "properties": {"ce_correlationid": _UUID, "traceparent": {"type": "string"}},
}


def document() -> Json:
    """The whole description, for any city."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Serap",
            "version": version("serap"),
            "description": "How services, channels and agencies speak over Kafka. `serap topics list` names a city's topics.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name_of(topic): _channel(topic) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic).items()},
        "components": {"schemas": {"Envelope": _ENVELOPE, "OptionalEnvelope": _OPTIONAL_ENVELOPE}},
    }


def _channel(topic: Topic) -> Json:
    parameters = {name: told for name, told in _PARAMETERS.items() if f"{{{name}}}" in topic.name}
    settings: Json = {"cleanup.policy": [topic.config["cleanup.policy"]]}
    if not topic.compacted:
        settings["retention.ms"] = topic.retention_ms
    return {
        "address": topic.name,
        "description": topic.about,
        **({"parameters": parameters} if parameters else {}),
        "messages": {event_type: _message(topic, event_type) for event_type in sorted(event_types(topic))},
        "bindings": {
            "kafka": {"partitions": topic.partitions, "topicConfiguration": settings, "bindingVersion": KAFKA_BINDING},
        },
        "x-key": topic.key,
        "x-kept": "compacted" if topic.compacted else "for ever" if topic.retention_ms == FOR_EVER else "retention.ms",
        "x-personal-data": topic.personal_data.value,
        "x-dead-letters": sorted(f"{topic.name}.{reader}.dlq" for reader in topic.readers if reader not in OUTSIDE),
    }


def _message(topic: Topic, event_type: str) -> Json:
    return {
        "name": event_type,
        "contentType": "application/json",
        "headers": _headers(topic, event_type),
        "payload": {"$ref": f"schemas/{name_of(topic)}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}},
    }


def _headers(topic: Topic, event_type: str) -> Json:
    if not topic.trusted:
        return {"$ref": "#/components/schemas/OptionalEnvelope"}
    own_type = {"type": "object", "properties": {"ce_type": {"const": event_type}}}
    return {"allOf": [{"$ref": "#/components/schemas/Envelope"}, own_type]}


def _operations(topic: Topic) -> dict[str, Json]:
    """One for the writer, one for each reader, as each of them sees it."""
    channel = {"channel": {"$ref": f"#/channels/{name_of(topic)}"}}
    sides = [(topic.writer, "send"), *((reader, "receive") for reader in topic.readers)]
    return {f"{who}.{action}.{name_of(topic)}": {"action": action, **channel, **_who(who, action)} for who, action in sides}


def _who(who: str, action: str) -> Json:
    if who in OUTSIDE:
        return {"x-side": "outside"}
    group = {"bindings": {"kafka": {"groupId": {"const": who}, "bindingVersion": KAFKA_BINDING}}} if action == "receive" else {}
    return {"x-service": who, **group}
