"""Bytes -> submission: the fault that is named is the sender's, in words for every type of fault there is."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain.reading import FAULTS, read, refusal_of
from services.intake.domain.refusal import Refusal
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import Language
from shared.runtime.problems import KINDS


def refused(raw: bytes) -> Refusal:
    with pytest.raises(ValidationError) as error:
        read(raw, Submission)
    return refusal_of(error.value)


def test_what_is_in_order_is_read_as_it_was_written() -> None:
    body = {
        "channel": "kiosk",
        "text": "Jalan 😀 rusak",
        "place": {"lat": -6, "lng": 106.6},
        "spoken_at": "2026-01-01T07:00:00+07:00",
    }
    said = read(json.dumps(body).encode(), Submission)
    assert (said.text, said.place.lat) == ("Jalan 😀 rusak", -6.0)
    assert read(json.dumps(body, ensure_ascii=False).encode(), Submission) == said


def test_a_fault_is_told_with_its_values_in_both_languages() -> None:
    role = refused(b'{"channel": "kiosk", "text": "a", "role": "x"}')
    assert role.detail[Language.EN].endswith("'community' or 'media'")
    assert role.detail[Language.ID].endswith("'community' atau 'media'")
    assert (
        refused(b'{"channel": "kiosk", "text": "a", "place": {"lat": 91, "lng": 0}}').detail[Language.ID] == "paling besar 90.0"
    )


def test_of_two_fields_of_the_same_name_neither_is_believed() -> None:
    refusal = refused(b'{"channel": "kiosk", "text": "a", "role": "media", "role": "resident"}')
    assert (refusal.slug, refusal.field) == ("invalid-field", "role")


@pytest.mark.parametrize("broken", [b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\x00", b"\\u0000"])
def test_characters_that_nothing_can_hold_are_blamed_on_their_field(broken: bytes) -> None:
    assert refused(b'{"channel": "kiosk", "text": "a", "title": "%s"}' % broken).field == "title"


@given(st.text(alphabet=string.printable) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_comes_is_read_or_refused_with_a_known_slug(value: object) -> None:
    for raw in (
        json.dumps(value).encode(),
        json.dumps({"channel": "kiosk", "text": value}).encode(),
        str(value).encode("utf-8", "replace"),
    ):
        try:
            assert read(raw, Submission).channel == "kiosk"
        except ValidationError as error:
            assert refusal_of(error).slug in KINDS


def test_every_fault_has_words_of_its_own_in_each_language() -> None:
    for indonesian, english in FAULTS.values():
        assert indonesian and english and indonesian != english
        assert placeholders(indonesian) == placeholders(english)


def placeholders(words: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}
