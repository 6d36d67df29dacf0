"""Code blocks of the documents, and a shell that runs them as they are printed.

The words behind a block's language say what it is for:

- ```` ```bash run ````          is run to its end; must succeed; variables stay for the blocks that follow
- ```` ```bash start ````        is run in the background until the document ends
- ```` ```text prints ````       what the last block that was run printed; `...` stands for anything
- ```` ```python file=a.py ````  is saved as that file, for the blocks that follow

A block without such a word is only shown.
"""

import doctest
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

RUN_SECONDS, PATIENCE_SECONDS = 60, 10
_VARIABLES = ".variables"
# `set -a`: what a block assigns, the next one knows, as in one terminal.
_FRAME = f"set -euo pipefail; set -a; [ ! -f {_VARIABLES} ] || . ./{_VARIABLES}\n{{script}}\nexport -p > {_VARIABLES}"
_LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, slots=True)
class Block:
    """`words`: what stands behind the language; `line`: of the document, from 1."""

    words: tuple[str, ...]
    content: str
    line: int

    def file(self) -> str | None:
        """The name under which it is saved."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), None)


def blocks(document: Path) -> Iterator[Block]:
    """The fenced code blocks of a Markdown file, in their order."""
    for token in MarkdownIt("commonmark").parse(document.read_text("utf-8")):
        if token.type == "fence":
            yield Block(tuple(token.info.split()[1:]), token.content, (token.map or [0])[0] + 1)


@dataclass
class Shell:
    """Runs blocks in `folder`. `environment`: what a reader would have set up before."""

    folder: Path
    environment: Mapping[str, str]
    printed: str = ""
    _background: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def follow(self, document: Path) -> None:
        """Does what the document says, block by block. AssertionError with the line that is not true."""
        for block in blocks(document):
            self.do(block, f"{document.name}:{block.line}")

    def do(self, block: Block, where: str) -> None:
        if name := block.file():
            (self.folder / name).write_text(block.content, "utf-8")
        elif "run" in block.words:
            self._run(block.content, where)
        elif "start" in block.words:
            self.start(block.content)
        elif "prints" in block.words:
            same = doctest.OutputChecker().check_output(block.content, self.printed, _LOOSELY)
            assert same, f"{where} says that this is printed:\n{block.content}\nbut it is:\n{self.printed}"

    def start(self, script: str) -> "subprocess.Popen[bytes]":
        """In the background, in a process group of its own."""
        log = (self.folder / "background.log").open("ab")
        command = ["bash", "-c", _FRAME.format(script=script)]
        process = subprocess.Popen(
            command, cwd=self.folder, env=dict(self.environment), stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._background.append(process)
        return process

    def stop(self, process: "subprocess.Popen[bytes]") -> None:
        """Ctrl-C; whoever does not end of it is killed."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def close(self) -> None:
        """Stops what still runs in the background."""
        for process in self._background:
            self.stop(process)

    def _run(self, script: str, where: str) -> None:
        command = ["bash", "-c", _FRAME.format(script=script)]
        done = subprocess.run(
            command, cwd=self.folder, env=dict(self.environment), capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        )
        assert done.returncode == 0, f"{where} ended with {done.returncode}:\n{script}\n{done.stdout}\n{done.stderr}"
        self.printed = done.stdout
