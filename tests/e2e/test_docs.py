"""The documents for developers are true: their blocks run as printed, against a stack as `serap up` starts it."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from serap.ports import PortPlan
from shared.contracts import topics
from shared.contracts.events import AgencyUpdated, LifecycleFact
from shared.contracts.topics import Topic
from shared.contracts.vocabulary import Fact
from tests.e2e.snippets import Shell, blocks
from tests.services import Read, read
from tests.stack import free_port_base
from tests.waiting import until

DOCS = Path(__file__).parents[2] / "docs"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Up:
    """A running `serap up`. `folder`: where a reader would sit, with `.serap` in it."""

    folder: Path
    ports: PortPlan

    @property
    def environment(self) -> dict[str, str]:
        """What a reader sets whose stack is elsewhere than on the usual ports."""
        kafka = f"127.0.0.1:{self.ports.of('broker')}"
        return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "INTAKE": self.ports.url("intake"), "KAFKA": kafka}

    def said(self) -> str:
        return (self.folder / "serap.log").read_text()


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    folder = Path(tempfile.mkdtemp(prefix="serap-docs-"))
    folder.chmod(0o755)
    stack = Up(folder, PortPlan(free_port_base()))
    with (folder / "serap.log").open("wb") as log:
        command = [str(BIN / "serap"), "up", "--port-base", str(stack.ports.base)]
        process = subprocess.Popen(command, cwd=folder, env=stack.environment, stdout=log, stderr=log)

    def ready() -> bool:
        assert process.poll() is None, stack.said()
        return "Serap is up" in stack.said()

    try:
        until("Serap is up", ready, 90)
        yield stack
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder)


@pytest.fixture
def shell(up: Up) -> Iterator[Shell]:
    shell = Shell(up.folder, up.environment)
    (up.folder / ".variables").unlink(missing_ok=True)
    yield shell
    shell.close()


@pytest.mark.parametrize("document", ["channels.md", "agencies.md"])
def test_every_block_of_the_document_does_what_it_says(shell: Shell, document: str) -> None:
    shell.follow(DOCS / document)


def test_the_agency_consumer_of_the_docs_has_no_more_than_25_lines() -> None:
    [program] = [block.content for block in blocks(DOCS / "agencies.md") if block.file() == "agency.py"]
    assert len(program.splitlines()) <= 25


# --- the promise of docs/agencies.md


def test_the_agency_consumer_killed_again_and_again_loses_nothing_and_counts_nothing_twice(up: Up, shell: Shell) -> None:
    for block in blocks(DOCS / "agencies.md"):
        if block.file():
            shell.do(block, "agencies.md")
    ours = _hand_in(up, 40)
    for lines in (5, 15, 30):
        agency = shell.start("python agency.py DISHUB >> agency.out")
        until(f"{lines} lines of the agency", partial(_has_written, up, lines), 60)
        os.killpg(agency.pid, signal.SIGKILL)
        agency.wait()
    shell.start("python agency.py DISHUB >> agency.out")

    def steps(records: list[Read]) -> dict[UUID, set[tuple[int, str]]]:
        facts = [LifecycleFact.model_validate_json(record.value or b"") for record in records]
        return {one: {(fact.ver, fact.fact) for fact in facts if fact.aspiration_id == one} for one in ours}

    whole = {(1, Fact.RECEIVED), (2, Fact.ASSIGNED), (3, Fact.ACCEPTED), (4, Fact.RESOLVED)}
    facts = _read_until(up, topics.LIFECYCLE, lambda records: all(told >= whole for told in steps(records).values()))
    assert steps(facts) == dict.fromkeys(ours, whole)

    written = [line.split() for line in (up.folder / "agency.out").read_text().splitlines()]
    assert len(written) > len({one for _, one, _ in written}), "no kill hit the agency at work: nothing was proved"
    assert len({one for _, one, _ in written}) == len({event_id for _, _, event_id in written}), (
        "it came twice with another ce_id"
    )
    updates = [
        AgencyUpdated.model_validate_json(record.value or b"") for record in _read_until(up, topics.updates("DISHUB"), bool)
    ]
    assert len({(update.aspiration_id, update.kind) for update in updates}) == len({update.update_id for update in updates})


def _hand_in(up: Up, count: int) -> set[UUID]:
    """Reports of street lights, which are Dishub's."""
    key = json.loads(subprocess.check_output(["serap", "keys", "add", "web", "--json"], cwd=up.folder, env=up.environment))["key"]
    accepted = set()
    with httpx.Client(base_url=up.ports.url("intake"), trust_env=False) as client:
        for number in range(count):
            headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"lights-{number}"}
            body = {"channel": "web", "text": f"Lampu jalan nomor {number} mati.", "place": {"kelurahan": "36.71.01.1001"}}
            answer = client.post("/v1/aspirations", json=body, headers=headers)
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
            accepted.add(UUID(answer.json()["id"]))
    return accepted


def _has_written(up: Up, lines: int) -> bool:
    out = up.folder / "agency.out"
    return out.exists() and len(out.read_text().splitlines()) >= lines


def _read_until(up: Up, topic: Topic, enough: Callable[[list[Read]], bool]) -> list[Read]:
    """All records of the topic, as soon as they are enough; AssertionError when no more come."""
    records: list[Read] = []
    while not enough(records):
        records = asyncio.run(read(up.environment["KAFKA"], topic.name, len(records) + 1, 60))
    return records
