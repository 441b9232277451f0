"""The time that it takes to explain a model, and one of its predictions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from bench.measurement import Measurement
from bench.samples import wide_dataset
from iris_core.data.datasets import DataSet
from iris_core.explanation.contributions import contributions
from iris_core.explanation.dependence import dependence
from iris_core.explanation.encoded_model import EncodedModel
from iris_core.explanation.importance import Importance, permutation_importance
from iris_core.model.encoding import encode
from iris_core.model.models import Model
from iris_core.model.recipes import DEFAULT, RECIPES
from iris_core.model.training import train

ROUNDS = 5
EPOCHS = 5


def explanation() -> Iterator[Measurement]:
    """Explain the default network: its columns, one record, and one column in detail."""
    narrow, wide = _Explained(wide_dataset(1_000, 20)), _Explained(wide_dataset(500, 1_000))
    both = [_seconds(narrow.columns) + _seconds(narrow.record) for _ in range(ROUNDS)]
    yield Measurement.of("importance of 1,000 x 20, and one record", both, 10, "s")
    yield Measurement.of("contributions of one record, 20 columns", _rounds(narrow.record), 1, "s")
    yield Measurement.of("dependence on one column, 500 rows", _rounds(narrow.one_column), 1, "s")
    found = wide.columns()
    yield Measurement(
        "importance of 500 x 1,000",
        _seconds(wide.columns),
        60,
        "s",
        f"{found.rows} rows, shuffles: {found.repeats}",
    )
    yield Measurement.of("contributions of one record, 1,000 columns", _rounds(wide.record), 3, "s")


class _Explained:
    """A trained model, and what is asked about it."""

    def __init__(self, dataset: DataSet) -> None:
        recipe = RECIPES[DEFAULT]
        spec = recipe.spec_for(dataset.rows)
        self.frame = dataset.frame
        self.model: Model = train(dataset, spec, options=replace(recipe.options, epochs=EPOCHS))
        self.encoded = EncodedModel.of(self.model)
        self.matrix = encode(self.model.card.schema, dataset.frame).matrix
        self.actual = self.model.card.schema.class_indices(dataset.frame[dataset.label])
        self.record()  # the first call compiles, too

    def columns(self) -> Importance:
        """Measure what each column is worth."""
        return permutation_importance(self.encoded, self.matrix, self.actual)

    def record(self) -> object:
        """Explain the first row, beside the last hundred."""
        return contributions(self.encoded, self.matrix[0], self.matrix[-100:], 0)

    def one_column(self) -> object:
        """Draw the curves of one column."""
        return dependence(self.model, self.frame, "x0", self.model.card.schema.classes[0])


def _rounds(way: Callable[[], object]) -> list[float]:
    """Return the seconds of several calls."""
    return [_seconds(way) for _ in range(ROUNDS)]


def _seconds(way: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
