"""The documents for developers are true: their blocks run as printed, against a stack as `serap up` starts it."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

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

pytestmark = pytest.mark.timeout(300)  # whoever kills a consumer waits until its group has noticed


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

    def run(self, *command: str) -> bytes:
        """What a command prints, run where the reader sits."""
        return subprocess.check_output(command, cwd=self.folder, env=self.environment)

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


def test_the_agency_consumer_killed_at_work_loses_nothing_and_what_comes_twice_counts_once(up: Up, shell: Shell) -> None:
    for block in blocks(DOCS / "agencies.md"):
        if block.file():
            shell.do(block, "agencies.md")
    ours = _hand_in(up, 40)
    agency = shell.start("python agency.py DISHUB >> agency.out")
    until("the agency is at work", lambda: len(_said(up)) >= 10, 60)
    os.killpg(agency.pid, signal.SIGKILL)
    agency.wait()

    agency = shell.start("python agency.py DISHUB >> agency.out")
    whole = {(1, Fact.RECEIVED), (2, Fact.ASSIGNED), (3, Fact.ACCEPTED), (4, Fact.RESOLVED)}
    _read_until(up, topics.LIFECYCLE, lambda records: all(told >= whole for told in _lives(records, ours).values()))
    shell.stop(agency)

    asyncio.run(_forget_offsets(up, topics.assignments("DISHUB"), "agency-dishub"))
    shell.start("python agency.py DISHUB >> agency.out")
    until("everything has come again", lambda: _told_twice(up) >= ours, 60)
    assert len({one for one, _ in _said(up)}) == len(set(_said(up))), "an assignment came again with another ce_id"

    updates = _read_until(up, topics.updates("DISHUB"), lambda records: len(records) >= 2 * 2 * len(ours))
    told = [AgencyUpdated.model_validate_json(record.value or b"") for record in updates]
    assert len({(update.aspiration_id, update.kind) for update in told}) == len({update.update_id for update in told})
    until("routing has read them", lambda: not _routing_lags(up))
    facts = _read_until(up, topics.LIFECYCLE, bool)
    assert _lives(facts, ours) == dict.fromkeys(ours, whole)


def _hand_in(up: Up, count: int) -> set[UUID]:
    """Reports of street lights, which are Dishub's."""
    key = json.loads(up.run("serap", "keys", "add", "web", "--json"))["key"]
    place = {"kelurahan": "36.71.01.1001"}
    lines = [
        {"idempotency_key": f"lights-{n}", "channel": "web", "text": f"Lampu jalan nomor {n} mati.", "place": place}
        for n in range(count)
    ]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    url = f"{up.ports.url('intake')}/v1/aspirations:batch"
    answer = httpx.post(url, content="\n".join(map(json.dumps, lines)), headers=headers, trust_env=False)
    return {UUID(json.loads(line)["id"]) for line in answer.raise_for_status().text.splitlines()}


def _said(up: Up) -> list[tuple[str, str]]:
    """What the agency has printed: aspiration and `ce_id`, in its order."""
    out = up.folder / "agency.out"
    words = [line.split() for line in out.read_text().splitlines()] if out.exists() else []
    return [(aspiration_id, event_id) for _, aspiration_id, event_id in words]


def _told_twice(up: Up) -> set[UUID]:
    times = Counter(aspiration_id for aspiration_id, _ in _said(up))
    return {UUID(aspiration_id) for aspiration_id, count in times.items() if count >= 2}


def _lives(records: list[Read], ours: set[UUID]) -> dict[UUID, set[tuple[int, str]]]:
    facts = [LifecycleFact.model_validate_json(record.value or b"") for record in records]
    return {one: {(fact.ver, fact.fact) for fact in facts if fact.aspiration_id == one} for one in ours}


def _routing_lags(up: Up) -> bool:
    services = json.loads(up.run("serap", "status", "--json"))["services"]
    return any(service["lag_records"] > 0 for service in services if service["name"] == "routing")


async def _forget_offsets(up: Up, topic: Topic, group: str) -> None:
    """Sets the group back to the beginning, as a broker does that has lost what was committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=up.environment["KAFKA"], group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


def _read_until(up: Up, topic: Topic, enough: Callable[[list[Read]], bool]) -> list[Read]:
    """All records of the topic, as soon as they are enough; AssertionError when no more come."""
    records: list[Read] = []
    while not enough(records):
        records = asyncio.run(read(up.environment["KAFKA"], topic.name, len(records) + 1, 60))
    return records
