"""How long the oldest undone record has been waiting, by what is seen of the log's end."""

from shared.runtime.lag import MAX_SAMPLES, Backlog


def test_nothing_waits_in_a_log_that_is_done() -> None:
    assert Backlog().waiting_since(0, 0, now=1.0) is None
    assert Backlog().waiting_since(7, 7, now=1.0) is None


def test_a_record_waits_from_when_it_was_first_seen() -> None:
    backlog = Backlog()
    backlog.waiting_since(10, 10, now=100.0)
    assert backlog.waiting_since(11, 10, now=102.0) == 102.0
    assert backlog.waiting_since(11, 10, now=104.0) == 102.0
    assert backlog.waiting_since(12, 10, now=106.0) == 102.0


def test_a_busy_consumer_that_keeps_up_is_not_behind_though_something_always_waits() -> None:
    backlog = Backlog()
    for look in range(100):
        assert backlog.waiting_since(10 * look + 10, 10 * look + 5, now=2.0 * look) == 2.0 * look


def test_what_is_done_no_longer_counts() -> None:
    backlog = Backlog()
    backlog.waiting_since(5, 0, now=1.0)
    backlog.waiting_since(9, 0, now=3.0)
    assert backlog.waiting_since(9, 5, now=5.0) == 3.0
    assert backlog.waiting_since(9, 9, now=7.0) is None


def test_another_log_starts_anew() -> None:
    backlog = Backlog()
    backlog.waiting_since(500, 400, now=1.0)
    assert backlog.waiting_since(3, 0, now=9.0) == 9.0


def test_a_consumer_that_is_stuck_for_days_keeps_the_oldest_time_in_bounded_memory() -> None:
    backlog = Backlog()
    for look in range(MAX_SAMPLES + 50):
        assert backlog.waiting_since(look + 1, 0, now=float(look)) == 0.0
    assert len(backlog._ends) == MAX_SAMPLES
