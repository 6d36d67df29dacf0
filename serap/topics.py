"""Makes the topics that the city needs. Creates what is missing, tells what differs, never deletes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from shared.contracts.topics import Topic


@dataclass
class Applied:
    """What `apply` did. `differing`: topic -> declared and actual number of partitions."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    differing: dict[str, tuple[int, int]] = field(default_factory=dict)


def apply(bootstrap_servers: str, catalogue: Sequence[Topic], *, replication: int = 1) -> Applied:
    """Creates what is missing of `catalogue`. KafkaException where the broker does not answer or refuses."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    existing = {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=10).topics.items()}
    applied = Applied()
    missing = [topic for topic in catalogue if topic.name not in existing]
    for topic in catalogue:
        if topic.name in existing:
            applied.existing.append(topic.name)
            if existing[topic.name] != topic.partitions:
                applied.differing[topic.name] = (topic.partitions, existing[topic.name])
    if missing:
        new = [NewTopic(topic.name, topic.partitions, replication, config=topic.config) for topic in missing]
        for name, future in admin.create_topics(new).items():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                    raise
            applied.created.append(name)
    return applied
