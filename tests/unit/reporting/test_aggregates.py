"""Which questions may be asked of the cube, and what is published of the answer."""

from datetime import date

import pytest

from services.reporting.domain.aggregates import Cell, Fault, Question, answer, fault_in, grouping, guarded
from services.reporting.domain.disclosure import Hidden
from shared.city import City


def test_a_grouping_is_in_the_order_of_its_columns_however_it_is_written() -> None:
    assert grouping(" status, agency ,,day") == ("day", "agency", "status")
    assert grouping("") == ()


def test_a_kelurahan_brings_its_kecamatan() -> None:
    assert grouping("kelurahan") == ("kelurahan", "kecamatan")


def test_an_unknown_dimension_is_a_fault_that_lists_the_known_ones() -> None:
    fault = grouping("agency,colour")
    assert isinstance(fault, Fault)
    assert fault.field == "group_by"
    assert "'colour'" in fault.detail
    assert "kelurahan" in fault.detail


def test_a_fault_never_repeats_a_value_that_was_sent(city: City) -> None:
    fault = fault_in(Question(filters={"topic": "<script>"}), city)
    assert fault
    assert fault.field == "topic"
    assert "script" not in fault.detail


def test_none_may_be_asked_for_in_every_dimension(city: City) -> None:
    assert fault_in(Question(filters={"agency": "none", "topic": "none", "kelurahan": "none"}), city) is None


def test_the_total_is_exact_unless_a_filter_made_it_small() -> None:
    cells = [Cell(("web",), 3)]
    assert answer(Question(group_by=("channel",)), cells).total == 3
    assert answer(Question(group_by=("channel",), filters={"topic": "banjir"}), cells).total is Hidden.SMALL
    assert answer(Question(since=date(2026, 11, 24), group_by=("channel",)), cells).total is Hidden.SMALL


def test_a_question_without_grouping_has_one_row_even_when_nothing_was_said() -> None:
    assert answer(Question(), []).rows == (((), 0),)
    assert answer(Question(filters={"topic": "banjir"}), [Cell((), 2)]).rows == (((), Hidden.SMALL),)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_csv_cell_is_a_formula(start: str) -> None:
    assert guarded(start + "cmd|' /C calc'!A0").startswith("'")
    assert guarded("DPUPR") == "DPUPR"
    assert guarded("<5") == "<5"
