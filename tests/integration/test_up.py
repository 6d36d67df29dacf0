"""`serap up` on the real embedded parts; the services are fakes."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import asyncpg
import psutil
import pytest

from serap import topics
from serap.commands.status import report
from serap.options import ROOT
from serap.ports import SERVICES, PortPlan
from serap.stack import Stack, city_topics
from tests.integration.up import Up, one_up
from tests.waiting import until

PARTS = ("postgres", "broker", *SERVICES)


@pytest.fixture
def up() -> Iterator[Up]:
    """Not started, for tests about starting and stopping."""
    with one_up(fake=True) as one:
        yield one


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    """Started once, for tests that leave it running and ready."""
    with one_up(fake=True) as one:
        one.start()
        one.ready()
        yield one


def test_everything_starts_is_ready_and_stops_in_order_without_leaving_a_process(up: Up) -> None:
    up.start()
    up.ready()
    pids = up.pids()
    assert list(pids) == list(PARTS)
    assert up.stop() == 0
    assert [name for name, pid in pids.items() if psutil.pid_exists(pid)] == []
    assert up.pids() == {}
    assert "killing" not in up.said()


async def test_each_service_finds_its_own_database_and_all_topics(running: Up) -> None:
    assert topics.missing(running.options.bootstrap, city_topics(running.options)) == []
    stack = Stack(running.options, print, None)  # type: ignore[arg-type]  # it only tells where the databases are
    for service, dsn in stack.dsns.items():
        connection = await asyncpg.connect(dsn)
        assert await connection.fetchval("SELECT current_database()") == f"serap_{service}"
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
        await connection.close()


def test_a_service_that_is_killed_comes_back(running: Up) -> None:
    before = running.pids()
    os.kill(before["routing"], signal.SIGKILL)
    running.hears(r"routing ended \(killed by SIGKILL\); starting it again in 0\.2 s")
    running.hears("routing runs again")
    after = running.pids()
    assert {name for name in PARTS if after[name] != before[name]} == {"routing"}


def test_a_broker_that_is_killed_comes_back_with_its_topics(running: Up) -> None:
    os.kill(running.pids()["broker"], signal.SIGKILL)
    running.hears("broker runs again")
    assert topics.missing(running.options.bootstrap, city_topics(running.options)) == []


def test_services_stand_still_until_a_new_broker_has_its_topics(running: Up) -> None:
    """The embedded broker acknowledges what is sent to a topic that it does not have, and loses it."""

    def statuses() -> set[str]:
        return {psutil.Process(pid).status() for name, pid in running.pids().items() if name in SERVICES}

    os.kill(running.pids()["broker"], signal.SIGKILL)
    until("the services stand still", lambda: statuses() == {psutil.STATUS_STOPPED})
    until("the services go on", lambda: psutil.STATUS_STOPPED not in statuses())
    assert topics.missing(running.options.bootstrap, city_topics(running.options)) == []


def test_a_database_that_is_killed_comes_back(running: Up) -> None:
    os.kill(running.pids()["postgres"], signal.SIGKILL)
    running.hears("postgres runs again")


def test_a_second_one_on_the_same_directory_says_so(running: Up) -> None:
    second = subprocess.run(running.command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"serap: serap is already running on {running.data_dir} (process {running.process.pid}). "
        "Look with: serap status. For a second stack beside it: serap up --data DIR --port-base 8800"
    )


def test_after_sigkill_the_next_one_ends_what_was_left_behind_and_goes_on(up: Up) -> None:
    up.start(STUBBORN="1")
    up.ready()
    left = up.pids()
    up.process.kill()
    up.process.wait()
    stubborn = {left[service] for service in SERVICES}
    assert all(psutil.pid_exists(pid) for pid in stubborn)
    up.start(STUBBORN="0")
    up.hears("left processes behind; ending them: .*intake, routing, notify, reporting")
    up.ready()
    assert not any(psutil.pid_exists(pid) for pid in stubborn)


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_after_sigkill_the_well_behaved_end_by_themselves(up: Up) -> None:
    up.start()
    up.ready()
    left = up.pids()
    up.process.kill()
    up.process.wait()
    until("all have ended", lambda: not any(_lives(pid) for pid in left.values()))


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_ctrl_c_during_the_start_stops_what_was_started(up: Up) -> None:
    up.start()
    up.hears("PostgreSQL is ready")
    pids = up.pids()
    assert up.stop() == 0
    assert not any(psutil.pid_exists(pid) for pid in pids.values())


def test_status_tells_of_every_service_and_every_address(running: Up) -> None:
    told = report(running.data_dir)
    assert json.loads(json.dumps(told)) == told
    plan, pids = PortPlan(running.base), running.pids()
    routing = next(one for one in told["services"] if one["name"] == "routing")
    assert routing["pid"] == pids["routing"]
    assert (routing["url"], routing["ready"], routing["missing"]) == (plan.url("routing"), True, {})
    assert (routing["lag_records"], routing["lag_seconds"]) == (9, 1.5)
    assert routing["lag"]["routing < aspirations.submitted.v1"] == {"records": 7, "seconds": 1.5}
    assert routing["outbox"] == {"rows": 3, "age_seconds": 4.5}
    assert told["outbox"] == {"rows": 12, "age_seconds": 4.5}
    assert told["dlq"] == {f"aspirations.lifecycle.v1.{service}.dlq": 1 for service in SERVICES}
    assert told["broker"] == f"127.0.0.1:{plan.of('broker')}"
    assert told["database"] == f"127.0.0.1:{plan.of('postgres')}"
    assert routing["database"] == f"127.0.0.1:{plan.of('postgres')}/serap_routing"


def test_the_doctor_finds_a_running_stack_well_and_names_what_is_not(running: Up) -> None:
    healthy = running.serap("doctor")
    assert (healthy.returncode, "WRONG" in healthy.stdout) == (0, False), healthy.stdout
    (running.data_dir / "secrets.json").chmod(0o644)
    os.kill(running.pids()["notify"], signal.SIGSTOP)
    ill = running.serap("doctor")
    os.kill(running.pids()["notify"], signal.SIGCONT)
    assert ill.returncode == 1
    assert f"others may look into {running.data_dir}/secrets.json (mode 644). chmod 600" in ill.stdout
    assert f"notify is not ready: service: does not answer at {PortPlan(running.base).url('notify')}" in ill.stdout


def test_status_and_topics_find_the_running_stack_by_its_directory(running: Up) -> None:
    status = running.serap("status")
    assert status.returncode == 0, status.stderr
    assert len(re.findall(r"^(?:intake|routing|notify|reporting) .* yes ", status.stdout, re.MULTILINE)) == 4
    applied = running.serap("topics", "apply", "--json")
    assert applied.returncode == 0
    assert json.loads(applied.stdout)["created"] == []
