"""What an attempt means, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.domain.attempt import LONGEST_DELAY, PATIENCE, Attempt, Ended, NotNow, judge, next_try
from shared.contracts.vocabulary import Outcome

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "attempt"),
    [
        (421, NotNow("smtp_421")),
        (451, NotNow("smtp_451")),
        (530, NotNow("smtp_530")),
        (535, NotNow("smtp_535")),
        (550, Ended(Outcome.FAILED, "smtp_550")),
        (554, Ended(Outcome.FAILED, "smtp_554")),
        (299, Ended(Outcome.UNKNOWN, "smtp_299")),
    ],
)
def test_a_servers_answer_is_final_only_if_it_says_so_about_the_message(code: int, attempt: Attempt) -> None:
    assert judge(code) == attempt


def test_the_wait_doubles_from_a_second_to_a_quarter_of_an_hour() -> None:
    waits = [(again - NOW) for tries in (0, 1, 2, 3, 30) if (again := next_try(tries, NOW, NOW))]
    assert waits == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8), LONGEST_DELAY]


def test_after_a_day_it_gives_up() -> None:
    assert next_try(5, NOW - PATIENCE + timedelta(seconds=1), NOW) is not None
    assert next_try(5, NOW - PATIENCE, NOW) is None
