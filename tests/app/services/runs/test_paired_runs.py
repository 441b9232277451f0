"""Two runs on the same data are compared record by record."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from app.services.runs.paired_metrics import class_rows, metric_rows
from app.services.runs.paired_runs import (
    MAX_CHANGES,
    Change,
    can_be_paired,
    compare_runs,
    conclusion,
)
from aws.score_table import ScoreWriter
from iris_core.evaluation.paired import (
    PairedComparison,
    compare_paired,
    mcnemar_p_value,
    probability_better,
)
from iris_core.records.keys import new_run_id
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState
from tests.aws.samples import sample_run
from tests.faults.memory import MemoryCloud


def stored_run(cloud: MemoryCloud, pairs: list[tuple[str, str]]) -> Run:
    """A run whose records have these predicted and true classes."""
    run = replace(
        sample_run(len(pairs)), id=new_run_id(), rows=len(pairs), state=RunState.RECONCILED
    )
    with ScoreWriter(cloud, run.id) as writer:  # type: ignore[arg-type]
        for row, (predicted, actual) in enumerate(pairs):
            writer(Record(row, "{}", predicted, actual, "0.9"))
    return run


def comparison(fixed: int, broken: int, rows: int) -> PairedComparison:
    first = np.zeros(rows, dtype=np.bool_)
    second = np.zeros(rows, dtype=np.bool_)
    first[:broken] = True
    second[broken : broken + fixed] = True
    return compare_paired(first, second)


def test_fixed_and_broken_records_are_counted_and_listed() -> None:
    cloud = MemoryCloud()
    baseline = stored_run(cloud, [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")])
    run = stored_run(cloud, [("a", "a"), ("b", "b"), ("a", "b"), ("b", "a")])
    paired = compare_runs(cloud, run, baseline)  # type: ignore[arg-type]
    assert (paired.comparison.fixed, paired.comparison.broken) == (1, 1)
    assert paired.changes == (Change(1, "b", "a", "b"), Change(2, "b", "b", "a"))
    assert [change.is_fixed for change in paired.changes] == [True, False]


def test_runs_over_several_partitions_are_paired_by_row_and_the_list_is_bounded() -> None:
    cloud = MemoryCloud()
    rows = MAX_CHANGES + 700
    baseline = stored_run(cloud, [("a", "b")] * rows)
    run = stored_run(cloud, [("b", "b")] * rows)
    paired = compare_runs(cloud, run, baseline)  # type: ignore[arg-type]
    assert (paired.comparison.rows, paired.comparison.fixed) == (rows, rows)
    assert [change.row for change in paired.changes] == list(range(MAX_CHANGES))


def test_record_that_one_run_lacks_is_left_out() -> None:
    cloud = MemoryCloud()
    baseline = stored_run(cloud, [("a", "a"), ("a", "b")])
    run = stored_run(cloud, [("a", "a"), ("b", "b"), ("b", "b")])
    assert compare_runs(cloud, run, baseline).comparison.rows == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"dataset": "other"}, {"rows": 11}, {"state": RunState.INCOMPLETE}]
)
def test_only_reconciled_runs_on_the_same_data_are_paired(change: dict[str, object]) -> None:
    run = replace(sample_run(10), state=RunState.RECONCILED)
    assert can_be_paired(run, run)
    assert not can_be_paired(run, replace(run, **change))  # type: ignore[arg-type]
    assert not can_be_paired(replace(run, **change), run)  # type: ignore[arg-type]


def test_conclusion_names_counts_probability_and_test() -> None:
    text = conclusion(comparison(15, 2, 240))
    assert "fixes 15 records and breaks 2 of 240" in text
    assert "better with a probability of over 99.9 %" in text
    assert "hardly chance (McNemar's exact test, p = 0.0023)" in text
    assert "more records" not in text


def test_conclusion_that_could_be_chance_says_how_many_more_records_would_show_a_gain() -> None:
    text = conclusion(comparison(9, 2, 240))
    assert "better with a probability of 98.1 %, which could be chance" in text
    assert "These are enough to show a gain of 5 points." in text
    more = "About 550 more records would show a gain of 2 points, 2,200 more one of 1 point."
    assert more in text


def test_conclusion_of_few_records_says_what_each_gain_needs() -> None:
    text = conclusion(comparison(1, 0, 20))
    assert "enough" not in text
    assert re.search(
        r"About \d+ more records would show a gain of 5 points, \d+ more one of 2 points, "
        r"[\d,]+ more one of 1 point\.$",
        text,
    )


def test_many_records_are_enough_for_every_gain() -> None:
    text = conclusion(comparison(1, 0, 20_000))
    assert text.endswith("These are enough to show a gain of 1 point.")


def called_better(rows: int, *, fixed_share: float, broken_share: float) -> float:
    """How often the conclusion is that the run is better, over every possible outcome."""
    logs = np.log(np.arange(1, rows + 1))
    factorials = np.concatenate(([0.0], np.cumsum(logs)))
    same = np.log(1 - fixed_share - broken_share)
    total = 0.0
    for fixed in range(rows + 1):
        for broken in range(rows - fixed + 1):
            rest = rows - fixed - broken
            log = factorials[rows] - factorials[[fixed, broken, rest]].sum() + rest * same
            log += fixed * np.log(fixed_share) + broken * np.log(broken_share)
            probability = float(np.exp(log))
            if probability > 1e-9:
                text = conclusion(
                    PairedComparison(
                        rows,
                        fixed,
                        broken,
                        mcnemar_p_value(fixed, broken),
                        probability_better(fixed, broken),
                    )
                )
                total += probability * ("better" in text and "hardly chance" in text)
    return total


def test_gain_of_5_points_on_240_records_is_found_in_four_of_five_comparisons() -> None:
    power = called_better(240, fixed_share=0.06, broken_share=0.01)
    assert power == pytest.approx(0.83, abs=0.005)
    assert power >= 0.80


@pytest.mark.parametrize("share", [0.01, 0.03])
def test_run_that_is_no_better_is_called_better_in_one_of_forty_at_most(share: float) -> None:
    assert called_better(240, fixed_share=share, broken_share=share) <= 0.025


def test_metrics_are_those_of_the_stored_records() -> None:
    cloud = MemoryCloud()
    baseline = stored_run(cloud, [("a", "a"), ("a", "b"), ("b", "b"), ("a", "tulip")])
    run = stored_run(cloud, [("a", "a"), ("b", "b"), ("b", "b"), ("b", "tulip")])
    metrics = compare_runs(cloud, run, baseline).metrics  # type: ignore[arg-type]
    rows = {row.name: row.comparison for row in metric_rows(metrics)}
    assert (rows["Accuracy"].champion.value, rows["Accuracy"].challenger.value) == (0.5, 0.75)
    assert rows["Balanced accuracy"].difference.value == 0.25
    # All records have a confidence of 0.9: the errors are |0.5 - 0.9| and |0.75 - 0.9|.
    assert rows["Calibration error"].champion.value == pytest.approx(0.4)
    assert rows["Calibration error"].challenger.value == pytest.approx(0.15)
    assert "Log loss" not in rows
    by_class = {(row.class_name, row.name): row for row in class_rows(metrics)}
    assert by_class["b", "Recall"].records == 2
    assert by_class["b", "Recall"].comparison.difference.value == 0.5
    assert by_class["b", "Precision"].comparison.challenger.value == pytest.approx(2 / 3)


def test_worse_run_is_called_worse() -> None:
    text = conclusion(comparison(1, 30, 240))
    assert "worse with a probability of over 99.9 %; that is hardly chance" in text


@pytest.mark.parametrize("rows", [0, 10])
def test_equal_runs_have_no_difference(rows: int) -> None:
    assert "no difference" in conclusion(comparison(0, 0, rows))


def test_conclusion_counts_one_record_as_one() -> None:
    assert "fixes 1 record and breaks 0 of 118" in conclusion(comparison(1, 0, 118))
