"""The comparison on public tables scores and compares as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.tables.runs import tested_rows, trained, truth
from bench.tables.scores import Comparison, Scores
from iris_core.data.splitting import split
from tests.iris_core.samples import flowers


def test_scores_are_those_computed_by_hand() -> None:
    probabilities = np.array([[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.25, 0.75]])
    scores = Scores.of(probabilities, np.array([0, 0, 1, 1]))
    assert scores.accuracy == 0.75
    assert scores.balanced == (1 + 0.5) / 2
    assert scores.loss == pytest.approx(-(3 * math.log(0.75) + math.log(0.25)) / 4)
    assert scores.error == pytest.approx(0)
    # A certain error costs no more than the smallest probability
    certain = Scores.of(np.array([[1.0, 0.0]]), np.array([1]))
    assert certain.loss == pytest.approx(-math.log(1e-7))
    assert certain.error == 1


def test_wins_losses_and_ties_are_counted_by_table() -> None:
    def of(*accuracies: float) -> dict[str, Scores]:
        return {
            name: Scores(value, 0, 0, 0) for name, value in zip("abcd", accuracies, strict=True)
        }

    found = Comparison.of(of(0.9, 0.8, 0.5, 0.7), of(0.8, 0.7995, 0.6, 0.69))
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.worst == "c"
    assert found.behind == pytest.approx(0.1)


def test_rows_tested_are_those_of_a_split_by_class() -> None:
    ds = flowers(80)
    rows = tested_rows(ds, seed=3)
    fitted, tested = split(ds, test_share=0.25, seed=3)
    assert ds.with_rows("tested", ds.frame[rows]).id == tested.id
    assert ds.with_rows("fitted", ds.frame[~rows]).id == fitted.id
    assert np.array_equal(truth(ds, rows), tested.class_indices)


def test_our_network_is_scored_on_the_rows_tested() -> None:
    ds = flowers(60)
    scores = trained(ds, tested_rows(ds, seed=0), "plain", seed=0)
    assert scores.accuracy > 0.9
