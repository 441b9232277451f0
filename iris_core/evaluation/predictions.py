"""What a model predicted for some rows, as far as its metrics need it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The predictions of one model.

    Attributes:
        predicted: (rows,) numbers of the predicted classes.
        confidence: (rows,) probability of the predicted class, 0 to 1; NaN where there is none.
        probabilities: (rows, classes), 0 for a class that the model does not know; None if they
            were not kept.
    """

    predicted: NDArray[np.intp]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float32] | None = None
