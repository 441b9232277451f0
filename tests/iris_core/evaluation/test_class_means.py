"""Balanced accuracy and macro F1 of a run, with their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from iris_core.evaluation.class_means import balanced_accuracy_estimate, macro_f1_estimate
from iris_core.evaluation.metrics import class_metrics
from iris_core.evaluation.paired_interval import Estimate
from iris_core.records.interval import wilson_interval
from iris_core.records.run_metrics import RunMetrics, balanced_accuracy, macro_f1

# Always "no": accuracy 0.798, and yet nothing found.
ALWAYS_NO = ((399, 0), (101, 0), (0, 0))


def metrics_of(confusion: tuple[tuple[int, ...], ...]) -> RunMetrics:
    classes = class_metrics(np.array(confusion), ("no", "yes"))
    return RunMetrics(classes=classes, confusion=confusion)


def test_always_saying_one_of_two_classes_has_a_balanced_accuracy_of_a_half() -> None:
    metrics = metrics_of(ALWAYS_NO)
    assert metrics.balanced_accuracy == 0.5
    # F1 of "no": 2 * 399 / (2 * 399 + 101), of "yes": 0.
    assert metrics.macro_f1 == pytest.approx(798 / 899 / 2)


def test_class_without_rows_does_not_count() -> None:
    metrics = metrics_of(((8, 2), (0, 0), (0, 1)))
    assert metrics.balanced_accuracy == 0.8
    assert (RunMetrics().balanced_accuracy, RunMetrics().macro_f1) == (None, None)
    assert (balanced_accuracy(()), macro_f1(())) == (None, None)


def test_interval_of_one_class_is_wilsons() -> None:
    estimate = balanced_accuracy_estimate(metrics_of(((8, 2), (0, 0), (0, 0))).classes)
    interval = wilson_interval(8, 10)
    assert estimate.value == 0.8
    assert (estimate.low, estimate.high) == pytest.approx((interval.low, interval.high))


def test_interval_of_two_classes_is_made_of_both() -> None:
    # Zou and Donner: half the root of the sum of the squared distances.
    estimate = balanced_accuracy_estimate(metrics_of(((90, 10), (5, 15), (0, 0))).classes)
    first, second = wilson_interval(90, 100), wilson_interval(15, 20)
    below = np.hypot(0.9 - first.low, 0.75 - second.low) / 2
    assert estimate.value == pytest.approx(0.825)
    assert estimate.low == pytest.approx(0.825 - below)


def test_nothing_is_known_without_rows() -> None:
    assert balanced_accuracy_estimate(()) == Estimate(0.0, 0.0, 1.0)


def test_bootstrap_of_macro_f1_has_the_width_of_drawing_row_by_row() -> None:
    confusion = ((80, 20), (10, 40), (3, 2))
    metrics = metrics_of(confusion)
    estimate = macro_f1_estimate(confusion, metrics.classes)
    actual = np.repeat([0, 1, 2], [100, 50, 5])
    predicted = np.repeat([0, 1, 0, 1, 0, 1], [80, 20, 10, 40, 3, 2])
    rng, drawn = np.random.default_rng(1), []
    for _ in range(1_000):
        rows = np.concatenate(
            [
                rng.choice(np.flatnonzero(actual == name), (actual == name).sum())
                for name in range(3)
            ]
        )
        counts = np.zeros((3, 2), dtype=np.int64)
        np.add.at(counts, (actual[rows], predicted[rows]), 1)
        drawn.append(macro_f1(class_metrics(counts, ("no", "yes"))) or 0.0)
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert estimate.value == metrics.macro_f1
    assert estimate.low == pytest.approx(low, abs=0.015)
    assert estimate.high == pytest.approx(high, abs=0.015)
    assert macro_f1_estimate(confusion, metrics.classes) == estimate
