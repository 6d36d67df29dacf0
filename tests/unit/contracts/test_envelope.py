from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import correlation_of, header_map, to_record, tombstone, traceparent
from shared.contracts.events import CitizenReplied
from shared.contracts.topics import CONTACTS, REPLIES

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
VOICE, EVENT, CORRELATION = UUID(int=1), UUID(int=2), UUID(int=3)


@given(st.uuids().filter(lambda one: one.int), st.uuids())
def test_one_number_finds_a_voice_in_events_and_traces(correlation: UUID, span: UUID) -> None:
    assert correlation_of(traceparent(correlation, span)) == correlation


@pytest.mark.parametrize("header", [None, "", "00-zz-1-01", f"00-{'0' * 32}-1-01", f"00-{'x' * 32}-1-01", "a-b-c"])
def test_a_malformed_traceparent_tells_nothing(header: str | None) -> None:
    assert correlation_of(header) is None


def test_null_and_binary_headers_are_left_out_and_not_raised() -> None:
    assert header_map([("ce_id", b"1"), ("ce_type", None), ("other", b"\xff")]) == {"ce_id": "1"}


def test_what_is_empty_is_not_written() -> None:
    reply = CitizenReplied.model_validate({"reply_id": EVENT, "aspiration_id": VOICE, "kind": "withdraw", "at": NOW})
    record = to_record(REPLIES, reply, key=VOICE, event_id=EVENT, time=NOW, correlation_id=CORRELATION)
    assert record.key == str(VOICE).encode()
    assert b"null" not in (record.value or b"")
    assert "ce_causationid" not in record.headers


def test_a_tombstone_has_a_key_and_nothing_else() -> None:
    erased = tombstone(CONTACTS, VOICE)
    assert (erased.key, erased.value, dict(erased.headers)) == (str(VOICE).encode(), None, {})
