"""The citizen's form over the running service. Kafka is away in all of these: that must not matter."""

import asyncio
import re
from uuid import uuid4

from tests.integration.intake.citizens import FORM, hidden, intake, slip_of
from tests.stack import Postgres


async def test_the_last_step_answers_with_code_and_pin(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        answer = await counter.client.post("/", data={**FORM, "key": str(uuid4())})
        slip = slip_of(answer)
        assert re.fullmatch(r"TGR-\w{5}-\w{5}", slip.code)
        assert re.fullmatch(r"\d{6}", slip.pin)
        assert answer.headers["cache-control"] == "private, no-store"
        [row] = await counter.query("SELECT text, channel, kelurahan, contact_kind FROM aspirations")
        assert row == (FORM["text"], "web", FORM["kelurahan"], "none")


async def test_a_form_is_walked_from_the_empty_page_to_the_receipt(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        page = (await counter.client.get("/")).text
        for typed in ({"text": "Saluran\r\ntersumbat."}, {"kecamatan": "-"}, {"words": "dekat pasar"}, {"contact": "none"}):
            answer = await counter.client.post("/", data={**hidden(page), **typed, "action": "next"})
            assert answer.status_code == 200
            page = answer.text
        slip_of(await counter.client.post("/", data={**hidden(page), "action": "send"}))
        [row] = await counter.query("SELECT text, place_words FROM aspirations")
        assert row == ("Saluran\ntersumbat.", "dekat pasar")


async def test_reload_and_a_second_tap_show_the_same_receipt(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        form = {**FORM, "key": str(uuid4())}
        answers = await asyncio.gather(*(counter.client.post("/", data=form) for _ in range(5)))
        assert len({slip_of(answer) for answer in answers}) == 1
        assert await counter.query("SELECT count(*) FROM aspirations") == [(1,)]


async def test_a_used_form_with_other_words_asks_before_it_becomes_another_report(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        form = {**FORM, "key": str(uuid4())}
        first = slip_of(await counter.client.post("/", data=form))
        answer = await counter.client.post("/", data={**form, "text": "Hal lain."})
        assert answer.status_code == 422
        assert "Laporan dari formulir ini sudah kami terima" in answer.text
        again = slip_of(await counter.client.post("/", data={**hidden(answer.text), "action": "send"}))
        assert again.code != first.code


async def test_a_mistake_keeps_what_was_typed_and_names_the_field(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        typed = {**FORM, "key": str(uuid4()), "contact": "email", "address": "bukan alamat", "consent": "ya"}
        answer = await counter.client.post("/", data=typed)
        assert answer.status_code == 422
        assert 'href="#address"' in answer.text
        assert 'value="bukan alamat"' in answer.text
        assert hidden(answer.text)["text"] == FORM["text"]


async def test_another_language_keeps_what_was_typed(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        answer = await counter.client.post("/?bahasa=en", data={**FORM, "page": "contact", "action": "stay", "key": str(uuid4())})
        assert "How should we tell you?" in answer.text
        assert hidden(answer.text)["text"] == FORM["text"]


async def test_the_language_of_the_form_is_the_language_of_the_messages(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip_of(await counter.client.post("/?bahasa=en", data={**FORM, "key": str(uuid4())}))
        assert await counter.query("SELECT language FROM aspirations") == [("en",)]


async def test_identifiers_in_the_text_are_masked_before_they_are_stored(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        await counter.hand_in(text="Hubungi 0812-3456-7890.", words="rumah budi@example.com")
        [row] = await counter.query("SELECT text, place_words FROM aspirations")
        assert row == ("Hubungi [telepon].", "rumah [e-mail]")


async def test_postgresql_down_keeps_what_was_typed_and_the_same_key_works_afterwards(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        form = {**FORM, "key": str(uuid4())}
        postgres.server.stop()
        try:
            answer = await counter.client.post("/", data=form)
        finally:
            postgres.server.start()
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Belum tersimpan" in answer.text
        assert hidden(answer.text)["text"] == FORM["text"]
        assert hidden(answer.text)["key"] == form["key"]
        slip_of(await counter.client.post("/", data={**hidden(answer.text), "action": "send"}))
        assert await counter.query("SELECT count(*) FROM aspirations") == [(1,)]


async def test_what_a_form_may_not_be_is_answered_with_a_page(postgres: Postgres) -> None:
    as_form = {"content-type": "application/x-www-form-urlencoded"}
    async with intake(postgres) as counter:
        for content, headers, status in (
            (b"text=" + b"a" * 70_000, as_form, 413),
            (b"text=%ff", as_form, 400),
            (b"text=\xff", as_form, 400),
            (b"&".join(b"a=1" for _ in range(100)), as_form, 400),
            (b'{"text": "x"}', {"content-type": "application/json"}, 415),
            (b"", {}, 415),
        ):
            answer = await counter.client.post("/", content=content, headers=headers)
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith("text/html")
            assert "<h1>" in answer.text
        assert await counter.query("SELECT count(*) FROM aspirations") == [(0,)]


async def test_nonsense_in_every_field_is_never_an_error_of_ours(postgres: Postgres) -> None:
    nonsense = ("", " ", "\x00", "\x00a", "<script>alert(1)</script>", "a" * 30_000, "🙈" * 300, "-", "../..", "{{7*7}}", "'--")
    fields = ("text", "role", "session", "kecamatan", "kelurahan", "rw", "words", "contact", "address", "page", "action", "key")
    async with intake(postgres) as counter:
        for name in fields:
            for value in nonsense:
                answer = await counter.client.post("/", data={**FORM, "key": str(uuid4()), name: value})
                assert answer.status_code in (200, 422), (name, value[:20])
                assert "<script" not in answer.text
                assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


async def test_a_made_up_choice_is_told_wherever_the_form_is_told_to_go(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        for made_up in ({"role": "zzz"}, {"contact": "zzz"}):
            for action in ("stay", "next", "send", "edit:check"):
                answer = await counter.client.post("/", data={**FORM, "key": str(uuid4()), **made_up, "action": action})
                assert answer.status_code == 422, (made_up, action)


async def test_nobody_gets_more_than_a_few_of_our_messages_by_what_strangers_type(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        form = {**FORM, "contact": "sms", "address": "081200000001", "consent": "ya"}
        keys = [str(uuid4()) for _ in range(6)]
        statuses = [(await counter.client.post("/", data={**form, "key": key})).status_code for key in keys]
        assert statuses == [200, 200, 200, 200, 200, 429]
        assert (await counter.client.post("/", data={**FORM, "key": str(uuid4())})).status_code == 200
        assert await counter.query("SELECT count(*) FROM aspirations") == [(6,)]


async def test_errors_are_pages_for_people_and_problem_json_for_programs(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        for method, path, status in (("GET", "/nothing", 404), ("DELETE", "/", 405), ("PUT", "/t/TGR-7K4M9-2QXHD", 405)):
            answer = await counter.client.request(method, path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
            assert "Halaman ini tidak ada" in answer.text
        answer = await counter.client.get("/v1/nothing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_no_page_sets_a_cookie_or_runs_a_script(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        slip = await counter.hand_in()
        for answer in (await counter.client.get("/"), await counter.client.get(f"/t/{slip.code}")):
            assert "set-cookie" not in answer.headers
            assert "script" not in answer.headers["content-security-policy"]
            assert "<script" not in answer.text
