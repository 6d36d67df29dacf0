"""The papers as files of `docs/`: what they should hold, where they differ, and writing them anew."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serap.docs.asyncapi import document
from serap.docs.breaking import Change, changes
from serap.docs.openapi import description_of
from serap.docs.schemas import TOPICS, name_of, schema_of
from serap.options import ROOT
from serap.ports import SERVICES
from shared.contracts.topics import Topic

FOLDER = ROOT / "docs"
_OURS = ("asyncapi.json", "openapi/*.json", "schemas/*.json")


def papers() -> Mapping[str, str]:
    """What belongs into each file, by its path in the folder. The same code gives the same bytes."""
    files: dict[str, Any] = {"asyncapi.json": document()}
    files |= {f"openapi/{service}.json": description_of(service) for service in SERVICES}
    files |= {_schema_file(topic): schema_of(topic) for topic in TOPICS}
    return {path: json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n" for path, content in files.items()}


def differing(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Paths of files that are missing, have another content, or have no business there."""
    present = {str(path.relative_to(folder)): path for pattern in _OURS for path in folder.glob(pattern)}
    stale = [path for path, content in wanted.items() if path not in present or present[path].read_text("utf-8") != content]
    return sorted([*stale, *(set(present) - set(wanted))])


def breaking(folder: Path) -> Mapping[str, list[Change]]:
    """By file: the changes of the code since the published schema that hurt a reader, a writer or an old record."""
    found = {_schema_file(topic): _breaking(folder / _schema_file(topic), topic) for topic in TOPICS}
    return {path: hurting for path, hurting in found.items() if hurting}


def write(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Makes the folder hold what is wanted. Returns the paths that it changed."""
    changed = differing(folder, wanted)
    for path in changed:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], "utf-8")
        else:
            (folder / path).unlink()
    return changed


def _schema_file(topic: Topic) -> str:
    return f"schemas/{name_of(topic)}.json"


def _breaking(published: Path, topic: Topic) -> list[Change]:
    """Where outsiders write and we read, only narrowing hurts: a reader of ours is as new as the schema."""
    if not published.exists():
        return []
    found = changes(json.loads(published.read_text("utf-8")), schema_of(topic))
    return [change for change in found if change.narrows or topic.trusted]
