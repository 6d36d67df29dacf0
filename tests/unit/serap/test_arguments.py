"""Which stack a command means."""

from pathlib import Path

import pytest

from serap.commands.arguments import options
from serap.ports import DEFAULT_BASE
from serap.processes import Identity, own_identity
from serap.state import State


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)


def test_the_ports_are_those_of_the_stack_on_the_directory_unless_told_otherwise(tmp_path: Path) -> None:
    assert options(tmp_path).ports.base == DEFAULT_BASE
    State(own_identity(), 9100, "127.0.0.1:9105", "127.0.0.1:9104").save(tmp_path)
    assert options(tmp_path).ports.base == 9100
    assert options(tmp_path, 9200).ports.base == 9200


def test_another_shell_finds_the_database_and_the_broker_that_a_running_stack_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    State(own_identity(), 9100, "kafka:9092", "db:5432").save(tmp_path)
    found = options(tmp_path)
    assert (found.bootstrap, found.database_address) == ("kafka:9092", "db:5432")
    monkeypatch.setenv("DATABASE_URL", "postgresql://admin:word@other/postgres")
    assert options(tmp_path).database_address == "other"


def test_embedded_parts_stay_embedded_and_a_stack_that_ended_is_asked_nothing(tmp_path: Path) -> None:
    State(own_identity(), 9100, "127.0.0.1:9105", "127.0.0.1:9104").save(tmp_path)
    assert (options(tmp_path).database_url, options(tmp_path).kafka_bootstrap_servers) == ("", "")
    State(Identity(own_identity().pid, 0.0), 9100, "kafka:9092", "db:5432").save(tmp_path)
    assert (options(tmp_path).database_url, options(tmp_path).kafka_bootstrap_servers) == ("", "")
