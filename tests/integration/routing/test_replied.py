"""What citizens say after handing in: once each, in order, also when it comes before the submission."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.topics import ANSWERS, assignments
from shared.contracts.vocabulary import Language, ReplyKind, UpdateKind
from tests.integration.routing.world import Desk, reply, submission, update


async def test_an_answer_ends_the_wait_and_its_agency_reads_it(desk: Desk) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(UpdateKind.ASK, aspiration, text="Sebelah mana?")])
    await desk.on.on_replied([reply(ReplyKind.ANSWER, aspiration, text="Depan sekolah, 0812-3456-7890.")])
    assert await desk.facts(aspiration) == ["received", "assigned", "asked", "replied"]
    told = (await desk.told(assignments("DPUPR")))[-1].data
    assert (told["kind"], told["reason"], told["text"], told["ver"]) == (
        "citizen_replied", "answer", "Depan sekolah, [telepon].", 4,
    )  # fmt: skip
    assert await desk.database.pool.fetchval("SELECT status FROM cases") == "assigned"


@pytest.mark.parametrize(
    ("kind", "fact", "status"), [(ReplyKind.CONFIRM, "confirmed", "closed"), (ReplyKind.DISPUTE, "disputed", "in_progress")]
)
async def test_the_citizen_has_the_last_word_on_a_result(desk: Desk, kind: ReplyKind, fact: str, status: str) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(UpdateKind.RESOLVE, aspiration, text="Sudah ditambal.")])
    await desk.on.on_replied([reply(kind, aspiration, rating=4)])
    assert (await desk.facts(aspiration))[-1] == fact
    assert await desk.database.pool.fetchval("SELECT status FROM cases") == status
    assert (await desk.heard_by("DPUPR"))[-1] == ("citizen_replied", kind)
    assert await desk.database.pool.fetchval("SELECT rating FROM replies") == 4


async def test_a_withdrawal_is_told_to_the_agency(desk: Desk) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_replied([reply(ReplyKind.WITHDRAW, aspiration, text="Sudah beres sendiri.")])
    assert (await desk.facts(aspiration))[-1] == "withdrawn"
    told = (await desk.told(assignments("DPUPR")))[-1].data
    assert (told["kind"], told["reason"], told["text"]) == ("withdrawn", "withdrawn_by_citizen", "Sudah beres sendiri.")


async def test_a_withdrawal_from_triage_is_told_to_nobody_but_the_public(desk: Desk) -> None:
    aspiration = await desk.assigned("Selamat pagi.")
    await desk.on.on_replied([reply(ReplyKind.WITHDRAW, aspiration)])
    assert await desk.facts(aspiration) == ["received", "triaged", "withdrawn"]
    assert len(await desk.told()) == 3


@pytest.mark.parametrize(("language", "begins"), [(Language.ID, "Langkah Anda"), (Language.EN, "Your step")])
async def test_a_refused_reply_is_recorded_and_its_citizen_reads_why(desk: Desk, language: Language, begins: str) -> None:
    aspiration = await desk.assigned(language=language)
    said = reply(ReplyKind.CONFIRM, aspiration)
    await desk.on.on_replied([said])
    await desk.on.on_replied([said])
    assert await desk.refusals() == [("citizen", "confirm", "not_now")]
    (told,) = await desk.told(ANSWERS)
    assert (told.data["kind"], told.data["reason"], told.data["ver"]) == ("refusal", "not_now", 2)
    assert told.data["reply_id"] == str(said.data.reply_id)
    assert told.data["text"].startswith(begins)
    assert await desk.facts(aspiration) == ["received", "assigned"]


async def test_a_dispute_that_was_made_in_time_counts_however_late_it_arrives(desk: Desk) -> None:
    aspiration = await desk.assigned()
    await desk.on.on_updated([update(UpdateKind.RESOLVE, aspiration, text="Sudah ditambal.")])
    long_ago = datetime.now(UTC) - timedelta(days=60)
    await desk.database.pool.execute("UPDATE cases SET resolved_at = $1, at = $1", long_ago)
    await desk.on.on_replied([reply(ReplyKind.DISPUTE, aspiration)])
    await desk.on.on_replied([reply(ReplyKind.DISPUTE, aspiration, at=long_ago)])
    assert await desk.refusals() == [("citizen", "dispute", "window_over")]
    assert (await desk.facts(aspiration))[-1] == "disputed"


async def test_support_is_counted_and_changes_no_case(desk: Desk) -> None:
    aspiration = await desk.assigned()
    before = await desk.everything()
    voices = [reply(ReplyKind.SUPPORT, aspiration) for _ in range(3)]
    await desk.on.on_replied(voices)
    await desk.on.on_replied(voices)
    after = await desk.everything()
    assert len(after.pop("replies")) == 3
    assert after | {"replies": []} == before


async def test_a_reply_that_comes_before_its_submission_waits_for_it(desk: Desk) -> None:
    voice = submission()
    aspiration = voice.data.aspiration_id
    await desk.on.on_replied([reply(ReplyKind.ANSWER, aspiration, text="satu"), reply(ReplyKind.WITHDRAW, aspiration)])
    assert await desk.told() == []
    await desk.on.on_submitted([voice])
    assert await desk.facts(aspiration) == ["received", "assigned", "replied", "withdrawn"]


async def test_the_replies_of_one_batch_are_heard_in_the_order_in_which_they_were_said(desk: Desk) -> None:
    for _ in range(10):
        aspiration = await desk.assigned()
        said = [reply(ReplyKind.ANSWER, aspiration), reply(ReplyKind.WITHDRAW, aspiration), reply(ReplyKind.ANSWER, aspiration)]
        await desk.on.on_replied(said)
        assert await desk.facts(aspiration) == ["received", "assigned", "replied", "withdrawn"]


async def test_a_crash_between_storing_a_reply_and_hearing_it_is_mended_by_redelivery(desk: Desk) -> None:
    voice = submission()
    said = reply(ReplyKind.WITHDRAW, voice.data.aspiration_id)
    await desk.on.on_submitted([voice])
    async with desk.on._store.unit_of_work() as work:  # the first of the two transactions, and then the crash
        await work.keep_replies([said], datetime.now(UTC))
    await desk.on.on_replied([said])
    assert (await desk.facts(voice.data.aspiration_id))[-1] == "withdrawn"


async def test_submission_and_reply_that_are_handled_at_the_same_time_find_each_other(desk: Desk) -> None:
    for _ in range(20):
        voices = [submission() for _ in range(5)]
        replies = [reply(ReplyKind.WITHDRAW, voice.data.aspiration_id) for voice in voices]
        await asyncio.gather(desk.on.on_submitted(voices), desk.on.on_replied(replies))
        for voice in voices:
            assert await desk.facts(voice.data.aspiration_id) == ["received", "assigned", "withdrawn"]
