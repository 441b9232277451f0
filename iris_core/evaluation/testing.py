"""Test a model: judge every row of a labelled data set, and hand each on as a record.

A generator judges chunk after chunk; `test` only feeds the sink and adds up. Beside the frame no
more than one chunk is held in memory.
"""

# `test` is a name of the trade, not a test of pytest's.
# ruff: noqa: PT028

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled
from iris_core.evaluation.metrics import accuracy, class_metrics, confusion_matrix, cross_entropy
from iris_core.model.encoding import Encoded, encode
from iris_core.model.models import Model
from iris_core.model.prediction import probabilities
from iris_core.model.schema import Schema
from iris_core.records.record import Record
from iris_core.records.run_metrics import ClassMetrics

# Some tens of milliseconds of work: so often is progress reported and a wish to cancel seen.
_CHUNK_ROWS = 1_024


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a test run found.

    Attributes:
        rows: number of rows tested.
        loss: mean cross-entropy in nats, over the rows whose label the model knows.
        accuracy: share of all rows that are right, 0 to 1.
        classes: figures of each class, in the model's order.
        confusion: a row for each actual class and a last one for labels the model never saw, a
            column for each predicted class; both in the model's order.
        unseen_labels: labels that the model never saw, with their number of rows.
        unseen_categories: for each column that has any, how many cells hold a category that the
            model never saw.
        missing: for each column that has any, how many cells are missing.
        ignored: columns that the model does not look at.
        seconds: how long the run took, the sink included.
    """

    rows: int
    loss: float
    accuracy: float
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    unseen_labels: Mapping[str, int]
    unseen_categories: Mapping[str, int]
    missing: Mapping[str, int]
    ignored: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Judged:
    """A chunk of rows, from row `start` of the data set on, as the model judged them.

    `actual` and `predicted` are class numbers, (rows,), -1 for a label that was never seen.
    """

    start: int
    frame: pd.DataFrame
    encoded: Encoded
    probabilities: NDArray[np.float32]
    actual: NDArray[np.intp]
    predicted: NDArray[np.intp]


def test(
    model: Model,
    ds: DataSet,
    sink: Callable[[Record], object],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TestReport:
    """Judge every row, hand each to `sink` in order, and report on all.

    Args:
        model: the model.
        ds: the labelled rows; columns are matched by name.
        sink: takes one record; what it raises ends the run.
        on_progress: called with the rows done and their total, after each chunk.
        cancelled: asked before each chunk is handed on.

    Raises:
        SchemaError: the data does not fit the model.
        Cancelled: `cancelled` said so.
    """
    began = time.perf_counter()
    tally = _Tally(classes=len(model.card.schema.classes))
    for judged in _judge(model, ds):
        if cancelled is not None and cancelled():
            raise Cancelled(f"The test was cancelled after {judged.start} of {ds.rows} rows.")
        for record in _records(model, judged):
            sink(record)
        tally.add(judged, ds.label)
        if on_progress is not None:
            on_progress(judged.start + len(judged.frame), ds.rows)
    return tally.report(model.card.schema, ds, time.perf_counter() - began)


def _judge(model: Model, ds: DataSet) -> Iterator[_Judged]:
    """Yield the rows chunk by chunk.

    Chunks always begin at the same rows: a product of matrices may differ in its last bit with
    the number of its rows, and a run that is completed must find what it found first.
    """
    schema = model.card.schema
    schema.check_label(ds)
    for first in range(0, ds.rows, _CHUNK_ROWS):
        frame = ds.frame.iloc[first : first + _CHUNK_ROWS]
        encoded = encode(schema, frame)
        shares = probabilities(model, encoded)
        actual = schema.class_numbers(frame[schema.label])
        yield _Judged(first, frame, encoded, shares, actual, shares.argmax(axis=1))


def _records(model: Model, judged: _Judged) -> Iterator[Record]:
    """Yield the records of a chunk."""
    columns = [_plain_values(column) for _, column in judged.frame.items()]
    # The text of `str(dict)`, without writing every name anew for every record.
    names = (repr(name).replace("%", "%%") for name in judged.frame.columns)
    template = "{" + ", ".join(f"{name}: %r" for name in names) + "}"
    classes = model.card.schema.classes
    predicted = [classes[number] for number in judged.predicted.tolist()]
    # The shortest decimal that gives the float32 back: what `str` makes of each.
    shares = judged.probabilities.max(axis=1).astype("U").tolist()
    rows = zip(zip(*columns, strict=True), predicted, shares, strict=True)
    for row, (values, label, share) in enumerate(rows, start=judged.start):
        yield Record(row, template % values, label, values[0], share)


def _plain_values(column: pd.Series) -> list[object]:
    """Return plain Python values, None for a missing one: NumPy's would show in `str(dict)`."""
    values: list[object] = column.tolist()
    if column.hasnans:
        # NaN alone differs from itself.
        return [None if value != value else value for value in values]
    return values


class _Tally:
    """Adds up the chunks of a run."""

    def __init__(self, *, classes: int) -> None:
        self.confusion = np.zeros((classes + 1, classes), dtype=np.int64)
        self.loss = 0.0
        self.unseen_labels: Counter[str] = Counter()
        self.unseen_categories: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()

    def add(self, judged: _Judged, label: str) -> None:
        """Add a chunk."""
        self.confusion += confusion_matrix(
            judged.actual, judged.predicted, classes=self.confusion.shape[1]
        )
        self.loss += cross_entropy(judged.probabilities, judged.actual)
        self.unseen_labels.update(judged.frame[label][judged.actual < 0].tolist())
        self.unseen_categories.update(judged.encoded.unseen)
        self.missing.update(judged.encoded.missing)

    def report(self, schema: Schema, ds: DataSet, seconds: float) -> TestReport:
        """Return the report on all chunks together."""
        known = int(self.confusion[:-1].sum())
        return TestReport(
            rows=ds.rows,
            loss=self.loss / known if known else 0.0,
            accuracy=accuracy(self.confusion),
            classes=class_metrics(self.confusion, schema.classes),
            confusion=tuple(tuple(row) for row in self.confusion.tolist()),
            unseen_labels=dict(self.unseen_labels),
            unseen_categories=dict(self.unseen_categories),
            missing=dict(self.missing),
            ignored=schema.ignored(ds.frame),
            seconds=seconds,
        )
