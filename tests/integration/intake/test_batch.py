"""`POST /v1/aspirations:batch`: a result for each line, and no line harms another."""

from shared.contracts import topics
from shared.contracts.submission import MAX_BODY_BYTES
from tests.integration.intake.channels import BODY, frontend, line, results
from tests.stack import Postgres


async def test_a_thousand_lines_are_stored_in_one_transaction(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        answered = results(await kiosk.post_batch(*(line(number, text=f"Lampu nomor {number}") for number in range(1000))))
        assert [result["line"] for result in answered] == list(range(1, 1001))
        assert {(result["result"], result["status"]) for result in answered} == {("accepted", 202)}
        assert len({result["tracking_code"] for result in answered}) == 1000
        assert await kiosk.query("SELECT count(*), count(DISTINCT xmin::text) FROM aspirations") == [(1000, 1)]
        assert [told["text"] for told in await kiosk.told(topics.SUBMITTED.name)] == [f"Lampu nomor {n}" for n in range(1000)]
        assert len(await kiosk.told(topics.CONTACTS.name)) == 1000


async def test_a_bad_line_harms_no_neighbour(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        answer = await kiosk.post_batch(
            line(1), b"not JSON", line(3, text=""), BODY, line(5, channel="web"), line(6, text="a" * MAX_BODY_BYTES), b"", line(8)
        )
        told = [(r["line"], r["result"], r["status"], r.get("slug"), r.get("field")) for r in results(answer)]
        assert told == [
            (1, "accepted", 202, None, None),
            (2, "refused", 400, "not-json", None),
            (3, "refused", 422, "invalid-field", "text"),
            (4, "refused", 422, "invalid-field", "idempotency_key"),
            (5, "refused", 403, "wrong-channel", "channel"),
            (6, "refused", 413, "too-large", None),
            (8, "accepted", 202, None, None),
        ]
        assert await kiosk.stored() == 2


async def test_a_refused_line_says_why_in_the_language_of_the_reader(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        [indonesian] = results(await kiosk.post_batch(line(1, text="")))
        [english] = results(await kiosk.post_batch(line(1, text=""), accept_language="en"))
        assert (indonesian["title"], indonesian["detail"]) == ("Isian tidak sah", "wajib diisi")
        assert (english["title"], english["detail"]) == ("A field is not valid", "must not be empty")


async def test_a_batch_sent_again_adds_nothing_and_answers_the_same(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        first = results(await kiosk.post_batch(line(1), line(2)))
        again = results(await kiosk.post_batch(line(1), line(2), line(3)))
        assert [result["result"] for result in again] == ["repeated", "repeated", "accepted"]
        assert [result | {"result": "accepted"} for result in again[:2]] == first
        assert await kiosk.stored() == 3


async def test_a_key_twice_in_one_batch_is_one_aspiration(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        answered = results(await kiosk.post_batch(line(1), line(1), line(1, text="Sesuatu yang lain."), line(2)))
        assert [(r["result"], r.get("slug")) for r in answered] == [
            ("accepted", None), ("repeated", None), ("refused", "key-reused"), ("accepted", None),
        ]  # fmt: skip
        assert answered[0]["id"] == answered[1]["id"]
        assert await kiosk.stored() == 2


async def test_both_doors_know_the_same_keys(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        one = (await kiosk.post(BODY, "line-1")).json()
        [repeated] = results(await kiosk.post_batch(line(1)))
        assert (repeated["result"], repeated["id"], repeated["pin"]) == ("repeated", one["id"], one["pin"])


async def test_a_batch_of_nothing_or_of_too_much_is_refused_wholly(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        for lines, status in (([b"\n \n"], 400), ([line(n) for n in range(1001)], 413), ([b"x" * 17_000_000], 413)):
            assert (await kiosk.post_batch(*lines)).status_code == status
        assert await kiosk.stored() == 0
