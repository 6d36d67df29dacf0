"""Whatever a channel sends: a problem that names the field in the reader's language, never 500, and nothing is stored."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from services.intake import body
from tests.integration.intake.channels import BATCH, BODY, ONE, Frontend, frontend, results
from tests.stack import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = b'{"channel": "kiosk", "text": "%s"}'


def with_(**fields: object) -> bytes:
    return json.dumps({**BODY, **fields}).encode()


def place(**fields: object) -> bytes:
    return with_(place=fields)


def contact(**fields: object) -> bytes:
    return with_(contact=fields)


BODIES: Mapping[str, tuple[bytes, int, str, str | None]] = {
    "nothing": (b"", 400, "not-json", None),
    "not JSON": (b"jalan rusak", 400, "not-json", None),
    "JSON that breaks off": (b'{"channel": "kiosk", "text": "a', 400, "not-json", None),
    "5,000 levels": (b'{"channel": "kiosk", "text": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "not-json", None),
    "5,000 levels of objects": (b'{"place": ' * 5000 + b"1" + b"}" * 5000, 400, "not-json", None),
    "a number without end": (b'{"channel": "kiosk", "text": "a", "place": {"lat": ' + b"9" * 5000 + b"}}", 400, "not-json", None),
    "a byte order mark": (b"\xef\xbb\xbf" + with_(), 400, "not-json", None),
    "UTF-16": (with_().decode().encode("utf-16"), 400, "not-json", None),
    "a list": (b"[]", 422, "invalid-field", None),
    "null": (b"null", 422, "invalid-field", None),
    "no text": (b'{"channel": "kiosk"}', 422, "invalid-field", "text"),
    "empty text": (with_(text="   "), 422, "invalid-field", "text"),
    "long text": (with_(text="a" * 20_001), 422, "invalid-field", "text"),
    "text as a number": (with_(text=5), 422, "invalid-field", "text"),
    "text as null": (with_(text=None), 422, "invalid-field", "text"),
    "an escaped NUL": (TEXT % b"a\\u0000b", 422, "invalid-field", "text"),
    "a raw NUL": (TEXT % b"a\x00b", 422, "invalid-field", "text"),
    "a lone surrogate": (TEXT % b"a\\ud800b", 422, "invalid-field", "text"),
    "invalid UTF-8": (TEXT % b"a\xff\xfeb", 422, "invalid-field", "text"),
    "NUL in a place": (place(words="\x00"), 422, "invalid-field", "place.words"),
    "a lone surrogate in a photo": (with_(photos=["\ud800"]), 422, "invalid-field", "photos.0"),
    "a field twice": (b'{"channel": "kiosk", "text": "a", "text": "b"}', 422, "invalid-field", "text"),
    "a field of a field twice": (with_(place=7).replace(b"7", b'{"rw": "1", "rw": "2"}'), 422, "invalid-field", "rw"),
    "an unknown field": (with_(txt="a"), 422, "invalid-field", "txt"),
    "an unknown field of NUL": (with_(**{"\x00": 1}), 422, "invalid-field", "\x00"),
    "an unknown field of a lone surrogate": (with_(**{"\ud800": 1}), 422, "invalid-field", None),
    "a field with a very long name": (with_(**{"x" * 5000: 1}), 422, "invalid-field", "x" * 200),
    "a boolean in words": (with_(anonymous="yes"), 422, "invalid-field", "anonymous"),
    "an unknown role": (with_(role="mayor"), 422, "invalid-field", "role"),
    "an unknown type": (with_(type="keluhan"), 422, "invalid-field", "type"),
    "another channel": (with_(channel="web"), 403, "wrong-channel", "channel"),
    "no channel at all": (with_(channel="KIOSK!"), 422, "invalid-field", "channel"),
    "eleven photos": (with_(photos=["a"] * 11), 422, "invalid-field", "photos"),
    "photos in a string": (with_(photos="a"), 422, "invalid-field", "photos"),
    "a point outside the city": (place(lat=-6.9, lng=107.6), 422, "invalid-field", "place.lat"),
    "a point outside the world": (place(lat=-91, lng=0), 422, "invalid-field", "place.lat"),
    "half a point": (place(lat=-6.17), 422, "invalid-field", "place"),
    "a point that is not a number": (place(lat=float("nan"), lng=106.6), 422, "invalid-field", "place.lat"),
    "a point without end": (place(lat=float("inf"), lng=106.6), 422, "invalid-field", "place.lat"),
    "a point in strings": (place(lat="-6.17", lng="106.64"), 422, "invalid-field", "place.lat"),
    "a kelurahan of another city": (place(kelurahan="31.71.01.1001"), 422, "invalid-field", "place.kelurahan"),
    "a kelurahan by name": (place(kelurahan="Sukasari"), 422, "invalid-field", "place.kelurahan"),
    "a wrong code at a point": (place(lat=-6.17, lng=106.64, kelurahan="31.71.01.1001"), 422, "invalid-field", "place.kelurahan"),
    "a kecamatan of another city": (place(kecamatan="31.71.01"), 422, "invalid-field", "place.kecamatan"),
    "a place that is null": (with_(place=None), 422, "invalid-field", "place"),
    "the year 9999": (with_(spoken_at="9999-12-31T23:59:59-12:00"), 422, "invalid-field", "spoken_at"),
    "the year 10000": (with_(spoken_at="10000-01-01T00:00:00Z"), 422, "invalid-field", "spoken_at"),
    "the year 1": (with_(spoken_at="0001-01-01T00:00:00+14:00"), 422, "invalid-field", "spoken_at"),
    "the last century": (with_(spoken_at="1999-12-31T23:59:59Z"), 422, "invalid-field", "spoken_at"),
    "a time without zone": (with_(spoken_at="2026-01-01T00:00:00"), 422, "invalid-field", "spoken_at"),
    "a time as a number": (with_(spoken_at=1_700_000_000), 422, "invalid-field", "spoken_at"),
    "a contact without address": (contact(kind="email"), 422, "invalid-field", "contact"),
    "an address without contact": (contact(address="a@b.id"), 422, "invalid-field", "contact"),
    "no e-mail address": (contact(kind="email", address="warga"), 422, "invalid-field", "contact"),
    "no phone number": (contact(kind="sms", address="warga"), 422, "invalid-field", "contact"),
    "an erased contact": (contact(kind="erased"), 422, "invalid-field", "contact"),
    "64 KiB and a byte": (b" " * (64 * 1024 - len(with_()) + 1) + with_(), 413, "too-large", None),
}  # fmt: skip
LINES = [name for name in BODIES if name not in ("nothing", "64 KiB and a byte")]
KEYS: Mapping[str, str] = {
    "10,000 characters": "k" * 10_000,
    "nothing": "",
    "a space": "a b",
    "a letter beyond ASCII": "kunci-ü",
    "a control character": "a\x7fb",
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def kiosk(postgres: Postgres) -> AsyncIterator[Frontend]:
    """One counter for all of them: none of them leaves a trace."""
    async with frontend(postgres) as kiosk:
        yield kiosk


def both_languages(problem: dict[str, Any], english: dict[str, Any]) -> None:
    assert problem["title"] != english["title"]
    assert ("detail" in problem) == ("detail" in english)
    assert problem.get("detail") != english.get("detail") or "detail" not in problem


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_body_is_refused_by_field_in_both_languages(kiosk: Frontend, name: str) -> None:
    body, status, slug, field = BODIES[name]
    answer = await kiosk.post(body)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["type"]) == (status, status, f"/problems#{slug}")
    assert problem.get("field") == field
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == "id"
    both_languages(problem, (await kiosk.post(body, accept_language="en-GB")).json())
    assert await kiosk.stored() == 0
    assert await kiosk.query("SELECT FROM outbox") == []


@pytest.mark.parametrize("name", LINES)
async def test_as_a_line_of_a_batch_it_is_refused_for_the_same_reason(kiosk: Frontend, name: str) -> None:
    body, status, slug, field = BODIES[name]
    answer = await kiosk.post_batch(body.replace(b'{"channel"', b'{"idempotency_key": "k", "channel"', 1))
    first = results(answer)[0]
    assert (first["line"], first["result"], first["status"], first["slug"]) == (1, "refused", status, slug)
    assert first.get("field") == field
    assert await kiosk.stored() == 0


@pytest.mark.parametrize("name", KEYS)
async def test_a_bad_idempotency_key_is_refused_by_name(kiosk: Frontend, name: str) -> None:
    headers = {b"Authorization": kiosk.authorization.encode(), b"Idempotency-Key": KEYS[name].encode()}
    answer = await kiosk.client.post(ONE, json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems#invalid-idempotency-key")
    assert answer.json()["field"] == "Idempotency-Key"
    assert await kiosk.stored() == 0


async def test_a_missing_idempotency_key_is_refused_by_name(kiosk: Frontend) -> None:
    answer = await kiosk.client.post(ONE, json=BODY, headers={"Authorization": kiosk.authorization})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems#missing-idempotency-key")
    assert answer.json()["field"] == "Idempotency-Key"


@pytest.mark.parametrize("media_type", ["text/plain", "", "application/x-www-form-urlencoded", "multipart/form-data", "ä"])
async def test_another_media_type_is_refused(kiosk: Frontend, media_type: str) -> None:
    headers = {
        b"Authorization": kiosk.authorization.encode(),
        b"Idempotency-Key": b"k",
        b"Content-Type": media_type.encode(),
    }
    for path in (ONE, BATCH):
        answer = await kiosk.client.post(path, content=with_(), headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (415, "/problems#unsupported-media-type")


async def test_a_body_without_end_is_not_read_to_its_end(kiosk: Frontend) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1024

    headers = {"Authorization": kiosk.authorization, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await kiosk.client.post(ONE, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent == 65


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever(kiosk: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SECONDS", 0.1)

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"channel": '
        await asyncio.Event().wait()

    headers = {"Authorization": kiosk.authorization, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await kiosk.client.post(ONE, content=stalled(), headers=headers)
    assert answer.status_code == 408
    assert answer.json()["title"] == "Isi permintaan terlalu lama datang"


async def test_a_path_or_method_that_is_not_there_is_a_problem_too(kiosk: Frontend) -> None:
    assert (await kiosk.client.get(ONE)).json()["type"] == "/problems#method-not-allowed"
    assert (await kiosk.client.post("/v1/aspiration")).json()["type"] == "/problems#not-found"
