"""The delivery core on a real broker and a real PostgreSQL (D4)."""

from shared.contracts.envelope import Record
from tests.integration.runtime.conftest import FORBIDDEN, TOPIC, Rig, reply
from tests.services import produce
from tests.stack import Postgres
from tests.waiting import eventually

Headers = list[tuple[str, bytes | None]]


def wire(record: Record) -> tuple[bytes | None, Headers]:
    return record.value, [(name, value.encode()) for name, value in record.headers.items()]


async def test_every_published_event_has_its_effect_once(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(n) for n in range(2500)] + [reply(n) for n in range(500)])

        async def all_seen() -> bool:
            return await counter.seen() == 2500

        await eventually("2,500 replies", all_seen)
        assert await counter.dead() == []


async def test_poison_of_every_kind_in_the_middle_of_a_batch_harms_no_neighbour(rig: Rig) -> None:
    good, headers = wire(reply(0))[0], wire(reply(0))[1]
    without_type = [pair for pair in headers if pair[0] != "ce_type"]
    poison: list[tuple[bytes | None, Headers]] = [
        (b"this is not JSON", headers),
        (b'{"aspiration_id": 7}', headers),
        (b'{"text": "\xff\xfe"}', headers),
        (good.replace(b"sudah", b"\\u0000") if good else None, headers),
        (None, headers),
        (good, [*without_type, ("ce_type", None)]),
        (good, [*without_type, ("ce_type", b"\xff\xfe")]),
        wire(reply(1, FORBIDDEN)),
    ]
    unknown = (good, [*without_type, ("ce_type", b"serap.citizen.sang.v1")])
    for value, sent in (*(wire(reply(n)) for n in range(10, 60)), *poison, unknown, *(wire(reply(n)) for n in range(60, 110))):
        await produce(rig.broker.bootstrap, TOPIC.name, value, headers=sent, partition=0)
    async with rig.running() as (_, counter):

        async def settled() -> bool:
            return await counter.seen() == 100 and len(await counter.dead()) == len(poison)

        await eventually("100 replies and the dead letters", settled)
        reasons = sorted(row["reason"] for row in await counter.dead())
        assert reasons == sorted(
            ["not_json", "schema", "not_json", "schema", "null_value", "no_envelope", "no_envelope", "refused:ValueError"]
        )


async def test_a_deploy_that_refuses_everything_dead_letters_nothing_and_mends_itself_after_the_next(rig: Rig) -> None:
    async with rig.running(refuse_all=True) as (service, counter):
        await rig.publish(service, [reply(n) for n in range(3)])
        tried = 0

        def count() -> None:
            nonlocal tried
            tried += 1

        counter.on_batch = count

        async def tried_often() -> bool:
            return tried > 5

        await eventually("several attempts", tried_often)
        assert await counter.dead() == []
    async with rig.running() as (_, counter):

        async def all_seen() -> bool:
            return await counter.seen() == 3

        await eventually("the three replies", all_seen)
        assert await counter.dead() == []


async def test_postgres_stopped_in_mid_work_loses_and_doubles_nothing(rig: Rig, postgres: Postgres) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(n) for n in range(5000)])

        async def some_seen() -> bool:
            return await counter.seen() > 0

        await eventually("the first replies", some_seen)
        postgres.server.kill()
        postgres.server.start()

        async def all_seen() -> bool:
            try:
                return await counter.seen() == 5000
            except Exception as error:  # the pool finds its new connections while we ask
                assert "connection" in str(error) or "starting up" in str(error), error
                return False

        await eventually("5,000 replies", all_seen)
        assert await counter.dead() == []


async def test_a_broker_that_lost_its_log_is_filled_again_from_the_outbox(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(n) for n in range(100)])

        async def first_seen() -> bool:
            return await counter.seen() == 100

        await eventually("the first hundred", first_seen)
        await service.database.pool.execute("TRUNCATE seen")  # so that only a republished event can bring them back
        rig.broker.server.stop()
        await rig.publish(service, [reply(n) for n in range(100, 150)])
        rig.broker.server.start()
        rig.broker.apply_topics()

        async def all_seen() -> bool:
            return await counter.seen() == 150

        await eventually("the hundred that the broker forgot and the fifty it never saw", all_seen, 90)


async def test_the_outbox_is_told_in_the_order_of_its_rows(rig: Rig) -> None:
    async with rig.running() as (service, counter):
        await rig.publish(service, [reply(n) for n in range(200)])

        async def all_sent() -> bool:
            unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
            return await counter.seen() == 200 and await service.database.pool.fetchval(unsent) == 0

        await eventually("an empty outbox", all_sent)
