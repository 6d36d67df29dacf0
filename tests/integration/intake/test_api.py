"""`POST /v1/aspirations`: one aspiration, once, while Kafka is away (as it is in most of these tests)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import ids, topics
from tests.integration.intake.channels import BODY, frontend
from tests.services import read
from tests.stack import Broker, Postgres


async def test_an_aspiration_is_accepted_with_all_that_the_citizen_needs_while_kafka_is_away(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        answer = await kiosk.post()
        assert answer.status_code == 202
        receipt = answer.json()
        assert receipt.keys() == {"id", "tracking_code", "pin", "received_at", "tracking_url"}
        assert ids.parse_tracking_code(receipt["tracking_code"]) == receipt["tracking_code"]
        assert len(receipt["pin"]) == 6
        assert abs(datetime.fromisoformat(receipt["received_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert receipt["tracking_url"].endswith(answer.headers["Location"])
        page = await kiosk.client.get(answer.headers["Location"])
        assert page.status_code == 200 and receipt["tracking_code"] in page.text


async def test_the_same_key_and_body_get_the_same_answer_byte_for_byte(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        first = await kiosk.post(BODY, "k1")
        again = await kiosk.post(dict(reversed(BODY.items())), "k1")
        assert (again.status_code, again.content) == (202, first.content)
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert await kiosk.stored() == 1
        assert len(await kiosk.told("aspirations.submitted.v1")) == 1


async def test_the_same_key_with_another_body_is_refused(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        await kiosk.post(BODY, "k1")
        refused = await kiosk.post({**BODY, "text": "Sesuatu yang lain."}, "k1")
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems#key-reused")
        assert await kiosk.stored() == 1


async def test_what_is_stored_and_published_is_masked_and_apart_from_the_contact(postgres: Postgres) -> None:
    contact = {"kind": "whatsapp", "address": "+6281200000000", "consent": True}
    body = {
        **BODY,
        "title": "Hubungi 0812 0000 0000",
        "text": "NIK saya 3671 0101 0101 0001, surat ke warga@contoh.id",
        "place": {"words": "rumah dengan mobil B 1234 XYZ"},
        "contact": contact,
    }
    async with frontend(postgres) as kiosk:
        receipt = (await kiosk.post(body)).json()
        [stored] = await kiosk.query("SELECT title, text, place_words, contact_kind FROM aspirations")
        assert tuple(stored) == (
            "Hubungi [telepon]", "NIK saya [NIK], surat ke [e-mail]", "rumah dengan mobil [pelat]", "whatsapp",
        )  # fmt: skip
        [submitted] = await kiosk.told(topics.SUBMITTED.name)
        assert (submitted["title"], submitted["text"], submitted["place"]["words"]) == tuple(stored)[:3]
        assert "contact" not in submitted
        [told] = await kiosk.told(topics.CONTACTS.name)
        assert told == {"aspiration_id": receipt["id"], "tracking_code": receipt["tracking_code"], "language": "id", **contact}


async def test_a_citizen_who_leaves_no_contact_is_told_of_too_so_that_waiting_for_it_ends(postgres: Postgres) -> None:
    async with frontend(postgres) as kiosk:
        await kiosk.post()
        assert [told["kind"] for told in await kiosk.told(topics.CONTACTS.name)] == ["none"]


@pytest.mark.parametrize(
    ("place", "kelurahan", "kecamatan"),
    [
        ({"lat": -6.1702, "lng": 106.6403}, "36.71.01.1002", "36.71.01"),
        ({"lat": -6.1702, "lng": 106.6403, "kelurahan": "36.71.02.1001"}, "36.71.01.1002", "36.71.01"),
        ({"kelurahan": "36.71.02.1001", "kecamatan": "36.71.01"}, "36.71.02.1001", "36.71.02"),
        ({"kecamatan": "36.71.02"}, None, "36.71.02"),
        ({"words": "di seberang pasar"}, None, None),
    ],
)
async def test_a_place_gets_its_areas_from_the_most_precise_that_was_said(
    postgres: Postgres, place: dict[str, Any], kelurahan: str | None, kecamatan: str | None
) -> None:
    async with frontend(postgres) as kiosk:
        await kiosk.post({**BODY, "place": place})
        [submitted] = await kiosk.told(topics.SUBMITTED.name)
        assert (submitted["place"].get("kelurahan"), submitted["place"].get("kecamatan")) == (kelurahan, kecamatan)


async def test_photos_keep_their_order_and_their_characters(postgres: Postgres) -> None:
    photos = ["foto/1.jpg", 'a "b", {c} \\ d', "gambar-jalan-ü.png"]
    async with frontend(postgres) as kiosk:
        await kiosk.post({**BODY, "photos": photos})
        assert [list(row["photos"]) for row in await kiosk.query("SELECT photos FROM aspirations")] == [photos]


async def test_the_events_of_an_aspiration_carry_the_trace_of_the_request(postgres: Postgres, broker: Broker) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with frontend(postgres, broker) as kiosk:
        receipt = (await kiosk.post(traceparent=f"00-{trace}-b7ad6b7169203331-01")).json()
        for topic in (topics.SUBMITTED, topics.CONTACTS):
            [record] = await read(broker.bootstrap, topic.name, 1)
            headers = dict(record.headers)
            assert record.key == receipt["id"].encode()
            assert headers["ce_correlationid"].replace(b"-", b"") == trace.encode()
            assert headers["ce_id"] == str(ids.event_id(UUID(receipt["id"]), topic.event_type, 1)).encode()
