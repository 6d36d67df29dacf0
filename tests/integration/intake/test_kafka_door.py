"""Kafka's door: what a channel hands in on its topic is treated as over HTTP, and answered on its receipts."""

import json

from shared.contracts import topics
from shared.contracts.events import SubmissionReceipt
from tests.integration.intake.channels import BODY, Frontend, frontend
from tests.services import produce, read
from tests.stack import Broker, Postgres
from tests.waiting import eventually

SUBMISSIONS, RECEIPTS = topics.submissions("kiosk").name, topics.receipts("kiosk").name
DEAD = topics.dead_letters(SUBMISSIONS, "intake")


async def hand_in(broker: Broker, key: bytes | None, body: object = BODY) -> None:
    """One record as a channel writes it: no envelope, only key and value. `body`: bytes as they are, anything else as JSON."""
    value = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    await produce(broker.bootstrap, SUBMISSIONS, value, key=key)


async def receipts(broker: Broker, count: int) -> dict[bytes, list[SubmissionReceipt]]:
    """By key, as soon as there are so many."""
    found: dict[bytes, list[SubmissionReceipt]] = {}
    for record in await read(broker.bootstrap, RECEIPTS, count, seconds=60):
        assert record.value is not None
        found.setdefault(record.key or b"", []).append(SubmissionReceipt.model_validate_json(record.value))
    return found


async def test_a_submission_is_stored_and_answered_with_its_codes(postgres: Postgres, broker: Broker) -> None:
    async with frontend(postgres, broker) as kiosk:
        await hand_in(broker, b"k1")
        [receipt] = (await receipts(broker, 1))[b"k1"]
        assert (receipt.accepted, receipt.repeated, receipt.idempotency_key) == (True, False, "k1")
        by_http = (await kiosk.post(BODY, "k1")).json()
        told = (str(receipt.aspiration_id), receipt.tracking_code, receipt.pin)
        assert told == (by_http["id"], by_http["tracking_code"], by_http["pin"])
        assert await kiosk.stored() == 1
        assert [told["text"] for told in await kiosk.told(topics.SUBMITTED.name)] == [BODY["text"]]
        assert [told["kind"] for told in await kiosk.told(topics.CONTACTS.name)] == ["none"]


async def test_a_key_used_again_is_repeated_or_refused(postgres: Postgres, broker: Broker) -> None:
    async with frontend(postgres, broker) as kiosk:
        by_http = (await kiosk.post(BODY, "k1")).json()
        await hand_in(broker, b"k1")
        await hand_in(broker, b"k1", {**BODY, "text": "Sesuatu yang lain."})
        repeated, refused = (await receipts(broker, 2))[b"k1"]
        assert (repeated.accepted, repeated.repeated, str(repeated.aspiration_id)) == (True, True, by_http["id"])
        assert (refused.accepted, refused.reason, refused.pin) == (False, "key-reused", None)
        assert await kiosk.stored() == 1


async def test_what_the_rules_refuse_is_answered_and_harms_no_neighbour(postgres: Postgres, broker: Broker) -> None:
    async with frontend(postgres, broker) as kiosk:
        refused: dict[bytes, tuple[object, str, str | None]] = {
            b"other-channel": ({**BODY, "channel": "web"}, "wrong-channel", "channel"),
            b"outside": ({**BODY, "place": {"lat": -6.9, "lng": 107.6}}, "invalid-field", "place.lat"),
            b"future": ({**BODY, "spoken_at": "9999-12-31T00:00:00Z"}, "invalid-field", "spoken_at"),
            b"a key with spaces": (BODY, "invalid-idempotency-key", "idempotency_key"),
            b"\xff\x00": (BODY, "invalid-idempotency-key", "idempotency_key"),
        }
        for key, (body, _, _) in refused.items():
            await hand_in(broker, key, body)
        await hand_in(broker, None)
        await hand_in(broker, b"good")
        told = await receipts(broker, len(refused) + 2)
        assert told[b"good"][0].accepted
        assert told[b""][0].reason == "invalid-idempotency-key"
        for key, (_, reason, field) in refused.items():
            assert [(r.accepted, r.reason, r.field) for r in told[key]] == [(False, reason, field)]
        assert await kiosk.stored() == 1
        assert await kiosk.told(DEAD) == []


async def test_what_cannot_be_read_is_a_dead_letter_and_answered(postgres: Postgres, broker: Broker) -> None:
    async with frontend(postgres, broker) as kiosk:
        unusable: dict[bytes, tuple[object, str, str | None]] = {
            b"not JSON": (b"jalan rusak", "not-json", None),
            b"no value": (None, "not-json", None),
            b"no text": ({"channel": "kiosk"}, "invalid-field", "text"),
            b"invalid UTF-8": (b'{"channel": "kiosk", "text": "\xff"}', "invalid-field", "text"),
            b"twice": (b'{"channel": "kiosk", "text": "a", "text": "b"}', "invalid-field", "text"),
            b"in words": ({**BODY, "anonymous": "yes"}, "invalid-field", "anonymous"),
            b"field of NUL": ({**BODY, "\x00": 1}, "invalid-field", None),
            b"too large": (json.dumps(BODY).encode() + b" " * 65536, "too-large", None),
        }
        for key, (body, _, _) in unusable.items():
            await hand_in(broker, key, body)
        await hand_in(broker, b"good")
        told = await receipts(broker, len(unusable) + 1)
        assert told[b"good"][0].accepted
        for key, (_, reason, field) in unusable.items():
            assert [(r.accepted, r.reason, r.field) for r in told[key]] == [(False, reason, field)]
        assert await kiosk.stored() == 1
        dead = await kiosk.query("SELECT key FROM outbox WHERE topic = $1", DEAD)
        assert {row["key"] for row in dead} == set(unusable)


async def test_a_channel_that_sends_nothing_but_mistakes_does_not_stop_the_others(postgres: Postgres, broker: Broker) -> None:
    async with frontend(postgres, broker) as kiosk:
        for number in range(20):
            await hand_in(broker, b"%d" % number, b"jalan rusak")
        forum = topics.submissions("forum").name
        await produce(broker.bootstrap, forum, json.dumps({**BODY, "channel": "forum"}).encode(), key=b"k1")
        assert len(await receipts(broker, 20)) == 20
        [record] = await read(broker.bootstrap, topics.receipts("forum").name, 1)
        assert record.value is not None and SubmissionReceipt.model_validate_json(record.value).accepted
        await eventually("the forum's aspiration", lambda: one_stored(kiosk))


async def one_stored(kiosk: Frontend) -> bool:
    return await kiosk.stored() == 1
