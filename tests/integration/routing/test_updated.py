"""What agencies say: applied where the law allows it, refused and told to the sender where it does not."""

from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.topics import LIFECYCLE, assignments
from shared.contracts.vocabulary import AspirationType, UpdateKind
from tests.integration.routing.world import ROAD, Desk, update

ASSIGNED: tuple[str, str | None] = ("assigned", None)


@pytest.mark.parametrize(
    ("kind", "fields", "fact", "answer"),
    [
        (UpdateKind.ACCEPT, {}, "accepted", None),
        (UpdateKind.PROGRESS, {}, "progressed", (3, "progress", "")),
        (UpdateKind.PROGRESS, {"text": "Alat sudah di lokasi."}, "progressed", (3, "progress", "Alat sudah di lokasi.")),
        (UpdateKind.ASK, {"text": "Sebelah mana?"}, "asked", (3, "question", "Sebelah mana?")),
        (UpdateKind.RESOLVE, {"text": "Sudah ditambal."}, "resolved", (3, "result", "Sudah ditambal.")),
        (
            UpdateKind.REJECT,
            {"text": "Jalan provinsi.", "reason": "not_city_matter"},
            "rejected",
            (3, "rejection", "Jalan provinsi."),
        ),
        (UpdateKind.RETURN, {"reason": "not_our_task"}, "returned", None),
    ],
)
async def test_every_update_becomes_one_fact_and_what_it_says_to_the_citizen_one_answer(
    desk: Desk, kind: UpdateKind, fields: dict[str, Any], fact: str, answer: tuple[int, str, str] | None
) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(kind, aspiration, **fields)])
    assert await desk.facts(aspiration) == ["received", "assigned", fact]
    assert await desk.answers() == ([answer] if answer else [])


async def test_the_result_of_a_question_is_an_answer(desk: Desk) -> None:
    aspiration = await desk.assigned(type=AspirationType.QUESTION)
    await desk.on.on_updated([update(UpdateKind.RESOLVE, aspiration, text="Pekan depan.")])
    assert await desk.facts(aspiration) == ["received", "assigned", "answered"]
    assert await desk.answers() == [(3, "result", "Pekan depan.")]


async def test_the_updates_of_one_batch_are_applied_in_their_order(desk: Desk) -> None:
    one, other = await desk.assigned(), await desk.assigned()
    await desk.on.on_updated(
        [
            update(UpdateKind.ACCEPT, one),
            update(UpdateKind.PROGRESS, other),
            update(UpdateKind.PROGRESS, one),
            update(UpdateKind.RESOLVE, one, text="Selesai."),
            update(UpdateKind.PROGRESS, one),  # too late
        ]
    )
    assert await desk.facts(one) == ["received", "assigned", "accepted", "progressed", "resolved"]
    assert await desk.facts(other) == ["received", "assigned", "progressed"]
    assert await desk.refusals() == [("DPUPR", "progress", "not_now")]


async def test_identifiers_in_an_agencys_text_are_masked(desk: Desk) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(UpdateKind.ASK, aspiration, text="Hubungi 0812-3456-7890 ya.")])
    assert await desk.answers() == [(3, "question", "Hubungi [telepon] ya.")]


async def test_a_return_with_a_suggestion_goes_to_the_other_agency_with_the_citizens_words(desk: Desk) -> None:
    aspiration = await desk.assigned()
    back = update(UpdateKind.RETURN, aspiration, reason="not_our_task", suggested_agency="DISHUB")
    await desk.on.on_updated([back])
    assert await desk.facts(aspiration) == ["received", "assigned", "returned", "assigned"]
    assert await desk.heard_by("DPUPR") == [ASSIGNED, ("withdrawn", "returned")]
    (told,) = await desk.told(assignments("DISHUB"))
    assert (told.data["kind"], told.data["ver"], told.data["text"], told.data["place"]["words"]) == (
        "assigned", 4, ROAD, "depan pasar",
    )  # fmt: skip
    await desk.on.on_updated([update(UpdateKind.ACCEPT, aspiration, "DISHUB")])
    assert (await desk.facts(aspiration))[-1] == "accepted"


async def test_a_return_without_a_suggestion_waits_for_a_person(desk: Desk) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(UpdateKind.RETURN, aspiration, reason="not_our_task")])
    assert await desk.heard_by("DPUPR") == [ASSIGNED, ("withdrawn", "returned")]
    assert await desk.database.pool.fetchval("SELECT status FROM cases") == "triage"


@pytest.mark.parametrize(
    ("kind", "agency", "by", "text", "reason"),
    [
        (UpdateKind.ACCEPT, "DISHUB", None, None, "not_yours"),
        (UpdateKind.ACCEPT, "DPUPR", "DISHUB", None, "other_agency"),  # a forged claim: the topic is the identity
        (UpdateKind.RESOLVE, "DPUPR", None, None, "text_missing"),
    ],
)
async def test_an_illegal_update_changes_nothing_is_recorded_and_its_sender_reads_why(
    desk: Desk, kind: UpdateKind, agency: str, by: str | None, text: str | None, reason: str
) -> None:
    aspiration = await desk.assigned()
    said = update(kind, aspiration, agency, by=by, text=text)
    await desk.on.on_updated([said])
    sender = by or agency
    assert await desk.facts(aspiration) == ["received", "assigned"]
    assert await desk.refusals() == [(sender, kind, reason)]
    told = (await desk.told(assignments(sender)))[-1].data
    assert (told["kind"], told["reason"], told["update_id"]) == ("update_refused", reason, str(said.data.update_id))
    assert told["ver"] == 2
    assert not await desk.answers()


async def test_an_update_about_an_aspiration_that_nobody_knows_is_refused(desk: Desk) -> None:
    said = update(UpdateKind.ACCEPT, uuid4())
    await desk.on.on_updated([said])
    assert await desk.refusals() == [("DPUPR", "accept", "unknown_aspiration")]
    assert await desk.heard_by("DPUPR") == [("update_refused", "unknown_aspiration")]
    assert not await desk.told(LIFECYCLE)


async def test_an_update_id_counts_once_whatever_is_sent_under_it_later(desk: Desk) -> None:
    aspiration = await desk.assigned()
    accept = update(UpdateKind.ACCEPT, aspiration)
    forged = update(UpdateKind.REJECT, aspiration, text="Tidak.", update_id=accept.data.update_id)
    refused = update(UpdateKind.ACCEPT, uuid4())
    await desk.on.on_updated([accept, forged, accept, refused, refused])
    before = await desk.everything()
    await desk.on.on_updated([refused, forged, accept])
    assert await desk.everything() == before
    assert await desk.facts(aspiration) == ["received", "assigned", "accepted"]


async def test_two_agencies_may_use_the_same_update_id(desk: Desk) -> None:
    aspiration, number = await desk.assigned(), uuid4()
    await desk.on.on_updated([update(UpdateKind.ACCEPT, aspiration, "DISHUB", update_id=number)])
    await desk.on.on_updated([update(UpdateKind.ACCEPT, aspiration, "DPUPR", update_id=number)])
    assert (await desk.facts(aspiration))[-1] == "accepted"
