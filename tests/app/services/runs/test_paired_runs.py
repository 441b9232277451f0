"""Two runs on the same data are compared record by record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.services.runs.paired_runs import (
    MAX_CHANGES,
    Change,
    can_be_paired,
    compare_runs,
    conclusion,
)
from aws.score_table import ScoreWriter
from iris_core.evaluation.paired import PairedComparison, compare_paired
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
    assert "About 550 more records would show a gain of 2 points." in text


def test_worse_run_is_called_worse() -> None:
    text = conclusion(comparison(1, 30, 240))
    assert "worse with a probability of over 99.9 %; that is hardly chance" in text


@pytest.mark.parametrize("rows", [0, 10])
def test_equal_runs_have_no_difference(rows: int) -> None:
    assert "no difference" in conclusion(comparison(0, 0, rows))
