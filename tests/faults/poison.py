"""Every kind of record that no service can use (D4), made from the golden events."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from shared.contracts import topics
from shared.contracts.envelope import Record
from shared.contracts.topics import Topic
from tests.contracts.golden import FOLDER, loaded
from tests.services import Headers


@dataclass(frozen=True)
class Poison:
    """`key` tells which kind it is; `dead`: whether every group that reads the topic must set it aside."""

    topic: Topic
    key: str
    value: bytes | None
    headers: Headers
    dead: bool = True

    @property
    def dead_letters(self) -> set[tuple[str, str]]:
        """Topic and group, and key, of the dead letters that it must become."""
        groups = [group for group in self.topic.readers if group not in ("channel", "agency")] if self.dead else []
        return {(f"{self.topic.name}.{group}", self.key) for group in groups}


_TEXT_FIELD = {
    topics.SUBMITTED: ("serap.aspiration.submitted.v1", "text"),
    topics.CONTACTS: ("serap.contact.registered.v1.email", "tracking_code"),
    topics.REPLIES: ("serap.citizen.replied.v1.answer", "text"),
    topics.ANSWERS: ("serap.agency.answered.v1.progress", "text"),
    topics.LIFECYCLE: ("serap.aspiration.assigned.v1", "channel"),
    topics.OUTCOMES: ("serap.notification.ended.v1.failed", "reason"),
    topics.submissions("kiosk"): ("serap.aspiration.handed_in.v1", "text"),
    topics.updates("DISHUB"): ("serap.agency.updated.v1.progress", "text"),
}
"""The topics of all four services: a golden event of each, and a field of it that holds text."""


def poison() -> Iterator[Poison]:
    """All kinds for all topics."""
    for topic, (name, field) in _TEXT_FIELD.items():
        yield from _kinds(topic, loaded(FOLDER / f"{name}.json"), field)


def _kinds(topic: Topic, good: Record, field: str) -> Iterator[Poison]:
    headers: Headers = [(name, value.encode()) for name, value in good.headers.items()]
    told = json.loads(good.value or b"{}")
    yield Poison(topic, "not-json", b"{this is not JSON", headers)
    yield Poison(topic, "wrong-schema", json.dumps({**told, "aspiration_id": 7, field: 7}).encode(), headers)
    yield Poison(topic, "invalid-utf8", b'{"text": "\xff\xfe"}', headers)
    yield Poison(topic, "nul", json.dumps({**told, field: "a\x00b"}).encode(), headers)
    yield Poison(topic, "null-value", None, headers)
    if topic.trusted:  # outsiders need no envelope
        others = [(header, value) for header, value in headers if header != "ce_type"]
        yield Poison(topic, "null-header", good.value, [*others, ("ce_type", None)])
        yield Poison(topic, "binary-header", good.value, [*others, ("ce_type", b"\xff\x00")])
        yield Poison(topic, "unknown-type", good.value, [*others, ("ce_type", b"serap.aspiration.sang.v1")], dead=False)
