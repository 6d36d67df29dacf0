"""How far a rebuild reads: brokers that tell low ends, never fall silent, or fall silent too early."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka import TopicPartition

from services.reporting.replay import STALLED_POLLS, TAIL_POLLS, RebuildError, read_batches

PARTITION = TopicPartition("aspirations.lifecycle.v1", 0)


class Log:
    """An aiokafka consumer of one partition. `polls`: how many records each poll brings, then none; `end`: what it claims."""

    def __init__(self, polls: list[int], end: int) -> None:
        self.polls, self.end, self.read = deque(polls), end, 0

    def subscription(self) -> set[str]:
        return {PARTITION.topic}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0}

    async def end_offsets(self, partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {PARTITION: self.end}

    async def position(self, partition: TopicPartition) -> int:
        return self.read

    async def getmany(self, **limits: Any) -> Mapping[TopicPartition, list[int]]:
        count = self.polls.popleft() if self.polls else 0
        self.read += count
        return {PARTITION: list(range(self.read - count, self.read))} if count else {}


async def read(log: Log) -> int:
    return sum([len(batch) async for batch in read_batches(log)])


async def test_an_empty_log_is_read_at_once() -> None:
    assert await read(Log([], end=0)) == 0


async def test_a_poll_that_brings_nothing_before_the_end_does_not_end_it() -> None:
    assert await read(Log([100, 0, 0, 50], end=150)) == 150


async def test_an_end_that_was_told_too_low_does_not_end_it() -> None:
    assert await read(Log([100, 50, 20], end=90)) == 170


async def test_traffic_that_never_rests_ends_soon_after_the_end() -> None:
    assert await read(Log([10] * 1000, end=100)) == 100 + 10 * (TAIL_POLLS - 1)


async def test_a_log_that_falls_silent_before_its_end_is_an_error() -> None:
    log = Log([10], end=100)
    with pytest.raises(RebuildError):
        await read(log)
    assert STALLED_POLLS > 1
