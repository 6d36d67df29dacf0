"""Reporting on a real broker: what it hears, it counts once."""

from prometheus_client import REGISTRY

from shared.city import City
from tests.integration.reporting.conftest import Reporting, Start
from tests.integration.reporting.lives import Lives, fact_record, outcome_of, outcome_record
from tests.integration.reporting.recount import cube_of
from tests.services import produce, send
from tests.waiting import eventually


def aggregated() -> float:
    return REGISTRY.get_sample_value("serap_end_to_end_seconds_count", {"stage": "aggregated"}) or 0.0


async def test_facts_of_the_log_are_counted_once_though_they_are_sent_twice(reporting: Reporting, city: City) -> None:
    facts = list(Lives(city).facts(100))
    await reporting.hear([*facts, *facts[::-1]])
    rows = await reporting.service.database.pool.fetch(
        "SELECT day, agency, topic, kelurahan, kecamatan, channel, status, role, count FROM cube"
    )
    assert {tuple(row)[:-1]: row["count"] for row in rows} == cube_of(facts)


async def test_a_service_that_starts_again_goes_on_where_it_was(start: Start, city: City) -> None:
    facts = list(Lives(city).facts(60))
    async with start() as reporting:
        await reporting.hear(facts[:50])
    async with start() as reporting:
        await send(reporting.bootstrap, *map(fact_record, facts))
        await reporting.counted(facts)


async def test_what_is_not_a_fact_is_set_aside_and_harms_no_neighbour(reporting: Reporting, city: City) -> None:
    facts = list(Lives(city).facts(5))
    await produce(
        reporting.bootstrap, "aspirations.lifecycle.v1", b"this is not JSON", headers=[("ce_type", b"x"), ("ce_id", b"y")]
    )
    bad = fact_record(facts[0])
    await produce(
        reporting.bootstrap, bad.topic, b'{"ver": 0}', headers=[(name, value.encode()) for name, value in bad.headers.items()]
    )
    await reporting.hear(facts)

    async def set_aside() -> bool:
        dead = "SELECT count(*) FROM outbox WHERE topic = 'aspirations.lifecycle.v1.reporting.dlq'"
        return bool(await reporting.service.database.pool.fetchval(dead))

    await eventually("the dead letter", set_aside)


async def test_outcomes_of_the_log_are_counted(reporting: Reporting, city: City) -> None:
    outcomes = [outcome_of(fact) for fact in Lives(city).facts(20)]
    await send(reporting.bootstrap, *map(outcome_record, [*outcomes, *outcomes]))

    async def counted() -> bool:
        return bool(await reporting.service.database.pool.fetchval("SELECT sum(count) = $1 FROM outcome_days", len(outcomes)))

    await eventually("the outcomes", counted)


async def test_the_time_until_it_is_counted_is_measured_once_per_aspiration(reporting: Reporting, city: City) -> None:
    before, facts = aggregated(), list(Lives(city).facts(30))
    await reporting.hear(facts)
    await send(reporting.bootstrap, *map(fact_record, facts))
    more = list(Lives(city, seed=8).facts(1))
    await send(reporting.bootstrap, *map(fact_record, more))
    await reporting.counted([*facts, *more])
    assert aggregated() - before == 31
