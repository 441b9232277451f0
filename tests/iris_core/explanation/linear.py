"""Models whose explanations are known: logistic regressions in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iris_core.explanation.encoded_model import EncodedModel


def logistic_model(weights: NDArray[np.float64], *, rows_at_once: int = 1_000) -> EncodedModel:
    """Return a model of two classes; the log-odds of the second are a weighted sum."""

    def predict(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        assert len(matrix) <= rows_at_once
        share = 1 / (1 + np.exp(-matrix.astype(np.float64) @ weights))
        return np.column_stack((1 - share, share)).astype(np.float32)

    names = tuple(f"x{number}" for number in range(len(weights)))
    return EncodedModel(predict, names, np.arange(len(weights)), rows_at_once, cost=len(weights))
