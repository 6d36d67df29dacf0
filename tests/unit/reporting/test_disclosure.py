"""Small numbers never get out, and never through a sum."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.disclosure import SMALLEST, Hidden, Key, one, published, published_cells

TABLES = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwx")), st.integers(1, 12), max_size=16)


def test_a_small_number_is_hidden_and_with_it_the_next_smallest_beside_it() -> None:
    assert published([3, 40, 7, 100]) == [Hidden.SMALL, 40, Hidden.GUARD, 100]


def test_two_small_numbers_guard_each_other() -> None:
    assert published([3, 40, 1]) == [Hidden.SMALL, 40, Hidden.SMALL]


def test_a_zero_is_shown_and_guards_nobody() -> None:
    assert published([0, 3, 12, 0]) == [0, Hidden.SMALL, Hidden.GUARD, 0]
    assert published([0, 3]) == [0, Hidden.SMALL]
    assert one(0) == 0


def test_the_first_number_that_is_shown_is_five() -> None:
    assert [one(count) for count in (4, 5)] == [Hidden.SMALL, 5]


def test_a_guard_in_one_line_is_guarded_in_the_other() -> None:
    table: dict[Key, int] = {("a", "u"): 2, ("a", "v"): 9, ("b", "u"): 8, ("b", "v"): 10}
    assert set(published_cells(table).values()) == {Hidden.SMALL, Hidden.GUARD}


@given(TABLES)
def test_no_sum_over_one_axis_gives_a_hidden_number_away(table: dict[Key, int]) -> None:
    shown = published_cells(table)
    assert all((shown[key] is Hidden.SMALL) == (count < SMALLEST) for key, count in table.items())
    assert all(shown[key] in (count, Hidden.SMALL, Hidden.GUARD) for key, count in table.items())
    for axis in (0, 1):
        lines: dict[str, list[Key]] = defaultdict(list)
        for key in table:
            lines[key[1 - axis]].append(key)
        for line in lines.values():
            hidden = [key for key in line if isinstance(shown[key], Hidden)]
            assert len(hidden) != 1 or len(line) == 1
