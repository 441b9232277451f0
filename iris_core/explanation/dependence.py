"""Partial dependence: how the probability of a class changes with one column, row by row.

Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29,
2001, for the mean; Goldstein, Kapelner, Bleich and Pitkin, "Peeking inside the black box", Journal
of Computational and Graphical Statistics 24, 2015, for the curves of single rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.cancellation import IsCancelled, never
from iris_core.checks import check_choice, check_seed
from iris_core.data.conversion import as_numbers, as_text
from iris_core.errors import DataError
from iris_core.explanation.encoded_model import EncodedModel, Matrix
from iris_core.model.encoding import encode
from iris_core.model.features import CategoricalFeature, Feature, NumericFeature
from iris_core.model.models import Model
from iris_core.model.schema import Schema

MAX_ROWS = 500
MAX_CURVES = 50
MAX_VALUES = 21
_RANGE = (0.025, 0.975)
"""Quantiles of the numbers between which the values lie: one far away would stretch the axis."""
_DEVIATE_95 = 1.959964

Kind = Literal["number", "category", "date"]


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """How the probability of a class depends on one column.

    Attributes:
        column: its name.
        of_class: the class.
        kind: what the column holds.
        values: (values,) at which the model was asked: numbers or dates ascending, the most
            frequent categories first; None at the end for a missing value, where some are missing.
        curves: (curves, values) probabilities of single rows, 0 to 1.
        own: (curves,) the value of each of those rows in the column, None where it is missing.
        mean: (values,) of the probabilities of all rows.
        error: (values,) its standard error, for the rows are a sample.
        average: mean probability of the rows as they are.
        rows: how many they are.
        of: how many rows there were to draw from.
    """

    column: str
    of_class: str
    kind: Kind
    values: tuple[float | str | None, ...]
    curves: NDArray[np.float64]
    own: tuple[float | str | None, ...]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    average: float
    rows: int
    of: int

    @property
    def low(self) -> NDArray[np.float64]:
        """(values,) lower ends of the mean's 95% interval, pointwise."""
        return np.clip(self.mean - _DEVIATE_95 * self.error, 0.0, 1.0)

    @property
    def high(self) -> NDArray[np.float64]:
        """(values,) upper ends of the mean's 95% interval, pointwise."""
        return np.clip(self.mean + _DEVIATE_95 * self.error, 0.0, 1.0)

    @property
    def centred(self) -> NDArray[np.float64]:
        """(curves, values) the curves as changes from the first value.

        Where they fan out, what the column does depends on the other columns.
        """
        return self.curves - self.curves[:, :1]


def dependence(
    model: Model,
    frame: pd.DataFrame,
    column: str,
    of_class: str,
    *,
    seed: int = 0,
    cancelled: IsCancelled = never,
) -> Dependence:
    """Predict 500 rows at most with each of 21 values of one column at most.

    Args:
        model: that predicts.
        frame: rows with the model's columns.
        column: one of the model's.
        of_class: one of its classes.
        seed: of the draw of rows.
        cancelled: asked several times a second.

    Raises:
        OptionError: the model has no such column or class.
        DataError: there are no rows, or none has a value in the column.
        SchemaError: the rows do not fit the model.
        Cancelled: `cancelled` said so.
    """
    schema = model.card.schema
    check_choice("column", column, [feature.name for feature in schema.features])
    check_choice("class", of_class, schema.classes)
    check_seed(seed)
    schema.check_columns(frame)
    feature = next(entry for entry in schema.features if entry.name == column)
    cells = _cells(feature, frame[column])
    values = _values(feature, cells)
    if not values:
        raise DataError(
            f"column '{column}': bring rows with a value that the model knows; expected some, "
            "received none."
        )
    drawn = _drawn(len(frame), seed)
    rows = frame.iloc[drawn]
    chances = _chances(model, rows, column, values, cancelled)[..., schema.classes.index(of_class)]
    observed, at_values = chances[:, 0], chances[:, 1:]
    spread = at_values.std(axis=0, ddof=1) if len(rows) > 1 else np.ones(len(values))
    own = cells.iloc[drawn[:MAX_CURVES]]
    return Dependence(
        column,
        of_class,
        _kind(feature),
        values,
        at_values[:MAX_CURVES],
        tuple(None if pd.isna(cell) else cell for cell in own.tolist()),
        at_values.mean(axis=0),
        spread / len(rows) ** 0.5,
        float(observed.mean()),
        len(rows),
        len(frame),
    )


def _drawn(rows: int, seed: int) -> NDArray[np.intp]:
    """Return the rows to draw curves of, in a random order: the first ones are shown."""
    return np.random.default_rng(seed).permutation(rows)[:MAX_ROWS]


def _kind(feature: Feature) -> Kind:
    """Return what a column holds."""
    if isinstance(feature, NumericFeature):
        return "number"
    return "category" if isinstance(feature, CategoricalFeature) else "date"


def _cells(feature: Feature, column: pd.Series) -> pd.Series:
    """Return a column's cells as the model takes them."""
    return as_numbers(column) if isinstance(feature, NumericFeature) else as_text(column)


def _values(feature: Feature, cells: pd.Series) -> tuple[float | str | None, ...]:
    """Return the values of a column at which a model is asked; none without a value."""
    counts = cells.value_counts()
    values: list[float | str | None]
    if isinstance(feature, CategoricalFeature):
        known = [name for name in counts.index if feature.grouped or name in feature.categories]
        values = sorted(known, key=lambda name: (-counts[name], name))[:MAX_VALUES]
    else:
        # Dates in ISO 8601 are in order as texts are.
        counts = counts.sort_index()
        values = counts.index.tolist()
        if len(values) > MAX_VALUES:
            ends = counts.cumsum().to_numpy()
            ranks = np.linspace(*_RANGE, MAX_VALUES) * (ends[-1] - 1)
            places = np.searchsorted(ends, ranks, side="right")
            values = [values[place] for place in dict.fromkeys(places.tolist())]
    if values and cells.hasnans:
        values.append(None)
    return tuple(values)


def _chances(
    model: Model,
    rows: pd.DataFrame,
    column: str,
    values: Sequence[float | str | None],
    cancelled: IsCancelled,
) -> NDArray[np.float64]:
    """Return (rows, 1 + values, classes) probabilities: as the rows are, then at each value."""
    encoded = EncodedModel.of(model)
    table = encode(model.card.schema, rows).matrix
    own = np.flatnonzero(encoded.owners == encoded.columns.index(column))
    at_value = _encoded_values(model.card.schema, rows, column, values)[:, own]
    count = 1 + len(values)

    def blocks() -> Iterator[Matrix]:
        for part in encoded.parts(len(rows) * count):
            numbers = np.arange(part.start, part.stop)
            block = table[numbers // count]
            changed = numbers % count > 0
            block[np.ix_(changed, own)] = at_value[(numbers % count)[changed] - 1]
            yield block

    shares = encoded.predicted(blocks(), cancelled=cancelled)
    return shares.reshape(len(rows), count, -1).astype(np.float64)


def _encoded_values(
    schema: Schema, rows: pd.DataFrame, column: str, values: Sequence[float | str | None]
) -> Matrix:
    """Return (values, width) a row encoded with each of the values in one column."""
    is_number = column in schema.columns.numeric
    frame = rows.iloc[np.zeros(len(values), np.intp)].reset_index(drop=True)
    replaced = {column: pd.Series(list(values), dtype="float64" if is_number else "str")}
    return encode(schema, frame.assign(**replaced)).matrix
