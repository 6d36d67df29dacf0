"""Makes the topics that the city needs. Creates what is missing, tells what differs, never deletes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from serap.errors import OperatorError
from shared.contracts.topics import Topic

LOOK_SECONDS = 5.0


@dataclass
class Applied:
    """What `apply` did. `differing`: topic -> each difference from its declaration, in words."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)


def missing(bootstrap: str, catalogue: Sequence[Topic], security: Mapping[str, str] | None = None) -> list[str]:
    """The declared topics that the broker does not have. OperatorError where it does not answer."""
    existing = _partitions(_admin(bootstrap, security), bootstrap)
    return [topic.name for topic in catalogue if topic.name not in existing]


def apply(bootstrap: str, catalogue: Sequence[Topic], security: Mapping[str, str] | None = None) -> Applied:
    """Creates what is missing of `catalogue`. OperatorError where the broker does not answer."""
    admin = _admin(bootstrap, security)
    existing = _partitions(admin, bootstrap)
    applied = Applied()
    new = [NewTopic(topic.name, topic.partitions, config=topic.config) for topic in catalogue if topic.name not in existing]
    for name, future in (admin.create_topics(new) if new else {}).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                raise
        applied.created.append(name)
    present = [topic for topic in catalogue if topic.name in existing]
    applied.existing = [topic.name for topic in present]
    for topic in present:
        if differences := _differences(admin, topic, existing[topic.name]):
            applied.differing[topic.name] = differences
    return applied


def _admin(bootstrap: str, security: Mapping[str, str] | None) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, **(security or {})})


def _partitions(admin: AdminClient, bootstrap: str) -> dict[str, int]:
    try:
        return {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=LOOK_SECONDS).topics.items()}
    except KafkaException as error:
        raise OperatorError(f"the broker at {bootstrap} does not answer", "What is wrong: serap doctor") from error


def _differences(admin: AdminClient, topic: Topic, partitions: int) -> list[str]:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    actual = admin.describe_configs([resource])[resource].result()
    found = [] if partitions == topic.partitions else [f"{partitions} partitions instead of {topic.partitions}"]
    for name, value in topic.config.items():
        if name in actual and actual[name].value != value:
            found.append(f"{name} is {actual[name].value} instead of {value}")
    return found
