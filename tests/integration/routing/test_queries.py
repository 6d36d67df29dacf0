"""Every query is one that PostgreSQL understands with the schema as migrated, and the store says what the domain says."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.routing.domain.announce import Story
from services.routing.domain.case import Case
from services.routing.store import QUERIES, Store
from shared.contracts.vocabulary import AspirationType, Language, Role, Status
from tests.integration.routing.world import Desk

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_every_query_can_be_prepared(desk: Desk, name: str) -> None:
    async with desk.database.pool.acquire() as connection:
        await connection.prepare(QUERIES[name])


async def test_a_case_comes_back_as_it_was_saved_in_every_field(desk: Desk) -> None:
    full = Case(
        aspiration_id=uuid4(),
        correlation_id=uuid4(),
        ver=7,
        status=Status.WAITING_CITIZEN,
        at=NOW,
        received_at=NOW - timedelta(days=9),
        channel="kiosk",
        role=Role.MEDIA,
        language=Language.EN,
        type=AspirationType.QUESTION,
        topic="banjir",
        agency="DPUPR",
        kelurahan="36.71.08.1002",
        kecamatan="36.71.08",
        rw="4",
        anonymous=True,
        confidential=False,
        session="FKP-1",
        due_answer_at=NOW + timedelta(days=1),
        due_resolve_at=NOW + timedelta(days=2),
        returned_count=2,
        paused_days=3,
        waiting_since=NOW - timedelta(days=1),
        status_before_wait=Status.ACCEPTED,
        resolved_at=NOW - timedelta(days=2),
        merged_into=uuid4(),
    )
    async with Store(desk.database).unit_of_work() as work:
        assert await work.save_cases([full]) == {full.aspiration_id}
        assert await work.lock_cases([full.aspiration_id]) == {full.aspiration_id: full}


async def test_a_case_never_goes_back(desk: Desk) -> None:
    aspiration = await desk.assigned()
    async with Store(desk.database).unit_of_work() as work:
        known = await work.lock_cases([aspiration])
        assert await work.save_cases(known.values()) == set()


async def test_a_story_comes_back_as_it_was_saved(desk: Desk) -> None:
    told = Story(uuid4(), "Teks \"dengan\" 'tanda' \\ dan é", "Judul", -6.17, 106.63, "depan pasar", ("foto,1", "{foto}"))
    bare = Story(uuid4(), None)
    async with Store(desk.database).unit_of_work() as work:
        await work.save_stories([told, bare])
        assert await work.stories([told.aspiration_id, bare.aspiration_id, uuid4()]) == {
            told.aspiration_id: told,
            bare.aspiration_id: bare,
        }
