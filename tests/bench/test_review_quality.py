"""The measurements of a review count as they say, on data that are the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from bench.review_quality.datasets import lab_like
from bench.review_quality.finding import Found, mean, out_of_fold_plain
from bench.review_quality.reviewing import Review, by_sample, in_rounds, until_enough
from iris_core.data.csv_reading import read_csv
from iris_core.data.label_noise import add_label_noise
from tests.commands import DATA
from tests.iris_core.samples import flowers


def test_found_is_that_computed_by_hand() -> None:
    found = Found.of(
        wrong=np.array([True, True, True, False, False]),
        score=np.array([0.9, 0.8, 0.7, 0.6, 0.1]),
        guess=np.array([1, 1, 1, 1, 0]),
        truth=np.array([1, 0, 0, 1, 0]),
        flipped=[0, 2, 3],
    )
    assert found.precision == found.recall == found.f1 == pytest.approx(2 / 3)
    assert found.right == 0.5
    # 95 % of three flips are three: the fourth row in the order is the last of them
    assert found.reviews == pytest.approx(4 / 3)


def test_nothing_found_is_zero_and_means_pass_over_what_was_not_measured() -> None:
    nothing = Found.of(
        np.zeros(3, np.bool_), np.zeros(3), np.zeros(3, np.intp), np.zeros(3, np.intp), [1]
    )
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.right) == (0, 0, 0, 0)
    measured = Found(1, 1, 1, 1, flagged=0.25)
    assert mean([nothing, measured], "flagged") == 0.25
    assert mean([nothing, measured], "recall") == 0.5


def test_labs_rows_have_its_columns_and_figures() -> None:
    drawn, ours = lab_like(1_200, seed=0), read_csv(DATA)
    assert drawn.columns == ours.columns
    assert drawn.id == lab_like(1_200, seed=0).id
    assert drawn.id != lab_like(1_200, seed=1).id
    means = drawn.frame.groupby("species")["petal_length"].mean()
    assert means.to_dict() == pytest.approx(
        {"setosa": 1.52, "versicolor": 4.32, "virginica": 5.59}, abs=0.1
    )


def test_plain_networks_predict_what_they_did_not_learn() -> None:
    ds = flowers(60)
    predicted = out_of_fold_plain(ds, seed=0)
    assert predicted.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    assert (predicted.argmax(axis=1) == ds.class_indices).mean() > 0.8


@pytest.mark.parametrize("way", [in_rounds, until_enough, by_sample])
def test_review_corrects_labels_in_each_way(way) -> None:  # type: ignore[no-untyped-def]
    clean = flowers(120)
    noisy, flipped = add_label_noise(clean, rows=10, seed=0)
    review = Review(noisy, clean, errors=0.0, seed=0)
    way(review)
    assert review.outcome(clean).looks == len(review.found) <= 60
    assert sum(review.found) >= (8 if way is by_sample else 10)
    corrected = {verdict.label for verdict in review.verdicts.values()}
    assert corrected <= set(clean.classes)
    given = noisy.frame[noisy.label]
    relabelled = [entry for entry in review.verdicts.values() if entry.decision == "relabel"]
    assert len(relabelled) == 10
    assert {entry.given for entry in relabelled} == {given[row] for row in flipped}


def test_reviewer_errs_as_often_as_said() -> None:
    clean = flowers(300)
    review = Review(clean, clean, errors=0.2, seed=0)
    wrong = sum(review.look(row) != clean.frame[clean.label][row] for row in range(300))
    assert 40 <= wrong <= 80
    assert sum(review.found) == wrong
