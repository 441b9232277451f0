"""Two runs are compared by their accuracies and by the classes that they share."""

from __future__ import annotations

import pytest

from app.services.runs.comparison import (
    accuracy_difference,
    baseline_of,
    comparable_runs,
    compare_classes,
)
from app.services.runs.history import candidates_by_run
from iris_core.records.run import Run
from iris_core.records.run_metrics import ClassMetrics, RunMetrics


def a_run(id_: str, *, accuracy: float | None = 0.9, data: str = "d", name: str = "a") -> Run:
    """A run of 1,000 records, 12 of them candidates and 10 of those misclassified."""
    metrics = RunMetrics(
        classes=(ClassMetrics(name, 0.5, 0.5, 0.5, 1000),), confusion=((990,), (10,))
    )
    return Run(
        id=id_, model="m", dataset=data, dataset_name=data, rows=1000, threshold="0.9",
        tested=1000, found=12, accuracy=accuracy, metrics=metrics,
    )  # fmt: skip


def test_baseline_is_the_run_before_on_the_same_data() -> None:
    run = a_run("5")
    newer, other_data, same_data, oldest = a_run("6"), a_run("4", data="e"), a_run("3"), a_run("2")
    assert baseline_of(run, [newer, other_data, same_data, oldest]) == same_data
    assert baseline_of(run, [newer, other_data]) == other_data
    assert baseline_of(run, [newer]) == newer


def test_only_runs_that_were_tested_to_their_end_are_compared() -> None:
    run, other = a_run("5"), a_run("4")
    assert comparable_runs(run, [run, a_run("6", accuracy=None), other]) == [other]


@pytest.mark.parametrize(("accuracy", "overlap"), [(0.89, True), (0.5, False)])
def test_accuracies_differ_beyond_chance_when_their_intervals_do_not_overlap(
    accuracy: float, overlap: bool
) -> None:
    result = accuracy_difference(a_run("5"), a_run("4", accuracy=accuracy))
    assert result is not None
    assert result.difference == pytest.approx(0.9 - accuracy)
    assert result.overlap is overlap
    assert accuracy_difference(a_run("5"), a_run("4", accuracy=None)) is None


def test_class_of_one_run_only_has_no_figures_in_the_other() -> None:
    ours, theirs = compare_classes(a_run("5", name="a"), a_run("4", name="b"))
    assert (ours.name, ours.second) == ("a", None)
    assert (theirs.name, theirs.first) == ("b", None)


def test_candidates_of_runs_are_counted_oldest_first() -> None:
    counts = candidates_by_run([a_run("5"), a_run("4")])
    assert [entry.run.id for entry in counts] == ["4", "5"]
    assert {(entry.misclassified, entry.others) for entry in counts} == {(10, 2)}
