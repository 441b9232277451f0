"""The interval of a paired difference is the published one, and agrees with McNemar's test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.evaluation.paired import LEVEL, mcnemar_p_value
from iris_core.evaluation.paired_interval import (
    Estimate,
    difference_of_independent,
    mean_of_independent,
    paired_difference,
    score_difference,
)
from iris_core.records.interval import wilson_interval

counts = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 300))


def test_interval_equals_the_published_one() -> None:
    # Fagerland, Lydersen and Laake 2014, airway hyper-responsiveness: 1 and 7 of 21 pairs changed.
    estimate = score_difference(1, 7, 21)
    assert (estimate.low, estimate.high) == pytest.approx((-0.517, -0.026), abs=5e-4)


def test_interval_of_no_difference_has_a_closed_form() -> None:
    # With nothing fixed nor broken the score equation is that of one share: z^2 / (n + z^2).
    end = 1.959964**2 / (240 + 1.959964**2)
    estimate = score_difference(0, 0, 240)
    assert (estimate.low, estimate.high) == pytest.approx((-end, end))


@pytest.mark.parametrize("fixed", [1, 5, 20])
def test_interval_where_nothing_breaks_ends_as_wilsons(fixed: int) -> None:
    # Nothing can break more than nothing, so the upper end is that of the share of the fixed.
    assert score_difference(fixed, 0, 20).high == pytest.approx(wilson_interval(fixed, 20).high)


@given(counts)
def test_interval_holds_the_difference_and_mirrors_the_exchange(
    drawn: tuple[int, int, int],
) -> None:
    fixed, broken, same = drawn
    rows = fixed + broken + same
    for interval in (score_difference, paired_difference):
        estimate, other = interval(fixed, broken, rows), interval(broken, fixed, rows)
        assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1
        mirrored = (-other.value, -other.high, -other.low)
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(mirrored)


@pytest.mark.parametrize(
    ("after", "before", "ends"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_interval_of_independent_shares_equals_the_published_one(
    after: tuple[int, int], before: tuple[int, int], ends: tuple[float, float]
) -> None:
    # Newcombe 1998, table II, method 10.
    estimate = difference_of_independent(*(share(*counted) for counted in (before, after)))
    assert (estimate.low, estimate.high) == pytest.approx(ends, abs=5e-5)
    assert estimate.value == pytest.approx(after[0] / after[1] - before[0] / before[1])


def share(hits: int, rows: int) -> Estimate:
    interval = wilson_interval(hits, rows)
    return Estimate(hits / rows, interval.low, interval.high)


def test_interval_leaves_0_out_exactly_where_the_test_finds_a_difference() -> None:
    for changed in range(1, 160):
        for fixed in range(changed + 1):
            estimate = paired_difference(fixed, changed - fixed, 240)
            found = mcnemar_p_value(fixed, changed - fixed) <= LEVEL
            assert (estimate.low > 0 or estimate.high < 0) == found


@pytest.mark.parametrize(("fixed", "broken"), [(0.06, 0.01), (0.01, 0.01), (0.1, 0.15)])
def test_interval_holds_the_truth_in_95_of_100_cases(fixed: float, broken: float) -> None:
    drawn = np.random.default_rng(0).multinomial(
        240, [fixed, broken, 1 - fixed - broken], size=3_000
    )
    kinds, times = np.unique(drawn, axis=0, return_counts=True)
    held = [
        (estimate := paired_difference(int(f), int(b), 240)).low <= fixed - broken <= estimate.high
        for f, b, _ in kinds
    ]
    assert 0.94 <= np.average(held, weights=times) <= 0.999


def test_mean_of_one_is_itself_and_of_several_narrower() -> None:
    one = Estimate(0.9, 0.8, 0.95)
    assert mean_of_independent([one]) == one
    four = mean_of_independent([one] * 4)
    assert (four.low, four.high) == pytest.approx((0.85, 0.925))


def test_without_rows_every_difference_is_possible() -> None:
    assert paired_difference(0, 0, 0) == Estimate(0.0, -1.0, 1.0)
