"""The JSON Schema of what lies in each topic, as a reader or a writer outside may use it."""

from typing import Any

from shared.contracts.topics import Topic, catalogue

Json = dict[str, Any]

CHANNEL, AGENCY = "{channel}", "{agency}"
TOPICS = tuple(topic for topic in catalogue([CHANNEL], [AGENCY]) if not topic.name.endswith(".dlq"))
"""The topics of any city: those of a channel or an agency once, with a placeholder for its code."""


def name_of(topic: Topic) -> str:
    """The topic without the placeholder: `agency.assignments.v1`."""
    return topic.name.replace(f"{CHANNEL}.", "").replace(f"{AGENCY}.", "")


def schema_of(topic: Topic) -> Json:
    """JSON Schema 2020-12 of the value of a record in `topic`."""
    identity = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:serap:{name_of(topic)}"}
    return identity | topic.model.model_json_schema()
