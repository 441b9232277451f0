"""A model as a function of encoded rows, which are cheap to perturb in great numbers.

What is made of one column of the table lies in columns of its own of the encoded row, whatever the
column holds. So to replace a row's value before it is encoded, and to replace these columns
afterwards, comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled
from iris_core.errors import Cancelled
from iris_core.model.encoding import Encoded, owners
from iris_core.model.models import Model
from iris_core.model.prediction import probabilities, rows_at_once

Matrix = NDArray[np.float32]
MIN_COST = 5_000
"""Multiplications that take as long as all else of one row's prediction."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedModel:
    """A model as a function of encoded rows.

    Attributes:
        predict: returns the (rows, classes) probabilities of (rows, width) encoded rows.
        columns: names of the columns of the table that the model takes.
        owners: (width,) which of them, by its number, each encoded column is made of.
        rows_at_once: how many rows `predict` is given at most.
        cost: multiplications of the prediction of one row.
    """

    predict: Callable[[Matrix], NDArray[np.float32]]
    columns: tuple[str, ...]
    owners: NDArray[np.intp]
    rows_at_once: int
    cost: int

    @classmethod
    def of(cls, model: Model) -> EncodedModel:
        """Return a trained model as a function of encoded rows."""
        return cls(
            predict=lambda matrix: probabilities(model, Encoded(matrix, {}, {})),
            columns=tuple(feature.name for feature in model.card.schema.features),
            owners=owners(model.card.schema),
            rows_at_once=rows_at_once(model),
            cost=MIN_COST + model.network.count_params(),
        )

    def parts(self, rows: int) -> Iterator[slice]:
        """Yield so many rows in parts that can be predicted at once."""
        for start in range(0, rows, self.rows_at_once):
            yield slice(start, min(rows, start + self.rows_at_once))

    def predicted(self, blocks: Iterable[Matrix], *, cancelled: IsCancelled) -> NDArray[np.float32]:
        """Predict blocks of rows, one after the other, and return all their probabilities.

        Args:
            blocks: (rows, width) each, of `rows_at_once` rows at most; made as they are needed.
            cancelled: asked before each of them.

        Raises:
            Cancelled: `cancelled` said so.
        """
        results = []
        for block in blocks:
            if cancelled():
                raise Cancelled("The explanation was cancelled.")
            results.append(self.predict(block))
        return np.concatenate(results)
