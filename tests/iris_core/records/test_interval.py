"""A 95 % interval contains the true share in about 95 of 100 cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.records.interval import Interval, wilson_interval


def test_interval_equals_published_figures() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    for hits, rows, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        interval = wilson_interval(hits, rows)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_mirrors_its_complement(pair: tuple[int, int]) -> None:
    hits, rows = pair
    interval = wilson_interval(hits, rows)
    assert 0 <= interval.low <= (hits / rows if rows else 0.5) <= interval.high <= 1
    other = wilson_interval(rows - hits, rows)
    assert (interval.low, interval.high) == pytest.approx((1 - other.high, 1 - other.low))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_interval_holds_the_truth_in_about_95_of_100_cases(share: float) -> None:
    samples = np.random.default_rng(0).binomial(240, share, 4_000)
    intervals = [wilson_interval(int(hits), 240) for hits in samples]
    coverage = np.mean([interval.low <= share <= interval.high for interval in intervals])
    assert 0.93 < coverage < 0.975


def test_interval_without_rows_is_all_shares() -> None:
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)
