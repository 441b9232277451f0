"""The simulation respects DynamoDB's limits, and loses no row."""

from __future__ import annotations

import pytest

from bench.scale.heat import Stream, Writer, simulate


def writers(count: int, *, rate: int = 6_000, rows: int = 30_000) -> list[Writer]:
    return [Writer(f"run-{number}", 0, rate, rows) for number in range(count)]


@pytest.mark.parametrize("warm", [4_000, 40_000])
def test_no_key_and_no_partition_takes_more_than_its_limit(warm: int) -> None:
    busy = writers(20)
    outcome = simulate(busy, warm=warm)
    assert outcome.hottest_key <= outcome.hottest_partition <= 1_000
    assert outcome.peak <= warm
    assert all(writer.done == writer.rows for writer in busy)
    assert outcome.seconds >= 20 * 30_000 / warm


def test_writers_that_keep_below_the_limits_never_wait() -> None:
    outcome = simulate(writers(10, rate=90, rows=4_500), warm=4_000)
    assert (outcome.seconds, outcome.waited, outcome.stuck) == (50, 0, 0)


def test_slow_function_lags_behind_and_more_batches_at_once_catch_up() -> None:
    slow, parallel = Stream(0.002), Stream(0.002, parallel=10)
    simulate(writers(20), warm=4_000, streams=[slow, parallel])
    assert slow.lag > 60
    assert parallel.lag == 0
