"""What a cut-off costs, and what it costs where it was not chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.errors import OptionError
from iris_core.evaluation.cut_off import (
    at_cut_off,
    costs_by_cut_off,
    cross_fitted,
    cut_off_costs,
    expected_cost,
)
from iris_core.evaluation.ranking_curves import RankingCurve, ranking_curve
from iris_core.evaluation.score_histograms import ScoreTotals


def curve_of(probability: NDArray[np.float64], positive: NDArray[np.bool_]) -> RankingCurve:
    totals = ScoreTotals(("no", "yes"))
    shares = probability.astype(np.float32)
    totals.add(np.column_stack((1 - shares, shares)), positive.astype(np.intp))
    curve = ranking_curve(totals.histograms(), 1)
    assert curve is not None
    return curve


@pytest.fixture
def curve() -> RankingCurve:
    """Six rows: no at 0.1, 0.3 and 0.6, yes at 0.4, 0.8 and 0.9."""
    probability = np.array([0.1, 0.3, 0.6, 0.4, 0.8, 0.9])
    return curve_of(probability, np.array([False, False, False, True, True, True]))


@pytest.mark.parametrize(
    ("cut_off", "false_alarms", "misses"),
    [(0, 3, 0), (0.35, 1, 0), (0.5, 1, 1), (0.7, 0, 1), (1, 0, 3)],
)
def test_counts_and_cost_as_by_hand(
    curve: RankingCurve, cut_off: float, false_alarms: int, misses: int
) -> None:
    found = at_cut_off(curve, cut_off, false_alarm=2, miss=5)
    assert (found.false_alarms, found.misses) == (false_alarms, misses)
    assert found.cost == 2 * false_alarms + 5 * misses
    assert found.cut_off >= cut_off


def test_costs_of_all_points_begin_with_never_and_end_with_always(curve: RankingCurve) -> None:
    costs = costs_by_cut_off(curve, false_alarm=2, miss=5)
    assert costs.tolist() == [15, 10, 5, 7, 2, 4, 6]


def test_expected_cost_is_that_of_1000_records_with_the_interval_of_both_shares() -> None:
    found = expected_cost(10, 5, 200, false_alarm=1, miss=4)
    assert found.value == pytest.approx(1000 * (10 + 20) / 200)
    # Wilson's intervals: 10 of 200 is 2.74 to 8.96 %, 5 of 200 is 1.07 to 5.72 %.
    assert found.low == pytest.approx(150 - math.hypot(50 - 27.4, 4 * (25 - 10.7)), abs=0.3)
    assert found.high == pytest.approx(150 + math.hypot(89.6 - 50, 4 * (57.2 - 25)), abs=0.3)


def test_interval_of_the_cost_holds_the_true_one_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(0), 0
    for alarms, misses, _ in rng.multinomial(150, (0.1, 0.06, 0.84), size=500).tolist():
        found = expected_cost(alarms, misses, 150, false_alarm=1, miss=3)
        held += found.low <= 1000 * (0.1 + 3 * 0.06) <= found.high
    assert 0.93 <= held / 500 <= 0.99


def test_choice_is_not_optimistic_where_the_probabilities_say_nothing() -> None:
    rng, positive = np.random.default_rng(1), np.arange(60) % 2 == 0
    chosen, fitted = [], []
    for seed in range(120):
        curve = curve_of(rng.random(60), positive)
        chosen.append(cut_off_costs(curve, false_alarm=1, miss=1).cheapest.cost / 60)
        found = cross_fitted(curve, false_alarm=1, miss=1, repeats=1, seed=seed)
        assert found is not None
        fitted.append((found.false_alarms + found.misses) / 60)
    # Any cut-off is wrong in half of the rows; the cheapest one looks better than that.
    assert np.mean(chosen) < 0.45
    assert 0.48 <= np.mean(fitted) <= 0.54


def test_rows_that_are_separated_cost_nothing_wherever_they_are() -> None:
    positive = np.arange(40) % 2 == 0
    curve = curve_of(np.where(positive, 0.95, 0.05), positive)
    found = cross_fitted(curve, false_alarm=1, miss=1)
    assert found is not None
    assert (found.false_alarms, found.misses) == (0, 0)
    assert 0.05 < found.low <= found.high <= 0.95


def test_one_row_of_a_class_is_too_few() -> None:
    curve = curve_of(np.array([0.2, 0.4, 0.9]), np.array([False, False, True]))
    assert cross_fitted(curve, false_alarm=1, miss=1) is None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=4, max_size=40),
    st.integers(0, 9),
    st.integers(1, 9),
)
def test_cross_fitted_counts_stay_within_the_rows_and_the_seed_repeats_them(
    rows: list[tuple[float, bool]], false_alarm: int, miss: int
) -> None:
    positive = np.array([label for _, label in rows])
    if not positive.any() or positive.all():
        return
    curve = curve_of(np.array([share for share, _ in rows]), positive)
    found = cross_fitted(curve, false_alarm=false_alarm, miss=miss, repeats=2)
    if found is None:
        assert min(curve.positives, curve.negatives) == 1
        return
    assert 0 <= found.false_alarms <= curve.negatives
    assert 0 <= found.misses <= curve.positives
    assert found == cross_fitted(curve, false_alarm=false_alarm, miss=miss, repeats=2)


def test_impossible_cut_offs_and_costs_are_refused(curve: RankingCurve) -> None:
    for cut_off, cost in ((1.1, 1.0), (-0.1, 1.0), (0.5, -1.0), (math.nan, 1.0)):
        with pytest.raises(OptionError):
            at_cut_off(curve, cut_off, false_alarm=cost, miss=1)
    with pytest.raises(OptionError):
        cross_fitted(curve, false_alarm=0, miss=0)
