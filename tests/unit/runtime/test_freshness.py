"""How old what a service tells may be."""

from datetime import UTC, datetime, timedelta

from shared.runtime.freshness import STALE_AFTER, Freshness, freshness

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LAST_NEWS = NOW - timedelta(days=2)


def test_while_the_log_is_read_to_its_end_all_is_known() -> None:
    assert freshness(NOW.timestamp(), LAST_NEWS, NOW) == Freshness(NOW, stale=False)


def test_who_is_behind_is_stale_after_a_minute_as_is_who_cannot_ask_the_broker_any_more() -> None:
    assert not freshness(NOW.timestamp(), LAST_NEWS, NOW + STALE_AFTER).stale
    late = freshness(NOW.timestamp(), LAST_NEWS, NOW + STALE_AFTER + timedelta(seconds=1))
    assert late == Freshness(NOW, stale=True)


def test_before_the_broker_was_reached_the_last_news_are_all_that_is_known() -> None:
    assert freshness(None, LAST_NEWS, NOW) == Freshness(LAST_NEWS, stale=True)
    assert freshness(None, None, NOW) == Freshness(None, stale=True)
