"""The command line as an operator meets it, without a running stack."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer

from serap.cli import build
from serap.data_dir import prepare
from serap.databases import ensure_databases
from serap.ports import HOST
from serap.secret_store import load_or_make
from tests.integration.up import command_line
from tests.stack import Broker, Postgres, free_port, free_port_base

ROOT = Path(__file__).parents[2]
Serap = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def serap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serap:
    """Runs `serap` with `environment`, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return command_line(arguments, environment)

    return run


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command with its help."""
    yield path, command.get_help(typer.Context(command, info_name=" ".join(("serap", *path))))
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def test_every_command_explains_itself_with_an_example() -> None:
    told = dict(commands(typer.main.get_command(build())))
    assert {("up",), ("import",), ("dlq", "redrive"), ("keys", "add"), ("replay", "reporting"), ("topics", "apply")} <= set(told)
    for path, help_text in told.items():
        assert help_text.startswith(f"Usage: {' '.join(('serap', *path))}")
        is_group = any(other[:-1] == path for other in told if other)
        assert is_group or "Example" in help_text, path


def test_the_module_is_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "serap", "status", "--data", str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"serap: no stack runs on {tmp_path}. Start one: serap up\n"


def test_a_command_that_is_not_understood_ends_with_status_2(serap: Serap) -> None:
    assert serap("up", "--port-base", "many").returncode == 2
    assert serap("dance").returncode == 2


def test_an_error_is_one_line_on_standard_error_and_status_1(serap: Serap, tmp_path: Path) -> None:
    told = serap("status", "--json")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"serap: no stack runs on {tmp_path}/.serap. Start one: serap up\n"


DEAD = "agency.dishub.updates.v1.routing.dlq"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["dlq", "list"], 1, ".serap holds no stack yet. Start one: serap up"),
        (["dlq", "redrive", DEAD], 2, "give either --id N or --all"),
        (["dlq", "redrive", DEAD, "--all", "--id", "7"], 2, "give either --id N or --all"),
        (
            ["dlq", "redrive", "agency.dishub.updates.v1", "--all"],
            1,
            "is not a dead-letter topic. Which there are: serap dlq list",
        ),
        (["dlq", "show", "agency.dishub.updates.v1.nobody.dlq"], 1, "is not a dead-letter topic"),
        (["import", "nowhere.csv"], 2, "nowhere.csv"),
        (["import", __file__, "--url", "http://127.0.0.1:1"], 2, "--url needs the --key of a channel there"),
    ],
)
def test_what_cannot_be_meant_is_said_so(serap: Serap, arguments: list[str], status: int, words: str) -> None:
    told = serap(*arguments)
    assert told.returncode == status
    assert words in " ".join(told.stderr.split())


def test_a_taken_port_is_told_before_anything_is_started(serap: Serap, tmp_path: Path) -> None:
    base = free_port_base()
    with socket.socket() as other:
        other.bind((HOST, base + 2))
        other.listen()
        told = serap("up", "--port-base", str(base))
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith(f"serap: port {base + 2} is taken, and notify needs it. ")
    assert "--port-base" in told.stderr
    assert not (tmp_path / ".serap" / "postgres").exists()


def test_a_broken_city_pack_is_told_by_its_file(serap: Serap, tmp_path: Path) -> None:
    told = serap("topics", "list", "--city", str(tmp_path))
    assert told.returncode == 1
    assert f"the city pack {tmp_path} cannot be used" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_topics_are_listed_with_what_they_hold_of_persons(serap: Serap) -> None:
    listed = json.loads(serap("topics", "list", "--json").stdout)
    by_name = {row["topic"]: row for row in listed}
    assert by_name["citizens.contacts.v1"]["personal_data"] == "contact"
    assert by_name["citizens.contacts.v1"]["kept"] == "compacted"
    assert by_name["aspirations.submitted.v1"]["kept"] == "30 d"
    assert "agency.dishub.updates.v1.routing.dlq" in by_name


def test_topics_are_applied_to_a_broker_of_the_operators_own(serap: Serap, broker: Broker) -> None:
    serap("topics", "apply", KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap)
    again = serap("topics", "apply", KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap)
    assert again.returncode == 0
    assert again.stdout.startswith(f"{broker.bootstrap}: 0 created, ")


def test_a_broker_that_is_away_is_told_in_one_line(serap: Serap) -> None:
    told = serap("topics", "apply", KAFKA_BOOTSTRAP_SERVERS=f"{HOST}:{free_port()}")
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1


def test_the_doctor_is_content_with_a_new_machine(serap: Serap, tmp_path: Path) -> None:
    told = serap("doctor", "--port-base", str(free_port_base()))
    assert told.returncode == 0, told.stdout
    assert "WRONG" not in told.stdout
    assert not (tmp_path / ".serap").exists()


def test_the_doctor_names_each_taken_port_and_the_way_out(serap: Serap) -> None:
    base = free_port_base()
    with socket.socket() as other:
        other.bind((HOST, base + 4))
        other.listen()
        told = serap("doctor", "--json", "--port-base", str(base))
    wrong = [finding for finding in json.loads(told.stdout) if finding["wrong"]]
    assert told.returncode == 1
    assert [(finding["check"], finding["wrong"]) for finding in wrong] == [("ports", f"taken: {base + 4} (postgres)")]
    assert "--port-base" in wrong[0]["fix"]


def test_the_doctor_names_a_database_and_a_broker_that_are_away(serap: Serap) -> None:
    database, broker = free_port(), free_port()
    told = serap("doctor", DATABASE_URL=f"postgresql://a:b@{HOST}:{database}/c", KAFKA_BOOTSTRAP_SERVERS=f"{HOST}:{broker}")
    assert told.returncode == 1
    assert f"Is {HOST}:{database} right, and does it run?" in told.stdout
    assert (
        f"WRONG topics: the broker at {HOST}:{broker} does not answer. Is {HOST}:{broker} right, and does it run?" in told.stdout
    )
    assert "a:b@" not in told.stdout


async def test_the_doctor_names_missing_migrations_and_missing_topics(
    serap: Serap, tmp_path: Path, postgres: Postgres, broker: Broker
) -> None:
    secrets = load_or_make(prepare(tmp_path / ".serap"))
    dsns = await ensure_databases(postgres.admin_dsn, secrets.databases)
    told = await asyncio.to_thread(serap, "doctor", DATABASE_URL=postgres.admin_dsn, KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap)
    connection = await asyncpg.connect(postgres.admin_dsn)
    for service, dsn in dsns.items():
        await postgres.drop(dsn)
        await connection.execute(f"DROP ROLE serap_{service}")
    await connection.close()
    assert told.returncode == 1
    for service in dsns:
        assert f"WRONG database: {service}: migrations are missing: runtime/0001_outbox.sql" in told.stdout
