"""Working days: weekends, national holidays, joint leave, the city's own decisions."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.city import Calendar

JAKARTA = ZoneInfo("Asia/Jakarta")
CALENDAR = Calendar(JAKARTA, time(16))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 3, 14), "a Saturday"),
        (date(2026, 8, 17), "Independence Day"),
        (date(2026, 3, 23), "joint leave after Idul Fitri"),
    ],
)
def test_offices_are_closed(day: date, why: str) -> None:
    assert not CALENDAR.is_working_day(day), why


def test_the_day_of_receipt_does_not_count_and_the_last_day_counts_to_its_end() -> None:
    monday = datetime(2026, 2, 2, 9, 30, tzinfo=JAKARTA)
    assert CALENDAR.due_at(monday, 5) == datetime(2026, 2, 9, 16, 0, tzinfo=JAKARTA)


def test_the_day_of_receipt_is_the_citys_not_that_of_utc() -> None:
    late_on_sunday_in_utc = datetime(2026, 2, 1, 20, 0, tzinfo=UTC)  # Monday 03.00 in Jakarta
    assert CALENDAR.due_at(late_on_sunday_in_utc, 1).date() == date(2026, 2, 3)


def test_the_long_leave_of_idul_fitri_is_skipped() -> None:
    before_nyepi = datetime(2026, 3, 17, 9, 0, tzinfo=JAKARTA)
    assert CALENDAR.due_at(before_nyepi, 1).date() == date(2026, 3, 25)


def test_the_city_can_take_a_day_off_and_work_on_another() -> None:
    own = Calendar(JAKARTA, time(16), days_off=frozenset({date(2026, 2, 3)}), working_days=frozenset({date(2026, 2, 7)}))
    assert not own.is_working_day(date(2026, 2, 3))
    assert own.is_working_day(date(2026, 2, 7))
    assert own.due_at(datetime(2026, 2, 2, 9, tzinfo=JAKARTA), 1).date() == date(2026, 2, 4)


@given(MOMENTS, st.integers(1, 70))
def test_a_due_date_is_a_working_day_that_many_working_days_later(start: datetime, days: int) -> None:
    due = CALENDAR.due_at(start, days)
    assert CALENDAR.is_working_day(due.astimezone(JAKARTA).date())
    assert CALENDAR.working_days_between(start, due) == days


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_no_working_days_lie_between_a_moment_and_an_earlier_one(start: datetime, back: timedelta) -> None:
    assert CALENDAR.working_days_between(start, start - back) == 0
