"""Two models on the same rows: the metrics are those counted by hand, the intervals hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.errors import DataError
from iris_core.evaluation.bootstrap import MAX_UNITS, deal_units
from iris_core.evaluation.model_comparison import (
    MetricComparison,
    ModelComparison,
    compare_models,
)
from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.predictions import Predictions

NAMES = ("a", "b", "c")
Pair = tuple[NDArray[np.intp], Predictions, Predictions]


def sample(rows: int, *, classes: int = 3, seed: int = 0, skill: float = 3.0) -> Pair:
    """Two models that predict the same rows, with the probabilities of all classes."""
    generator = np.random.default_rng(seed)
    actual = generator.integers(-1 if rows > 20 else 0, classes, rows)

    def model() -> Predictions:
        scores = generator.normal(size=(rows, classes))
        scores[np.arange(rows), actual] += skill
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        return Predictions(shares.argmax(axis=1), shares.max(axis=1), shares.astype(np.float32))

    return actual, model(), model()


def of_all(result: ModelComparison) -> Iterator[MetricComparison]:
    """Every metric of a comparison."""
    yield result.accuracy
    yield result.balanced_accuracy
    yield result.macro_f1
    yield result.calibration_error
    if result.log_loss is not None:
        yield result.log_loss
    for entry in result.classes:
        yield entry.precision
        yield entry.recall


def numbers(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def taken(predictions: Predictions, rows: NDArray[np.intp]) -> Predictions:
    """The predictions of some rows."""
    assert predictions.probabilities is not None
    return Predictions(
        predictions.predicted[rows],
        predictions.confidence[rows],
        predictions.probabilities[rows],
    )


def test_metrics_equal_those_worked_out_by_hand() -> None:
    actual = np.array([0, 0, 0, 0, 1, 1, -1])
    shares = np.full((7, 3), 0.25, dtype=np.float32)
    champion = Predictions(np.array([0, 0, 0, 1, 1, 0, 1]), np.full(7, 0.75), shares)
    challenger = Predictions(np.array([0, 0, 0, 0, 1, 0, 1]), np.full(7, 0.75), 2 * shares)
    result = compare_models(actual, champion, challenger, names=NAMES)
    assert (result.paired.fixed, result.paired.broken) == (1, 0)
    assert result.accuracy.champion.value == pytest.approx(4 / 7)
    assert result.accuracy.difference.value == pytest.approx(1 / 7)
    assert result.balanced_accuracy.champion.value == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert result.balanced_accuracy.challenger.value == pytest.approx((1 + 1 / 2) / 2)
    # Champion: F1 of a 6/8, of b 2/5. Challenger: a 8/9, b 2/4. Class c has no rows.
    assert result.macro_f1.champion.value == pytest.approx((6 / 8 + 2 / 5) / 2)
    assert result.macro_f1.challenger.value == pytest.approx((8 / 9 + 1 / 2) / 2)
    assert result.calibration_error.champion.value == pytest.approx(0.75 - 4 / 7)
    assert result.log_loss is not None
    assert result.log_loss.champion.value == pytest.approx(math.log(4))
    assert result.log_loss.difference.value == pytest.approx(-math.log(2))
    first, second, third = result.classes
    assert (first.name, first.support, third.support) == ("a", 4, 0)
    assert second.precision.champion.value == pytest.approx(1 / 3)
    assert second.precision.difference.value == pytest.approx(1 / 2 - 1 / 3)
    assert first.recall.difference.value == pytest.approx(1 / 4)
    # Newcombe 1998, Wilson's interval of 4 in 4.
    assert first.recall.challenger.low == pytest.approx(0.5101, abs=5e-5)
    assert (third.recall.champion.low, third.recall.champion.high) == (0.0, 1.0)


@settings(max_examples=12, deadline=None)
@given(rows=st.integers(1, 60), seed=st.integers(0, 99))
def test_exchanging_the_models_negates_every_difference(rows: int, seed: int) -> None:
    actual, first, second = sample(rows, seed=seed, skill=1.0)
    forth = compare_models(actual, first, second, names=NAMES)
    back = compare_models(actual, second, first, names=NAMES)
    for one, other in zip(of_all(forth), of_all(back), strict=True):
        difference = other.difference
        mirrored = (-difference.value, -difference.high, -difference.low)
        assert numbers(one.difference) == pytest.approx(mirrored)
        assert numbers(one.champion) == pytest.approx(numbers(other.challenger))


@settings(max_examples=12, deadline=None)
@given(rows=st.integers(0, 60), seed=st.integers(0, 99))
def test_intervals_hold_what_they_can_and_stay_in_range(rows: int, seed: int) -> None:
    actual, first, second = sample(rows, seed=seed, skill=1.0)
    result = compare_models(actual, first, second, names=NAMES)
    for metric in of_all(replace(result, log_loss=None)):
        for estimate in (metric.champion, metric.challenger):
            assert 0 <= estimate.low <= estimate.high <= 1
        assert -1 <= metric.difference.low <= metric.difference.high <= 1
    for metric in (result.accuracy, result.balanced_accuracy, result.calibration_error):
        for estimate in (metric.champion, metric.challenger, metric.difference):
            assert estimate.low <= estimate.value <= estimate.high
    assert result.log_loss is not None
    assert result.log_loss.champion.low >= 0


@settings(max_examples=12, deadline=None)
@given(rows=st.integers(1, 60), seed=st.integers(0, 99))
def test_equal_models_do_not_differ(rows: int, seed: int) -> None:
    actual, model, _ = sample(rows, seed=seed, skill=1.0)
    for metric in of_all(compare_models(actual, model, model, names=NAMES)):
        assert metric.difference.value == 0
        assert metric.difference.low <= 0 <= metric.difference.high


@settings(max_examples=6, deadline=None)
@given(rows=st.sampled_from([7, 60, MAX_UNITS + 500]), seed=st.integers(0, 99))
def test_order_of_the_rows_makes_no_difference(rows: int, seed: int) -> None:
    actual, first, second = sample(rows, seed=seed)
    other = np.random.default_rng(seed).permutation(rows)
    result = compare_models(actual, first, second, names=NAMES)
    permuted = compare_models(actual[other], taken(first, other), taken(second, other), names=NAMES)
    for one, again in zip(of_all(result), of_all(permuted), strict=True):
        assert numbers(one.difference) == pytest.approx(numbers(again.difference))
        assert numbers(one.champion) == pytest.approx(numbers(again.champion))


def test_bootstrapped_interval_is_as_wide_as_the_formula_says() -> None:
    # The difference of two means has a standard error in closed form.
    actual, first, second = sample(3_000, skill=1.0)
    known = np.flatnonzero(actual >= 0)
    losses = [
        -np.log(model.probabilities[known, actual[known]].astype(np.float64))
        for model in (first, second)
        if model.probabilities is not None
    ]
    error = (losses[1] - losses[0]).std() / math.sqrt(len(known))
    result = compare_models(actual, first, second, names=NAMES).log_loss
    assert result is not None
    width = result.difference.high - result.difference.low
    assert width == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_groups_of_many_rows_give_the_width_of_single_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actual, first, second = sample(9_000, skill=2.0)
    one_by_one = compare_models(actual, first, second, names=NAMES)
    monkeypatch.setattr("iris_core.evaluation.bootstrap.MAX_UNITS", 2_000)
    grouped = compare_models(actual, first, second, names=NAMES)
    for metric in ("macro_f1", "calibration_error", "log_loss"):
        alone, together = getattr(one_by_one, metric), getattr(grouped, metric)
        assert alone.difference.value == together.difference.value
        for part in ("champion", "challenger", "difference"):
            (_, low, high), (_, other_low, other_high) = (
                numbers(getattr(entry, part)) for entry in (alone, together)
            )
            assert other_high - other_low == pytest.approx(high - low, rel=0.15)


def test_units_of_many_rows_are_bounded_and_of_one_class() -> None:
    classes = np.repeat([0, 1, 2], [15_000, 4_990, 10])
    units = deal_units(classes, (np.arange(20_000),), seed=0)
    assert units.sizes == (3_333, 3_333, 10)
    rows = np.bincount(units.of_row)
    assert (rows.min(), rows.max()) == (1, 5)
    first, second = units.of_row[classes == 0], units.of_row[classes == 1]
    assert first.max() < second.min()


def test_well_calibrated_model_may_have_no_calibration_error() -> None:
    # Its true error is 0. Percentiles would lie above that in every case, the basic interval in
    # about one of six (docs/evaluation.md).
    held = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        confidence = generator.uniform(0.5, 1, 400)
        actual = (generator.random(400) > confidence).astype(np.intp)
        model = Predictions(np.zeros(400, dtype=np.intp), confidence)
        result = compare_models(actual, model, model, names=("a", "b"))
        held += result.calibration_error.champion.low <= 0.005
        assert result.log_loss is None
    assert held >= 14


def test_row_without_a_probability_is_left_out_of_the_calibration_alone() -> None:
    model = Predictions(np.array([0, 0, 0]), np.array([0.5, 1.0, np.nan]))
    result = compare_models(np.array([0, 0, 1]), model, model, names=("a", "b"))
    assert result.calibration_error.champion.value == pytest.approx(0.25)
    assert result.accuracy.champion.value == pytest.approx(2 / 3)


def test_different_numbers_of_rows_are_refused() -> None:
    actual, first, second = sample(5)
    with pytest.raises(DataError, match="the same rows"):
        compare_models(actual[:4], first, second, names=NAMES)
