"""A threshold is chosen by the errors that it is to catch, or by what people can review."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.services.runs.threshold_choice import (
    MAX_BUDGET,
    TotalCost,
    highest_within,
    index_at,
    least_total_cost,
    load_at,
    lowest_thresholds,
    newest_run_with_curve,
    threshold_text,
    threshold_within,
    total_cost,
)
from aws import run_table
from aws.errors import SettingsError
from iris_core.errors import OptionError
from iris_core.evaluation.threshold_curve import (
    ThresholdCurve,
    curve_of,
    threshold_counts,
    threshold_curve,
)
from iris_core.records.interval import Interval
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import RunMetrics
from lambda_src.index import evaluate_rule, parse_share
from tests.faults.memory import MemoryCloud

MISCLASSIFIED = np.array([True, False, True, False, False, True])
PROBABILITY = np.array([0.4, 0.55, 0.6, 0.7, 0.95, 0.97])


@pytest.fixture
def curve() -> ThresholdCurve:
    """Three errors, two of them below 0.65; at 0 the three are reviewed, at 1 all six."""
    return threshold_curve(MISCLASSIFIED, PROBABILITY)


def run_of(number: int, *, state: RunState = RunState.RECONCILED, measured: bool = True) -> Run:
    counts = threshold_counts(MISCLASSIFIED, PROBABILITY, 0.9) if measured else None
    return Run(
        id=f"20261107T08000{number}.000000Z-0123456789ab",
        model="model",
        dataset="data",
        dataset_name="data",
        rows=6,
        threshold="0.9",
        state=state,
        metrics=RunMetrics(thresholds=counts),
    )


def test_lowest_threshold_is_just_above_the_error_and_an_error_at_one_is_out_of_reach() -> None:
    # GIVEN two errors, one of them with the probability 1
    curve = threshold_curve(np.array([True, False, True]), np.array([0.4, 0.6, 1.0]))
    # THEN half of them are caught at the next point of the curve, and no threshold catches both
    (half,) = lowest_thresholds(curve, (0.5, 1.0))
    assert (half.error_share, half.threshold, half.below) == (0.5, 0.41, 1)
    assert half.below_share == 1 / 3


def test_between_two_points_the_lower_one_counts(curve: ThresholdCurve) -> None:
    assert curve.thresholds[index_at(curve, 0.905)] == 0.9
    assert curve.thresholds[index_at(curve, 0.9)] == 0.9


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        # Errors at 0.4, 0.6 and 0.97, so a review of 1, 3 or 6 of the six records catches them.
        (0.5, TotalCost(0.0, 0, 3, 1.5)),
        (1.5, TotalCost(0.41, 1, 2, 4.0)),
        (2.5, TotalCost(0.61, 3, 1, 5.5)),
        (4.0, TotalCost(0.98, 6, 0, 6.0)),
    ],
)
def test_threshold_of_the_least_total_cost_as_computed_by_hand(
    curve: ThresholdCurve, missed: float, expected: TotalCost
) -> None:
    found = least_total_cost(curve, review=1.0, missed=missed)
    assert (found.reviews, found.missed, found.cost) == (
        expected.reviews,
        expected.missed,
        expected.cost,
    )
    assert found.threshold == pytest.approx(expected.threshold, abs=0.011)


@given(review=st.floats(0, 100), missed=st.floats(0, 100))
def test_no_threshold_costs_less_and_dearer_errors_never_lower_it(
    review: float, missed: float
) -> None:
    curve = threshold_curve(MISCLASSIFIED, PROBABILITY)
    least = least_total_cost(curve, review=review, missed=missed)
    every = [
        total_cost(curve, index, review=review, missed=missed)
        for index in range(len(curve.thresholds))
    ]
    assert least.cost == min(entry.cost for entry in every)
    dearer = least_total_cost(curve, review=review, missed=missed + 1)
    assert dearer.threshold >= least.threshold or dearer.missed >= least.missed


def test_impossible_costs_are_refused(curve: ThresholdCurve) -> None:
    for review, missed in ((-1.0, 1.0), (1.0, 1e10), (float("nan"), 1.0)):
        with pytest.raises(OptionError):
            least_total_cost(curve, review=review, missed=missed)


records = st.lists(
    st.tuples(
        st.booleans(),
        st.floats(0, 1, width=32).map(lambda value: str(np.float32(value)))
        | st.integers(0, 100).map(lambda cent: str(cent / 100)),
    ),
    max_size=40,
)


def copied(rows: list[tuple[bool, str]], threshold: float) -> int:
    """The number of records that the retrain rule has the function copy."""
    exact = parse_share(threshold_text(threshold))
    return sum(
        evaluate_rule("a", "b" if wrong else "a", probability, exact) is not None
        for wrong, probability in rows
    )


@given(records, st.integers(0, 45), st.integers(0, 30))
@example([(True, "0.5")], 0, 30)
@example([(False, "1.0")], 0, 30)
def test_budget_gives_the_highest_threshold_at_which_the_function_copies_no_more(
    rows: list[tuple[bool, str]], budget: int, points: int
) -> None:
    wrong = np.array([entry for entry, _ in rows], dtype=bool)
    probability = np.array([float(text) for _, text in rows])
    curve = curve_of(threshold_counts(wrong, probability, 0.9, points=points))
    load = highest_within(curve, budget)
    if load is None:
        assert copied(rows, 0.0) == curve.errors > budget, "errors are copied at any threshold"
        return
    assert load.reviews == copied(rows, load.threshold) <= budget
    below = [entry for entry, text in rows if float(text) < load.threshold]
    assert (load.below, load.caught) == (len(below), sum(below))
    assert (load.rows, load.errors) == (len(rows), int(wrong.sum()))
    higher = curve.thresholds[curve.thresholds > load.threshold].tolist()
    assert all(copied(rows, threshold) > budget for threshold in higher)


def test_budget_of_five_reviews_two_of_the_three_errors_are_caught(curve: ThresholdCurve) -> None:
    load = highest_within(curve, 5)
    # THEN the three errors and the correct records of 0.55 and 0.7 are reviewed, not that of 0.95
    assert load is not None
    assert (load.threshold, load.reviews, load.below, load.caught) == (0.95, 5, 4, 2)
    # AND 2 of 3 has Wilson's interval of 21 to 94 %
    assert load.caught_share == 2 / 3
    interval = load.caught_interval
    assert (interval.low, interval.high) == pytest.approx((0.2077, 0.9385), abs=1e-4)


def test_budget_below_the_number_of_errors_has_no_threshold(curve: ThresholdCurve) -> None:
    assert highest_within(curve, 2) is None
    run = run_of(1)
    with pytest.raises(OptionError, match=r"budget of at least 3: .*Received 2"):
        threshold_within(run, 2)
    assert threshold_within(run, 3).below == 1, "the error of 0.4"


@pytest.mark.parametrize("budget", [-1, MAX_BUDGET + 1])
def test_budget_out_of_range_is_refused(curve: ThresholdCurve, budget: int) -> None:
    with pytest.raises(OptionError, match="budget: expected a whole number from 0"):
        highest_within(curve, budget)


def test_without_errors_nothing_is_caught_and_nothing_is_known_of_the_share() -> None:
    load = highest_within(threshold_curve(np.zeros(2, dtype=bool), np.array([0.3, 0.6])), 2)
    assert load is not None
    assert (load.threshold, load.caught_share, load.caught_interval) == (1.0, 1.0, Interval(0, 1))


def test_load_between_two_points_is_that_of_the_lower_one(curve: ThresholdCurve) -> None:
    load = load_at(curve, "0.6543")
    assert load is not None
    assert (load.threshold, load.below, load.caught) == (0.65, 3, 2)
    assert load_at(curve, "as before") is None


def test_newest_reconciled_run_with_a_curve_is_taken() -> None:
    cloud: Any = MemoryCloud()
    with pytest.raises(SettingsError, match="Test a model first"):
        newest_run_with_curve(cloud)
    runs = (
        run_of(1),
        run_of(2),
        run_of(3, measured=False),
        run_of(4, state=RunState.INCOMPLETE),
    )
    for run in runs:
        run_table.save(cloud, run)
    assert newest_run_with_curve(cloud) == runs[1]
    with pytest.raises(OptionError, match=f"received {runs[2].id}"):
        threshold_within(runs[2], 5)
