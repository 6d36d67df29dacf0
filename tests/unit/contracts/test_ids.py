from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import ids

codes = st.binary(min_size=9, max_size=9).map(ids.tracking_code)


@given(codes)
def test_a_tracking_code_is_recognised_however_it_is_typed(code: str) -> None:
    assert ids.parse_tracking_code(code) == code
    assert ids.parse_tracking_code(code.lower().replace("-", " ")) == code
    assert ids.parse_tracking_code(code.removeprefix("TGR-")) == code


@given(codes, st.integers(0, 9), st.sampled_from(ids.ALPHABET))
def test_one_wrong_character_is_found_by_the_checksum(code: str, place: int, wrong: str) -> None:
    body = code.removeprefix("TGR-").replace("-", "")
    typed = body[:place] + wrong + body[place + 1 :]
    assert (ids.parse_tracking_code(typed) is None) == (typed != body)


@given(codes, st.integers(0, 7))
def test_two_neighbours_swapped_are_found_by_the_checksum(code: str, place: int) -> None:
    body = code.removeprefix("TGR-").replace("-", "")
    typed = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert (ids.parse_tracking_code(typed) is None) == (typed != body)


@given(st.text())
def test_nonsense_is_never_a_tracking_code(text: str) -> None:
    parsed = ids.parse_tracking_code(text)
    assert parsed is None or ids.parse_tracking_code(parsed) == parsed


def test_aspiration_ids_are_ordered_by_time() -> None:
    earlier, later = ids.aspiration_id(1_000, b"\xff" * 10), ids.aspiration_id(1_001, b"\x00" * 10)
    assert earlier < later
    assert (earlier.version, earlier.variant) == (7, later.variant)


def test_the_same_step_told_to_different_readers_has_different_ids() -> None:
    aspiration = UUID(int=1)
    assert ids.event_id(aspiration, "serap.aspiration.assigned.v1", 2) == ids.event_id(
        aspiration, "serap.aspiration.assigned.v1", 2
    )
    assert ids.event_id(aspiration, "serap.aspiration.assigned.v1", 2) != ids.event_id(
        aspiration, "serap.assignment.assigned.v1", 2
    )


def test_a_pin_has_six_digits_and_depends_on_the_secret() -> None:
    assert ids.pin(b"one", UUID(int=1)) == ids.pin(b"one", UUID(int=1))
    assert ids.pin(b"one", UUID(int=1)) != ids.pin(b"two", UUID(int=1))
    assert len(ids.pin(b"one", UUID(int=1))) == 6
