"""The figures that a run keeps are those of its records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.services.runs.probability_summary import FEW_LISTED, MAX_LISTED, ProbabilityCollector
from aws import run_table
from iris_core.evaluation.testing import TestReport
from iris_core.evaluation.threshold_curve import curve_of
from iris_core.records.record import Record
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.aws.samples import sample_run
from tests.faults.memory import MemoryCloud

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


def many_rows(class_names: Sequence[str]) -> TestReport:
    """Return the report on ten million rows of 256 classes, with whatever can be listed of it."""
    columns = {f"列 {number} " + "長" * 1_000: number for number in range(3_000)}
    return TestReport(
        rows=256 * 256 * 152,
        loss=5.545177444479562,
        accuracy=1 / 3,
        classes=tuple(ClassMetrics(name, 1 / 3, 2 / 3, 4 / 9, 38_912) for name in class_names),
        confusion=((152,) * 256,) * 257,
        unseen_labels={f"label {number} {'x' * 1_000}": number for number in range(25_000)},
        unseen_categories=columns,
        missing=columns,
        ignored=tuple(columns),
        seen=None,
        unseen_correct=None,
        seconds=1.0,
    )


def full_collector() -> ProbabilityCollector:
    """Return a collector whose threshold curve has as many points as one can have."""
    collected = ProbabilityCollector()
    for row in range(4_000):
        share = str((row + 0.123456789012345) / 4_000)
        collected(Record(row, "{}", "a", "b" if row % 2 else "a", share))
    return collected


def saved(report: TestReport) -> RunMetrics:
    """Return the metrics of a run that was saved in a table with AWS's limit, and read again."""
    cloud: Any = MemoryCloud()
    made = full_collector().metrics(report, "0.9")
    name = "\U0001f338" * 100
    run = sample_run(report.rows, metrics=made, dataset_name=name, model=name, note=name * 5)
    run_table.save(cloud, run)
    assert run_table.load(cloud, run.id) == run
    return made


@pytest.mark.parametrize("length", [8, 200])
def test_run_of_256_classes_and_25000_unseen_labels_fits_its_item(length: int) -> None:
    names = [f"{number:03}".ljust(length, "x") for number in range(256)]
    report = many_rows(names)
    metrics = saved(report)
    # THEN the figures by class are whole, and the most frequent of what is listed are there
    assert (metrics.class_names, metrics.confusion) == (tuple(names), report.confusion)
    assert next(iter(metrics.unseen_labels)).startswith("label 24999 ")
    kinds = (metrics.unseen_labels, metrics.unseen_categories, metrics.missing, metrics.ignored)
    assert [len(kind) for kind in kinds] == [FEW_LISTED] * 4


def test_run_whose_class_names_are_too_long_to_be_kept_is_saved_without_them() -> None:
    metrics = saved(many_rows([f"{number} {'x' * 9_000}" for number in range(256)]))
    assert (metrics.classes, metrics.confusion) == ((), ())
    assert metrics.thresholds is not None
    assert len(metrics.unseen_labels) == FEW_LISTED


def test_lists_of_a_run_are_bounded_so_that_it_can_be_stored() -> None:
    labels = {f"label {number} {'x' * 1_000}": number for number in range(25_000)}
    columns = tuple(f"column {number} {'x' * 1_000}" for number in range(5_000))
    report = replace(EMPTY, unseen_labels=labels, missing=labels, ignored=columns)
    metrics = ProbabilityCollector().metrics(report, "0.9")
    assert len(json.dumps(metrics.to_dict())) < 200_000
    assert next(iter(metrics.unseen_labels)).startswith("label 24999 ")
    assert len(metrics.unseen_labels) == len(metrics.ignored) == MAX_LISTED
