"""Faults of every part in mid-work, on the real stack of embedded parts: nothing is lost, nothing is doubled (D4).

Each test hurts the same long-running stack once and lets it come to rest. Everything that judges stands outside of it.
"""

import asyncio
import signal

import pytest

from serap.ports import SERVICES
from shared.contracts import topics
from tests.faults.conftest import Scene
from tests.faults.poison import poison
from tests.services import produce
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUTAGE_SECONDS = 3.0


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_killed_in_mid_work_loses_and_doubles_nothing(scene: Scene, service: str) -> None:
    async with scene.speaking():
        await scene.stack.kill_in_mid_work(service)
    await scene.settles()


async def test_notify_killed_while_messages_are_on_the_wire_sends_none_twice(scene: Scene) -> None:
    async with scene.speaking():

        async def sending() -> bool:
            scene.stack.send("notify", signal.SIGSTOP)
            claimed = await scene.stack.query("notify", "SELECT FROM notices WHERE state = 'claimed'")
            if not claimed:
                scene.stack.send("notify", signal.SIGCONT)
            return bool(claimed)

        await eventually("notify is sending", sending)
        pid = scene.stack.pid("notify")
        scene.stack.send("notify", signal.SIGKILL)
        await scene.stack.comes_back("notify", pid)
    await scene.settles()


async def test_a_database_that_stands_still_for_three_seconds_costs_nothing_but_time(scene: Scene) -> None:
    async with scene.speaking():
        scene.stack.send("postgres", signal.SIGSTOP)
        await asyncio.sleep(OUTAGE_SECONDS)
        waiting = len(scene.town.journal.open())
        scene.stack.send("postgres", signal.SIGCONT)
    assert waiting, "nobody was waiting for the database"
    await scene.settles()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
async def test_a_database_that_is_killed_or_stopped_in_mid_work_loses_nothing(scene: Scene, number: signal.Signals) -> None:
    async with scene.speaking():
        pid, in_flight = scene.stack.pid("postgres"), await scene.in_flight()
        if number is signal.SIGKILL:
            scene.stack.send("postgres", number)
        else:
            scene.stack.processes("postgres")[0].send_signal(number)
        await scene.stack.comes_back("postgres", pid)
    assert in_flight, "nothing was under way"
    await scene.settles()


async def test_a_broker_that_is_killed_and_loses_its_log_is_filled_again(scene: Scene) -> None:
    async with scene.speaking():
        pid, in_flight = scene.stack.pid("broker"), await scene.in_flight()
        scene.stack.send("broker", signal.SIGKILL)
        await scene.stack.comes_back("broker", pid)
    assert in_flight, "nothing was under way"
    await scene.settles()


async def test_poison_of_every_kind_in_every_topic_is_set_aside_and_harms_no_neighbour(scene: Scene) -> None:
    bootstrap, deadly = scene.stack.options.bootstrap, list(poison())
    async with scene.speaking():
        for one in deadly:
            await produce(bootstrap, one.topic.name, one.value, key=one.key.encode(), headers=one.headers)
        spoken = scene.town.voices.next_by("kiosk")
        scene.town.journal.intend(spoken)
        body = spoken.submission.model_dump_json(exclude_none=True).encode()
        headers = [("ce_type", None), ("ce_id", b"\xff"), ("traceparent", b"\x00\xff")]
        await produce(bootstrap, topics.submissions("kiosk").name, body, key=spoken.key.encode(), headers=headers)
    await scene.settles()
    dead = {(place, key) for place, key, _ in await scene.stack.dead_letters()}
    assert dead == {letter for one in deadly for letter in one.dead_letters}
    assert scene.town.journal.entries[spoken.key].accepted, "an outsider needs no envelope"


async def test_serap_up_interrupted_with_work_in_flight_goes_on_where_it_was(scene: Scene) -> None:
    async with scene.speaking():
        in_flight = await scene.in_flight()
        assert await scene.stack.interrupt() == 0
        await scene.stack.start()
    assert in_flight, "nothing was under way"
    await scene.settles()
