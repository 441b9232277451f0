"""The rows of a search: what each is labelled, what reviewers said, which are learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import from_letters
from iris_core.errors import DataError
from iris_core.model.encoding import encode, without_positions
from iris_core.model.folds import fold_keys
from iris_core.model.schema import Schema
from iris_core.records.verdict import RowVerdict

LEAST_ROWS = 10
"""Rows to learn from; of fewer nobody can say which is labelled wrongly."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows whose labels are to be checked.

    Attributes:
        ds: the rows, labelled as reviewers said.
        classes: the names of the classes that can be learnt.
        given: (rows,) number of the class of each label as it was given, -1 for one that no row to
            learn from has.
        labels: (rows,) the same of the labels as reviewers said.
        reviewed: (rows,) which were reviewed.
        learn: (rows,) which are learnt from.
        matrix: (rows, features) float32, scaled.
    """

    ds: DataSet
    classes: tuple[str, ...]
    given: NDArray[np.intp]
    labels: NDArray[np.intp]
    reviewed: NDArray[np.bool_]
    learn: NDArray[np.bool_]
    matrix: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        ds: DataSet,
        *,
        schema: Schema | None,
        learn: NDArray[np.bool_] | None,
        verdicts: Mapping[str, RowVerdict],
    ) -> Rows:
        """Return the rows of a data set with what is known of them.

        Args:
            ds: the rows.
            schema: scales and categories; None learns them from the rows to learn from.
            learn: (rows,) which may be learnt from; None for all. A dropped row never is.
            verdicts: by fingerprint; one holds for the row if it was given on its label.

        Raises:
            DataError: there are too few rows to learn from, or rows of one class only.
            SchemaError: the rows do not fit the schema, or have too many classes.
        """
        labels, reviewed, dropped = _as_reviewed(ds, verdicts)
        frame = ds.frame.copy()
        frame[ds.label] = pd.Series(labels, dtype="str")
        corrected = ds.with_rows(ds.name, frame)
        learn = ~dropped if learn is None else learn & ~dropped
        if learn.sum() < LEAST_ROWS:
            raise DataError(
                f"{ds.name}: add rows: expected at least {LEAST_ROWS} to learn from, received "
                f"{int(learn.sum())}. Wrong labels are found by what the other rows say."
            )
        learnt = ds.with_rows(ds.name, frame[learn])
        learnt.check_classes()
        if schema is None:
            schema = Schema.fit(learnt)
        schema.check_label(ds)
        numbers = schema.class_indices(corrected.frame[ds.label])
        if len(np.unique(numbers[learn & (numbers >= 0)])) < 2:
            raise DataError(
                f"{ds.name}: expected rows of two classes that the model has, received labels such "
                f"as {', '.join(learnt.classes[:5])}. Choose the model that was trained on them."
            )
        return cls(
            corrected,
            schema.classes,
            schema.class_indices(ds.frame[ds.label]),
            numbers,
            reviewed,
            learn & (numbers >= 0),
            without_positions(schema.layout, encode(schema, frame).matrix),
        )

    @property
    def different(self) -> NDArray[np.intp]:
        """(classes,) how many different rows of each class are learnt from; copies count once."""
        keys, labels = fold_keys(self.ds)[self.learn], self.labels[self.learn]
        first = np.unique(keys, return_index=True)[1]
        return np.bincount(labels[first], minlength=len(self.classes))


def _as_reviewed(
    ds: DataSet, verdicts: Mapping[str, RowVerdict]
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the labels as reviewers said, which rows were reviewed, and which of them dropped."""
    labels = ds.frame[ds.label].to_numpy(dtype=object, copy=True)
    reviewed, dropped = np.zeros((2, ds.rows), np.bool_)
    by_row = dict(zip(from_letters(list(verdicts)).tolist(), verdicts.values(), strict=True))
    known = np.isin(ds.fingerprints, np.array(list(by_row), np.uint64))
    for row in np.flatnonzero(known).tolist():
        verdict = by_row[int(ds.fingerprints[row])]
        decision = verdict.for_label(labels[row])
        if decision is not None:
            reviewed[row], dropped[row] = True, decision == "drop"
            labels[row] = verdict.label or labels[row]
    return labels, reviewed, dropped
