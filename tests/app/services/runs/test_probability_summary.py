"""The figures that a run keeps are those of its records."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.services.runs.probability_summary import MAX_LISTED, ProbabilityCollector
from iris_core.evaluation.testing import TestReport
from iris_core.evaluation.threshold_curve import curve_of
from iris_core.records.record import Record
from iris_core.records.run_metrics import RunMetrics

EMPTY = TestReport(0, 0.0, 0.0, (), (), {}, {}, {}, (), None, None, 0.0)


def stored_and_read(collected: ProbabilityCollector, threshold: str) -> RunMetrics:
    """The metrics as the run table gives them back."""
    metrics = collected.metrics(EMPTY, threshold)
    return RunMetrics.from_dict(json.loads(json.dumps(metrics.to_dict())))


def test_figures_that_are_kept_are_those_of_the_records() -> None:
    collected = ProbabilityCollector()
    shares = ("0.4", "0.6", "0.9", "0.95", "1.0", "none")
    for row, share in enumerate(shares):
        collected(Record(row, "{}", "a", "b" if row in (0, 4) else "a", share))
    metrics = stored_and_read(collected, "0.93")
    assert metrics.thresholds is not None
    assert metrics.calibration is not None
    curve, calibration = curve_of(metrics.thresholds), metrics.calibration
    at = {mark: place for place, mark in enumerate(curve.thresholds.tolist())}
    assert [int(curve.below[at[mark]]) for mark in (0.4, 0.41, 0.9, 0.93, 1.0)] == [0, 1, 2, 3, 4]
    assert int(curve.reviews[at[0.93]]) == 4
    assert (curve.errors, curve.invalid) == (2, 1)
    assert (calibration.rows, calibration.invalid) == (5, 1)
    assert calibration.error == pytest.approx((0.4 + 0.4 + 0.1 + 0.95) / 5)


def test_figures_of_a_run_without_records_are_kept_too() -> None:
    metrics = stored_and_read(ProbabilityCollector(), "0.9")
    assert metrics.thresholds is not None
    assert curve_of(metrics.thresholds).rows == 0


def test_lists_of_a_run_are_bounded_so_that_it_can_be_stored() -> None:
    labels = {f"label {number} {'x' * 1_000}": number for number in range(25_000)}
    columns = tuple(f"column {number} {'x' * 1_000}" for number in range(5_000))
    report = replace(EMPTY, unseen_labels=labels, missing=labels, ignored=columns)
    metrics = ProbabilityCollector().metrics(report, "0.9")
    assert len(json.dumps(metrics.to_dict())) < 200_000
    assert next(iter(metrics.unseen_labels)).startswith("label 24999 ")
    assert len(metrics.unseen_labels) == len(metrics.ignored) == MAX_LISTED
