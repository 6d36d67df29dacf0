"""What a running service says of itself while the world around it comes and goes."""

import time
from contextlib import AsyncExitStack

import httpx
import pytest
from prometheus_client import REGISTRY

from shared.contracts.envelope import Record
from shared.runtime.service import Service
from tests.integration.runtime.conftest import DEAD, TOPIC, Rig, reply
from tests.services import read, running
from tests.stack import Postgres
from tests.waiting import eventually


async def missing(client: httpx.AsyncClient) -> list[str]:
    return sorted((await client.get("/readyz")).json()["missing"])


async def test_readiness_follows_the_broker_as_it_goes_and_comes(rig: Rig) -> None:
    async with running(Service("routing", "", rig.settings, written=[TOPIC, *DEAD])) as client:

        async def ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        await eventually("ready", ready)
        rig.broker.server.kill()
        assert await missing(client) == ["broker"]
        rig.broker.server.start()
        rig.broker.apply_topics()
        await eventually("ready again", ready)
        assert (await client.get("/livez")).status_code == 200


async def test_a_service_starts_while_its_database_is_away_and_works_when_it_comes(rig: Rig, postgres: Postgres) -> None:
    service = Service("routing", "", rig.settings, written=[TOPIC, *DEAD])
    async with AsyncExitStack() as stack:
        postgres.server.kill()
        try:
            client = await stack.enter_async_context(running(service))
            assert "database" in await missing(client)
        finally:
            postgres.server.start()

        async def ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        await eventually("ready", ready)
        await rig.publish(service, [reply(1)])
        await read(rig.broker.bootstrap, TOPIC.name, 1)
        assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize("name", ["relay", "bus"])
async def test_livez_names_a_part_that_ended_though_it_should_run_for_ever(rig: Rig, name: str) -> None:
    service = Service("routing", "", rig.settings, written=[TOPIC, *DEAD])
    async with running(service) as client:
        assert (await client.get("/livez")).status_code == 200
        part = service._tasks[name] if name == "relay" else service.bus._task
        assert part is not None
        part.cancel()

        async def told() -> bool:
            return bool((await client.get("/livez")).json() == {"alive": False, "died": [name]})

        await eventually("death", told)


async def test_the_outbox_gauges_tell_rows_age_and_dead_letters_also_while_the_broker_is_away(rig: Rig) -> None:
    settings = rig.settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    service = Service("routing", "", settings, written=[TOPIC, *DEAD])
    async with running(service):
        await rig.publish(service, [reply(1), Record(DEAD[0].name, b"key", b"bad", {})])
        await service.database.pool.execute("UPDATE outbox SET created_at = now() - interval '1 hour' WHERE id = 1")

        async def told() -> bool:
            dead = REGISTRY.get_sample_value("serap_dead_letters", {"topic": DEAD[0].name})
            age = REGISTRY.get_sample_value("serap_outbox_age_seconds") or 0.0
            rows = REGISTRY.get_sample_value("serap_outbox_rows")
            return bool(rows == 2 and dead == 1 and 3600 <= age < 3700)

        await eventually("two rows, an hour old, one of them dead", told)


async def test_a_service_stops_soon_though_the_broker_is_away(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(1)])

        async def seen() -> bool:
            return await counter.seen() == 1

        await eventually("the first reply", seen)
        rig.broker.server.kill()
        await rig.publish(service, [reply(2)])
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 10
