"""Members learn from the rows outside of their fold, and stop when they get worse."""

from __future__ import annotations

import numpy as np
import pytest

from iris_core.label_errors import short_ensemble
from iris_core.label_errors.short_ensemble import CHECKS, Votes, predict_out_of_fold
from iris_core.label_errors.watching import Watch
from iris_core.model.fitting import Examples


def two_classes(rows: int = 80, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    classes = np.arange(rows) % 2
    matrix = (rng.normal(size=(rows, 2)) + 4 * classes[:, None]).astype(np.float32)
    return (matrix - 2) / 2, classes, np.stack([np.arange(rows) // 2 % 4, np.arange(rows) // 20])


def predicted(
    matrix: np.ndarray,
    classes: np.ndarray,
    folds: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    epochs: int | None = None,
    seed: int = 0,
) -> Votes:
    examples = Examples(matrix, classes, weights)
    known = np.ones(len(matrix), np.bool_) if weights is None else weights > 0
    return predict_out_of_fold(
        examples, folds, classes=2, known=known, seed=seed, watch=Watch(), epochs=epochs
    )


def test_members_learn_and_agree() -> None:
    matrix, classes, folds = two_classes()
    votes = predicted(matrix, classes, folds)
    assert (votes.probabilities.argmax(axis=1) == classes).mean() > 0.97
    assert votes.probabilities.sum(axis=1) == pytest.approx(np.ones(80), abs=1e-5)
    assert (votes.voters == 2).all()
    assert np.array_equal(votes.votes.sum(axis=1), votes.voters)


def test_own_label_does_not_matter_to_a_row() -> None:
    """Its members never see it, so with the label flipped they say the same of it."""
    matrix, classes, folds = two_classes()
    other = classes.copy()
    other[7] = 1 - other[7]
    before, after = (
        predicted(matrix, labels, folds, epochs=10).probabilities for labels in (classes, other)
    )
    assert after[7] == pytest.approx(before[7], abs=1e-6)
    assert not np.allclose(after, before, atol=1e-6)


def test_row_without_weight_teaches_nobody_and_is_predicted_by_all() -> None:
    matrix, classes, folds = two_classes()
    weights = np.ones(80, np.float32)
    weights[:8] = 0
    before = predicted(matrix, classes, folds, weights=weights, epochs=10)
    unknown = np.where(np.arange(80) < 8, -1, classes)
    after = predicted(matrix, unknown, folds, weights=weights, epochs=10)
    assert after.probabilities == pytest.approx(before.probabilities, abs=1e-6)
    assert before.voters.tolist() == [8] * 8 + [2] * 72


def test_epochs_are_those_with_the_lowest_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    matrix, _, folds = two_classes()
    # Labels by chance: whatever is learnt is learnt by heart, so the first check is the best
    noise = predicted(matrix, rng.integers(0, 2, 80), folds)
    assert noise.epochs == CHECKS[0]
    # Classes that are apart: it only gets better, until the steps are used up
    matrix, classes, _ = two_classes()
    assert predicted(matrix * 3, classes, folds).epochs == CHECKS[-1]
    monkeypatch.setattr(short_ensemble, "MOST_STEPS", 30)
    assert predicted(matrix * 3, classes, folds).epochs == 14
    assert predicted(matrix * 3, classes, folds, epochs=3).epochs == 3


def test_seed_decides() -> None:
    matrix, classes, folds = two_classes()
    first, again, other = (
        predicted(matrix, classes, folds, epochs=7, seed=seed).probabilities for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_parts_of_the_rows_give_the_same_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, classes, folds = two_classes()
    whole = predicted(matrix, classes, folds, epochs=7)
    monkeypatch.setattr(short_ensemble, "_NUMBERS_A_CALL", 2_000)
    parts = predicted(matrix, classes, folds, epochs=7)
    assert parts.probabilities == pytest.approx(whole.probabilities, abs=1e-6)
    assert np.array_equal(parts.votes, whole.votes)
