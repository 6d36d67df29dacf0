"""The tracking page: what the code alone shows, what the PIN opens, and how often one may guess."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from services.intake.domain.pin import MAX_WRONG
from services.intake.pages.limits import UNKNOWN_CODES
from shared.contracts.vocabulary import AnswerKind, Fact, Status
from shared.runtime import freshness
from tests.integration.intake.citizens import FORM, answer, fact, hidden, intake, resolved
from tests.stack import Broker, Postgres
from tests.waiting import eventually

UNKNOWN = "TGR-AAAAA-AAAAA"
MISTYPED = "TGR-AAAAA-AAAAC"


async def test_the_code_alone_shows_where_it_stands_but_no_words(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        aspiration = await counter.id_of(slip)
        await counter.facts(*resolved(aspiration))
        await counter.answers(answer(aspiration, 4, AnswerKind.RESULT, "Lampunya sudah kami ganti."))
        await counter.shows(slip, "Lampunya sudah kami ganti.")
        locked = (await counter.client.get(f"/t/{slip.code}")).text
        for told in ("Diteruskan ke", "Karena urusannya: ", "Diterima ", "menyatakan selesai", "PIN"):
            assert told in locked
        for hidden_word in ("Lampunya sudah kami ganti.", FORM["text"], slip.pin):
            assert hidden_word not in locked


async def test_the_matter_of_a_confidential_report_needs_the_pin(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in(confidential="ya")
        aspiration = await counter.id_of(slip)
        await counter.facts(fact(aspiration, 1, Fact.ASSIGNED, Status.ASSIGNED, reason="classifier", confidential=True))
        await counter.shows(slip, "Karena urusannya: ")
        locked = (await counter.client.get(f"/t/{slip.code}")).text
        assert "Karena isi laporan Anda." in locked
        assert "Karena urusannya: " not in locked


async def test_before_routing_has_spoken_the_page_says_that_it_was_received(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        page = await counter.client.get(f"/t/{slip.code}")
        assert "Laporan Anda sudah kami terima" in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"


async def test_a_code_is_found_however_it_is_typed(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        bare = slip.code.removeprefix("TGR-").replace("-", "").lower()
        for path in (f"/t/{bare}", f"/t?code={bare}", f"/t?code=+tgr+{bare[:5]}+{bare[5:]}+", f"/t?code={slip.code}"):
            found = await counter.client.get(f"{path}{'&' if '?' in path else '?'}bahasa=en")
            assert found.status_code == 303
            assert found.headers["location"] == f"/t/{slip.code}?bahasa=en"


async def test_unknown_and_mistyped_codes_look_the_same(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        pages = []
        for typed in (UNKNOWN, MISTYPED, "x"):
            found = await counter.client.get(f"/t/{typed}")
            assert found.status_code == 404
            assert "Kami tidak menemukan laporan dengan kode itu." in found.text
            pages.append(found.text.replace(f'value="{typed}"', ""))
        assert len(set(pages)) == 1
        assert (await counter.client.get("/t?code=x")).status_code == 404
        for path in (f"/t/{UNKNOWN}", f"/t/{UNKNOWN}/reply"):
            assert (await counter.client.post(path, data={"pin": "123456"})).status_code == 404


async def test_who_asks_for_many_codes_that_do_not_exist_must_wait(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        for _ in range(UNKNOWN_CODES.amount):
            assert (await counter.client.get(f"/t/{UNKNOWN}")).status_code == 404
        refused = await counter.client.get(f"/t/{slip.code}")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 61
        assert "Terlalu banyak percobaan" in refused.text


async def test_the_pin_opens_the_page_and_its_key_opens_it_again(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        page = await counter.client.post(f"/t/{slip.code}", data={"pin": f" {slip.pin[:3]} {slip.pin[3:]} "})
        assert page.status_code == 200
        assert FORM["text"] in page.text
        assert slip.pin not in page.text
        assert page.headers["cache-control"] == "private, no-store"
        again = await counter.client.post(f"/t/{slip.code}?bahasa=en", data={"key": hidden(page.text)["key"]})
        assert again.status_code == 200
        assert "Your report" in again.text
        assert FORM["text"] in again.text


async def test_the_key_of_one_report_does_not_open_another(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        mine, other = await counter.hand_in(), await counter.hand_in(text="Rahasia orang lain.")
        key = hidden(await counter.open(mine))["key"]
        for path in (f"/t/{other.code}", f"/t/{other.code}/reply"):
            refused = await counter.client.post(path, data={"key": key, "kind": "withdraw"})
            assert refused.status_code == 403
            assert "Rahasia orang lain." not in refused.text


async def test_a_wrong_pin_opens_nothing(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        wrong = f"{(int(slip.pin) + 1) % 1_000_000:06d}"
        for pin in (wrong, "", "abc", "１２３４５６", "1234567", "\x00"):
            refused = await counter.client.post(f"/t/{slip.code}", data={"pin": pin})
            assert refused.status_code == 403
            assert "Kode dan PIN tidak cocok." in refused.text
            assert FORM["text"] not in refused.text


async def test_after_ten_wrong_pins_the_right_one_must_wait_too(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        await counter.open(slip)
        wrong = [f"{(int(slip.pin) + n) % 1_000_000:06d}" for n in range(1, 16)]
        tries = await asyncio.gather(*(counter.client.post(f"/t/{slip.code}", data={"pin": pin}) for pin in wrong))
        assert sorted(each.status_code for each in tries) == [403] * MAX_WRONG + [429] * 5
        refused = await counter.client.post(f"/t/{slip.code}", data={"pin": slip.pin})
        assert refused.status_code == 429
        assert FORM["text"] not in refused.text
        assert 3000 < int(refused.headers["retry-after"]) <= 3600
        assert "Coba lagi" in refused.text
        assert (await counter.client.get(f"/t/{slip.code}")).status_code == 200

        await counter.query("UPDATE pin_tries SET since = since - interval '1 hour'")
        await counter.open(slip)


async def test_right_pins_use_up_no_tries(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        for _ in range(MAX_WRONG + 2):
            await counter.open(slip)


async def test_an_erased_report_says_so(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        await counter.query("UPDATE aspirations SET text = NULL, title = NULL")
        assert "Isi laporan ini sudah dihapus." in await counter.open(slip)


async def test_postgresql_down_is_a_page_that_asks_to_come_back_and_no_error_of_ours(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        transport = counter.client._transport
        assert isinstance(transport, httpx.ASGITransport)
        transport.raise_app_exceptions = True
        slip = await counter.hand_in()
        postgres.server.stop()
        try:
            answer_ = await counter.client.get(f"/t/{slip.code}")
        finally:
            postgres.server.start()
        assert answer_.status_code == 503
        assert int(answer_.headers["retry-after"]) > 0
        assert "<h1>" in answer_.text


async def test_the_page_says_when_it_cannot_know_the_latest_news(
    postgres: Postgres, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "STALE_AFTER", timedelta(seconds=4))
    async with intake(postgres, broker) as counter:
        slip = await counter.hand_in()

        async def says_behind() -> bool:
            return "Kabar terakhir" in (await counter.client.get(f"/t/{slip.code}")).text

        async def is_fresh() -> bool:
            return not await says_behind()

        await eventually("the page to be fresh", is_fresh)
        broker.server.stop()
        await eventually("the page to say that it is behind", says_behind)
