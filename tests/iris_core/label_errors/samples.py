"""Small tables whose labels are partly wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.label_errors.suspecting import Suspicion
from tests.iris_core.samples import data_set, flowers


def noisy_flowers(
    rows: int = 120, *, flipped: int = 6, seed: int = 0
) -> tuple[DataSet, DataSet, list[int]]:
    """Return flowers with flipped labels, the clean ones, and the rows that were flipped."""
    clean = flowers(rows)
    noisy, chosen = add_label_noise(clean, rows=flipped, seed=seed)
    return noisy, clean, list(chosen)


def relabelled(ds: DataSet, labels: Sequence[str]) -> DataSet:
    """Return a data set with other labels."""
    frame = ds.frame.copy()
    frame[ds.label] = pd.Series(labels, dtype="str")
    return data_set(frame, name=ds.name)


def suspicion_of(
    probabilities: Sequence[Sequence[float]],
    given: Sequence[int],
    *,
    contradicted: Sequence[bool] | None = None,
    reviewed: Sequence[bool] | None = None,
    neighbours: Sequence[Sequence[int]] | None = None,
    matrix: Sequence[Sequence[float]] | None = None,
    score: Sequence[float] | None = None,
    different: int = 50,
) -> Suspicion:
    """Return a suspicion as written down, of classes a, b, …; 12 models, all for the guess."""
    values = np.array(probabilities, np.float32)
    rows, classes = values.shape
    labels = np.array(given, np.intp)
    flags = np.zeros(rows, np.bool_)
    return Suspicion(
        classes=tuple("abcdefgh"[:classes]),
        given=labels,
        labels=labels,
        reviewed=flags if reviewed is None else np.array(reviewed),
        different=np.full(classes, different, np.intp),
        probabilities=values,
        confidence=np.full(classes, 0.9),
        contradicted=flags if contradicted is None else np.array(contradicted),
        doubtful=flags if contradicted is None else np.array(contradicted),
        score=np.linspace(0, 1, rows).astype(np.float32)
        if score is None
        else np.array(score, np.float32),
        votes=np.full(rows, 12, np.intp),
        voters=np.full(rows, 12, np.intp),
        neighbours=None if neighbours is None else np.array(neighbours, np.int16),
        nearest=None,
        matrix=np.zeros((rows, 1), np.float32) if matrix is None else np.array(matrix, np.float32),
    )
