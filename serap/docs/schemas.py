"""The JSON Schema of what lies in each topic, as a reader or a writer outside may use it."""

from typing import Any

from shared.contracts.topics import Topic, catalogue

Json = dict[str, Any]

TOPICS = tuple(topic for topic in catalogue(["{channel}"], ["{agency}"]) if not topic.name.endswith(".dlq"))
"""The topics of any city: those of a channel or an agency once, with a placeholder for its code."""


def name_of(topic: Topic) -> str:
    """The topic's name without whose it is: `agency.dishub.updates.v1` is `agency.updates.v1`."""
    family, *rest = topic.name.split(".")
    return ".".join([family, *(rest[1:] if family in ("channel", "agency") else rest)])


def schema_of(topic: Topic) -> Json:
    """JSON Schema 2020-12 of the value of a record in `topic`."""
    identity = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:serap:{name_of(topic)}"}
    return identity | topic.model.model_json_schema()
