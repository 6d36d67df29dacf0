"""What the documents point at is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
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
