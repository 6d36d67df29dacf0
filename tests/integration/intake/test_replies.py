"""What citizens say from the tracking page: stored once, published once, shown until routing has spoken."""

import asyncio
import json
from typing import Any

import pytest

from services.intake.domain import pin
from shared.contracts import topics
from shared.contracts.events import CitizenReplied
from shared.contracts.vocabulary import AnswerKind, Fact, ReplyKind, Status
from tests.integration.intake.citizens import Intake, Slip, answer, fact, hidden, intake, resolved
from tests.services import read
from tests.stack import Broker, Postgres

ON_ITS_WAY = "Jawaban Anda sedang kami teruskan"
QUESTION = "Apakah masalah ini sudah teratasi?"


async def reply(counter: Intake, slip: Slip, page: str, **fields: str) -> str:
    """Sends the form of an opened page."""
    sent = await counter.client.post(f"/t/{slip.code}/reply", data={**hidden(page), **fields})
    assert sent.status_code == 200, sent.text
    return sent.text


async def resolved_case(counter: Intake) -> tuple[Slip, str]:
    """An aspiration that its agency calls done, and its opened page."""
    slip = await counter.hand_in()
    await counter.facts(*resolved(await counter.id_of(slip)))
    return slip, await counter.shows(slip, QUESTION)


async def outbox(counter: Intake) -> list[dict[str, Any]]:
    rows = await counter.query("SELECT convert_from(value, 'UTF8') FROM outbox WHERE topic = $1", topics.REPLIES.name)
    return [json.loads(row[0]) for row in rows]


async def test_a_confirmation_with_a_rating_is_published_and_then_shown_as_done(postgres: Postgres, broker: Broker) -> None:
    async with intake(postgres, broker) as counter:
        slip, page = await resolved_case(counter)
        after = await reply(counter, slip, page, kind="confirm", rating="5", text="Terima kasih, hubungi 0812-3456-7890.")
        assert ON_ITS_WAY in after
        assert QUESTION not in after
        [record] = await read(broker.bootstrap, topics.REPLIES.name, 1)
        aspiration = await counter.id_of(slip)
        assert record.key == str(aspiration).encode()
        said = CitizenReplied.model_validate_json(record.value or b"")
        assert (said.kind, said.rating, said.text) == (ReplyKind.CONFIRM, 5, "Terima kasih, hubungi [telepon].")
        await counter.facts(fact(aspiration, 5, Fact.CONFIRMED, Status.CLOSED))
        done = await counter.shows(slip, "Selesai, dan Anda membenarkannya")
        assert ON_ITS_WAY not in done
        assert "Terima kasih, hubungi [telepon]." in done


@pytest.mark.parametrize(
    ("chosen", "text", "kind", "published"),
    [
        ("dispute", "Masih mati.", "dispute", "Masih mati."),
        ("partly", "Dua menyala.", "dispute", "Baru sebagian teratasi. Dua menyala."),
        ("withdraw", "", "withdraw", None),
        ("answer", "Sisi timur.", "answer", "Sisi timur."),
    ],
)
async def test_each_thing_a_citizen_may_say_is_published(
    postgres: Postgres, chosen: str, text: str, kind: str, published: str | None
) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        await reply(counter, slip, await counter.open(slip), kind=chosen, text=text)
        [said] = await outbox(counter)
        assert (said["kind"], said.get("text")) == (kind, published)


async def test_a_second_tap_counts_once_but_other_words_are_another_reply(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        page = await counter.open(slip)
        await asyncio.gather(*(reply(counter, slip, page, kind="answer", text="Sisi timur.") for _ in range(4)))
        assert len(await outbox(counter)) == 1
        await reply(counter, slip, page, kind="answer", text="Maaf, sisi barat.")
        assert [said["text"] for said in await outbox(counter)] == ["Sisi timur.", "Maaf, sisi barat."]


async def test_a_refused_step_is_shown_with_its_reason_and_the_words_are_not_lost(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip, page = await resolved_case(counter)
        await reply(counter, slip, page, kind="dispute", text="Masih mati.")
        [said] = await outbox(counter)
        aspiration = await counter.id_of(slip)
        refusal = {"reason": "window_over", "reply_id": said["reply_id"]}
        await counter.answers(answer(aspiration, 4, AnswerKind.REFUSAL, "", **refusal))
        shown = await counter.shows(slip, "Langkah Anda tidak dapat dilakukan")
        assert "Batas waktu untuk menjawab sudah lewat." in shown
        assert "Masih mati." in shown
        assert ON_ITS_WAY not in shown


async def test_no_choice_and_no_words_are_asked_for_again(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip, page = await resolved_case(counter)
        sent = await counter.client.post(f"/t/{slip.code}/reply", data={**hidden(page), "kind": "", "text": "Hampir."})
        assert sent.status_code == 422
        assert "Pilih salah satu." in sent.text
        assert "Hampir." in sent.text
        assert hidden(sent.text)["reply_id"] == hidden(page)["reply_id"]
        assert await outbox(counter) == []


async def test_without_the_key_nothing_is_said_and_what_was_typed_waits_for_the_pin(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        monkeypatch.setattr(pin, "OPEN_FOR", pin.OPEN_FOR * -1)
        page = await counter.open(slip)
        monkeypatch.undo()
        expired = await counter.client.post(f"/t/{slip.code}/reply", data={**hidden(page), "kind": "answer", "text": "Panjang."})
        assert expired.status_code == 403
        assert "menutup sendiri" in expired.text
        assert await outbox(counter) == []
        opened = await counter.client.post(f"/t/{slip.code}", data={**hidden(expired.text), "pin": slip.pin})
        assert opened.status_code == 200
        assert hidden(expired.text)["text"] == "Panjang."


async def test_nonsense_is_refused_and_nothing_is_published(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        fields = hidden(await counter.open(slip))
        for wrong, status in (
            ({"reply_id": "1"}, 400),
            ({"kind": "support"}, 422),
            ({"kind": "nonsense"}, 422),
            ({"kind": "answer", "text": " "}, 422),
            ({"kind": "answer", "text": "a\x00"}, 422),
            ({"kind": "answer", "text": "a" * 10_001}, 422),
            ({"key": ""}, 403),
            ({"key": "ffffffffff." + "0" * 32}, 403),
        ):
            refused = await counter.client.post(f"/t/{slip.code}/reply", data={**fields, **wrong})
            assert refused.status_code == status, wrong
        assert await outbox(counter) == []


async def test_the_address_of_a_reply_leads_back_to_the_page(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        back = await counter.client.get(f"/t/{slip.code}/reply?bahasa=en")
        assert (back.status_code, back.headers["location"]) == (303, f"/t/{slip.code}?bahasa=en")
