"""What the loop-quality benchmark makes, breaks, reviews and counts is what it says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.loop_quality.damage import flip_class, nearest_class, shrink_class
from bench.loop_quality.datasets import credit_like, shuffled
from bench.loop_quality.decision import share_called_better
from bench.loop_quality.loop import append, candidates_first, project_parts, review, truth_of
from bench.loop_quality.statistics import share_interval, share_regained
from bench.measurement import Measurement
from bench.report import write_section
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.records.record import Record


def table() -> DataSet:
    """Three classes in a row, near, nearer and far, ten rows each; and a category."""
    labels = ["near"] * 10 + ["nearer"] * 10 + ["far"] * 10
    numbers = [*range(10), *range(5, 15), *range(100, 110)]
    frame = pd.DataFrame(
        {
            "class": pd.Series(labels, dtype="str"),
            "size": numbers,
            "constant": [1.0] * 30,
            "colour": pd.Series(["red", "blue", "green"] * 10, dtype="str"),
        }
    )
    return DataSet("table", "class", frame)


def record(ds: DataSet, row: int, predicted: str, probability: str) -> Record:
    values = ds.frame.iloc[row].to_dict()
    known_by = as_letters(ds.fingerprints[row : row + 1])[0]
    return Record(row, str(values), predicted, values["class"], probability, known_by)


def test_number_without_a_goal_is_shown_and_misses_none(tmp_path: Path) -> None:
    shown = Measurement.mean_of("it", [1.0, 2.0, 6.0], None, "%", remark="so")
    assert (shown.measured, shown.spread, shown.met) == (3.0, (1.0, 6.0), True)
    assert "met" not in str(shown)
    report = tmp_path / "benchmarks.md"
    report.write_text("# Benchmarks\n", "utf-8")
    write_section("part", "First.", [shown], path=report)
    assert "| it | 3 % | 1…6 | none | (so) |" in report.read_text("utf-8")


def test_noisy_table_is_as_hard_as_it_says() -> None:
    many, risk = credit_like(50_000, seed=1)
    bad = (many.frame["risk"] == "bad").mean()
    assert bad == pytest.approx(0.3, abs=0.015)
    # Who knows the risk of each row, and says what is likelier, is right so often.
    assert np.maximum(risk, 1 - risk).mean() == pytest.approx(0.75, abs=0.01)
    right = np.where(risk > 0.5, "bad", "good") == many.frame["risk"]
    assert right.mean() == pytest.approx(0.75, abs=0.015)


def test_noisy_table_is_mixed_and_seeded() -> None:
    (ds, _), (again, _), (other, _) = (credit_like(1_000, seed=seed) for seed in (3, 3, 4))
    assert (ds.rows, len(ds.numeric), len(ds.categorical)) == (1_000, 7, 13)
    assert ds.id == again.id != other.id
    assert not np.isin(ds.fingerprints, other.fingerprints).any()


def test_nearest_class_is_that_of_the_nearest_mean() -> None:
    assert [nearest_class(table(), name) for name in ("near", "nearer", "far")] == [
        "nearer", "near", "nearer",
    ]  # fmt: skip


def test_share_of_one_class_gets_its_neighbours_label() -> None:
    ds = table()
    flipped = flip_class(ds, "far", share=0.3, seed=0)
    changed = flipped.frame["class"] != ds.frame["class"]
    assert changed.sum() == 3
    assert set(ds.frame["class"][changed]) == {"far"}
    assert set(flipped.frame["class"][changed]) == {"nearer"}
    assert flipped.fingerprints.tolist() == ds.fingerprints.tolist()


def test_drift_changes_the_numbers_of_one_class_alone() -> None:
    ds = table()
    drifted = shrink_class(ds, "far", factor=0.8)
    assert drifted.frame["size"].tolist() == [
        *ds.frame["size"][:20],
        *(0.8 * ds.frame["size"][20:]),
    ]
    assert drifted.frame["constant"].tolist() == [1.0] * 20 + [0.8] * 10
    assert drifted.frame["colour"].tolist() == ds.frame["colour"].tolist()
    assert drifted.columns == ds.columns


def test_candidates_are_reviewed_first_each_kind_in_test_order() -> None:
    ds = table()
    records = [
        record(ds, 0, "near", "0.99"),
        record(ds, 1, "far", "0.99"),
        record(ds, 2, "near", "0.9"),
        record(ds, 3, "near", "0.89"),
    ]
    assert [one.row for one in candidates_first(records)] == [1, 3, 0, 2]


def test_true_review_relabels_what_is_wrong_and_keeps_the_rest() -> None:
    ds = table()
    noisy = flip_class(ds, "far", share=0.3, seed=0)
    records = [record(noisy, row, "near", "0.5") for row in range(noisy.rows)]
    verdicts = review([*records, records[0]], truth_of(ds))
    assert len(verdicts) == ds.rows
    assert [one.decision for one in verdicts].count("relabel") == 3
    corrected = correct(noisy, verdicts).dataset
    assert corrected.frame["class"].tolist() == ds.frame["class"].tolist()


def test_earlier_way_adds_reviewed_rows_a_second_time() -> None:
    ds = table()
    noisy = flip_class(ds, "far", share=1, seed=0)
    appended = append(noisy, [record(noisy, 25, "far", "0.5")], truth_of(ds))
    assert appended.rows == 31
    assert appended.fingerprints[30] == appended.fingerprints[25]
    assert appended.frame["class"].tolist()[25::5] == ["nearer", "far"]
    assert append(noisy, [], truth_of(ds)) is noisy


def test_evaluation_rows_differ_by_seed_and_never_train() -> None:
    ds, _ = credit_like(500, seed=0)
    first, second = (project_parts(shuffled(ds, seed=1), seed=seed) for seed in (1, 2))
    for parts in (first, second):
        assert parts.training.rows + parts.evaluation.rows == 500
        assert not np.isin(parts.evaluation.fingerprints, parts.training.fingerprints).any()
    same = np.isin(first.evaluation.fingerprints, second.evaluation.fingerprints)
    assert 0 < same.sum() < len(same)


def test_share_regained_is_a_ratio_of_means() -> None:
    # One repeat lost nothing, one more than it regained: 0.06 of 0.1.
    assert share_regained([0.0, 0.1], [0.02, 0.04]) == pytest.approx(0.6)
    assert math.isnan(share_regained([0.0, -0.1], [0.02, 0.04]))


def test_interval_of_the_share_holds_it_and_is_a_point_without_spread() -> None:
    assert share_interval([0.1, 0.2, 0.3], [0.05, 0.1, 0.15]) == pytest.approx((0.5, 0.5))
    lost, regained = [0.1, 0.1, 0.2, 0.2], [0.02, 0.1, 0.1, 0.2]
    low, high = share_interval(lost, regained)
    assert 0.2 <= low < share_regained(lost, regained) < high <= 1
    assert all(map(math.isnan, share_interval([0.0], [0.1])))


@pytest.mark.parametrize("fixed", [0.3, 0.7, 1.0])
def test_six_rows_are_enough_only_if_all_are_fixed(fixed: float) -> None:
    # p = 2 / 2^6 = 0.031; with five of six fixed it is 0.0625 or more.
    assert share_called_better(6, fixed=fixed, broken=0) == pytest.approx(fixed**6)


def test_decision_finds_five_points_in_240_rows_and_seldom_what_is_not_there() -> None:
    # Simulated with 200,000 draws: 0.826 and 0.0043.
    assert share_called_better(240, fixed=0.06, broken=0.01) == pytest.approx(0.826, abs=0.002)
    assert share_called_better(240, fixed=0.01, broken=0.01) == pytest.approx(0.0043, abs=0.0005)
