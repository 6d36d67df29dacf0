"""docs/ is what the code says, and the code says nothing that breaks what was published."""

import json
from pathlib import Path
from typing import Any

import pytest

from serap.docs import papers
from serap.docs.schemas import TOPICS, name_of
from shared.contracts import topics


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the papers of today."""
    folder = tmp_path_factory.mktemp("docs")
    papers.write(folder, papers.papers())
    return folder


def test_the_committed_papers_are_what_the_code_says() -> None:
    assert papers.differing(papers.FOLDER, papers.papers()) == [], "run: make docs, and commit what it writes"


def test_no_published_schema_is_broken_by_the_code() -> None:
    told = {path: [str(change) for change in changes] for path, changes in papers.breaking(papers.FOLDER).items()}
    assert told == {}, "this breaks readers, writers or records in a log: make a .v2 topic beside the old one, or undo it"


def test_writing_twice_changes_nothing(written: Path) -> None:
    assert papers.write(written, papers.papers()) == []


def test_a_file_that_differs_is_missing_or_is_left_over_is_named(tmp_path: Path) -> None:
    wanted = papers.papers()
    papers.write(tmp_path, wanted)
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "schemas" / "citizens.replies.v1.json").unlink()
    (tmp_path / "schemas" / "a.topic.of.yesterday.v1.json").write_text("{}")
    differing = ["asyncapi.json", "schemas/a.topic.of.yesterday.v1.json", "schemas/citizens.replies.v1.json"]
    assert papers.differing(tmp_path, wanted) == differing
    assert papers.write(tmp_path, wanted) == differing
    assert papers.differing(tmp_path, wanted) == []


def _publish_with(folder: Path, schema: str, field: str, told: dict[str, Any]) -> None:
    """Pretends that the published schema had another `field`."""
    path = folder / "schemas" / schema
    published = json.loads(path.read_text("utf-8"))
    published["properties"][field] = told
    path.write_text(json.dumps(published))


def test_a_field_that_the_code_no_longer_has_breaks_its_schema(tmp_path: Path) -> None:
    papers.write(tmp_path, papers.papers())
    _publish_with(tmp_path, "aspirations.lifecycle.v1.json", "weather", {"type": "string"})
    told = {path: [str(change) for change in changes] for path, changes in papers.breaking(tmp_path).items()}
    assert told == {"schemas/aspirations.lifecycle.v1.json": ["weather: is gone"]}


def test_only_readers_outside_are_hurt_by_a_type_that_is_new(tmp_path: Path) -> None:
    """We write receipts, and channels read them; channels write submissions, and our reader is as new as its schema."""
    papers.write(tmp_path, papers.papers())
    _publish_with(tmp_path, "channel.receipts.v1.json", "pin", {"type": "null", "default": None})
    _publish_with(tmp_path, "channel.submissions.v1.json", "session", {"type": "null", "default": None})
    told = {path: [str(change) for change in changes] for path, changes in papers.breaking(tmp_path).items()}
    assert told == {"schemas/channel.receipts.v1.json": ["pin: may now be string"]}


# --- AsyncAPI


@pytest.fixture(scope="module")
def asyncapi(written: Path) -> dict[str, Any]:
    return dict(json.loads((written / "asyncapi.json").read_text("utf-8")))


def test_every_topic_of_the_catalogue_is_described_with_its_writer_and_all_readers(asyncapi: dict[str, Any]) -> None:
    assert {channel["address"] for channel in asyncapi["channels"].values()} == {topic.name for topic in TOPICS}
    sides = {f"{topic.writer}.send.{name_of(topic)}" for topic in TOPICS}
    sides |= {f"{reader}.receive.{name_of(topic)}" for topic in TOPICS for reader in topic.readers}
    assert set(asyncapi["operations"]) == sides


def test_every_event_type_is_described_in_its_topic(asyncapi: dict[str, Any]) -> None:
    described = {(channel["address"], name) for channel in asyncapi["channels"].values() for name in channel["messages"]}
    assert described == {(topic.name, event_type) for topic in TOPICS for event_type in topics.event_types(topic)}


def test_every_reference_of_the_papers_leads_somewhere(written: Path) -> None:
    for path in written.rglob("*.json"):
        paper = json.loads(path.read_text("utf-8"))
        for reference in _references(paper):
            file, _, pointer = reference.partition("#")
            target: Any = json.loads((path.parent / file).read_text("utf-8")) if file else paper
            for step in pointer.split("/")[1:]:
                target = target[step.replace("~1", "/").replace("~0", "~")]


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [reference for each in part for reference in _references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [reference for each in part.values() for reference in _references(each)]
