"""A cut-off is advised by what it costs on rows that it was not chosen on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.services.runs.cut_off_choice import CutOffComparison, compare_cut_offs
from iris_core.evaluation.ranking_curves import ranking_curve
from iris_core.evaluation.score_histograms import ScoreTotals
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.aws.samples import sample_run


def compared(
    shares: NDArray[np.float64], actual: NDArray[np.intp], *, false_alarm: float, miss: float
) -> CutOffComparison:
    """The last class of a run beside the rest, from 0.5 on."""
    names = ("a", "b", "c")[: shares.shape[1]]
    totals = ScoreTotals(names)
    totals.add(shares.astype(np.float32), actual)
    curve = ranking_curve(totals.histograms(), len(names) - 1)
    assert curve is not None
    confusion = np.zeros((len(names) + 1, len(names)), dtype=int)
    np.add.at(confusion, (actual, shares.argmax(axis=1)), 1)
    classes = tuple(
        ClassMetrics(name, 0, 0, 0, int((actual == n).sum())) for n, name in enumerate(names)
    )
    metrics = RunMetrics(classes=classes, confusion=tuple(map(tuple, confusion.tolist())))
    run = sample_run(len(actual), metrics=metrics)
    return compare_cut_offs(run, curve, 0.5, false_alarm=false_alarm, miss=miss)


def two_classes(rows: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Rows of which the rarer class is seldom given more than 0.5."""
    rng = np.random.default_rng(2)
    actual = (np.arange(rows) % 4 == 0).astype(np.intp)
    share = np.clip(rng.normal(0.2 + 0.25 * actual, 0.1), 0, 1)
    return np.column_stack((1 - share, share)), actual


def test_dear_misses_advise_a_lower_cut_off_and_say_what_it_costs_on_others() -> None:
    found = compared(*two_classes(400), false_alarm=1, miss=5)
    chosen, stored, cheapest, always, never = found.rules
    assert (chosen.false_alarms, chosen.misses) == (stored.false_alarms, stored.misses)
    assert cheapest.cut_off is not None
    assert cheapest.cut_off < 0.5
    assert cheapest.per_unit.value < min(rule.per_unit.value for rule in (stored, always, never))
    assert (always.misses, never.false_alarms, never.cut_off) == (0, 0, None)
    assert found.advice.startswith("Say 'b' from 0.")
    assert "which is too good, for it was chosen on them" in found.advice


def test_what_is_predicted_is_kept_where_no_cut_off_promises_less() -> None:
    actual = np.arange(60) % 2
    share = np.where(actual == 1, 0.9, 0.1)
    found = compared(np.column_stack((1 - share, share)), actual, false_alarm=1, miss=1)
    assert found.advice.startswith("Keep what is predicted: 1,000 records are expected to cost 0.0")


def test_few_rows_are_too_few_to_choose_by() -> None:
    share = np.array([0.1, 0.6, 0.9])
    found = compared(
        np.column_stack((1 - share, share)), np.array([0, 0, 1]), false_alarm=1, miss=1
    )
    assert found.advice.startswith("Test more rows before you choose by cost")
    assert found.stored.per_unit.value == pytest.approx(1000 / 3)


def test_of_three_classes_the_most_probable_one_is_what_is_predicted() -> None:
    shares = np.array([[0.3, 0.3, 0.4], [0.2, 0.4, 0.4001], [0.5, 0.1, 0.4], [0.6, 0.2, 0.2]])
    found = compared(shares, np.array([2, 1, 2, 0]), false_alarm=1, miss=1)
    assert (found.stored.false_alarms, found.stored.misses, found.stored.cut_off) == (1, 1, None)
    assert found.stored.name == "As predicted, the most probable class"
    # One against the rest nothing reaches 0.5.
    assert (found.chosen.false_alarms, found.chosen.misses) == (0, 2)
