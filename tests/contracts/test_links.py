"""What the documents point at is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from typer.main import get_command

from serap.cli import build

ROOT = Path(__file__).parents[2]
SERAP: Any = get_command(build())
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _links(document: Path) -> Iterator[str]:
    for block in MarkdownIt("commonmark").parse(document.read_text("utf-8")):
        for token in block.children or []:
            target = token.attrGet("href" if token.type == "link_open" else "src")
            if token.type in ("link_open", "image"):
                yield str(target)


def _headings(document: Path) -> set[str]:
    """The anchors that a forge makes of headings: small letters, hyphens for spaces, no punctuation."""
    lines = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def _code(document: Path) -> Iterator[str]:
    """What stands in backticks, and each line of a code block."""
    for block in MarkdownIt("commonmark").parse(document.read_text("utf-8")):
        if block.type in ("fence", "code_block"):
            yield from block.content.splitlines()
        yield from (token.content for token in block.children or [] if token.type == "code_inline")


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@each_document
def test_every_relative_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    lost = []
    for link in _links(document):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = document.parent / unquote(parts.path) if parts.path else document
        if not target.exists() or (parts.fragment and parts.fragment not in _headings(target)):
            lost.append(link)
    assert lost == []


@each_document
def test_every_path_of_the_repository_that_is_named_is_there(document: Path) -> None:
    named = [
        match[0] for code in _code(document) if (match := re.match(r"(services|shared|serap|tests|cities|docs|bench)/\S*", code))
    ]
    patterns = {name: re.sub(r"<\w+>", "*", name.partition(":")[0]) for name in named}
    assert [name for name, pattern in patterns.items() if not any(ROOT.glob(pattern))] == []


@each_document
def test_every_command_that_is_named_exists(document: Path) -> None:
    """`serap topics apply` and `make test`; of a list (`serap dlq list`, `show`) only the first can be recognised."""
    unknown = [code for code in _code(document) if not _exists(code.strip().removeprefix(".venv/bin/").split())]
    assert unknown == []


def _exists(words: list[str]) -> bool:
    match words:
        case ["make", target, *_]:
            return target in re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        case ["serap", *rest]:
            return _is_command(rest)
        case _:
            return True


def _is_command(words: list[str]) -> bool:
    """Whether `serap` has the command that `words` begin with. What is no group takes any words."""
    command = SERAP
    while (known := getattr(command, "commands", None)) and words and words[0][0].islower():
        if words[0] not in known:
            return False
        command, words = known[words[0]], words[1:]
    return True
