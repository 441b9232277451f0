"""Test a model: predict every row of a labelled data set, and pass each on as a record.

A generator predicts chunk after chunk; `test` only feeds the sink and adds up the totals. Apart
from the frame, and 8 bytes a row to know it by, no more than one chunk is in memory.
"""

# `test` is a name of the trade, not a test of pytest's.
# ruff: noqa: PT028

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, as_letters, is_among
from iris_core.errors import Cancelled
from iris_core.evaluation.baselines import BaselineTotals
from iris_core.evaluation.metrics import accuracy, class_metrics, confusion_matrix, cross_entropy
from iris_core.evaluation.score_histograms import ScoreHistograms, ScoreTotals
from iris_core.model.encoding import Encoded, encode, without_positions
from iris_core.model.models import Model
from iris_core.model.prediction import probabilities
from iris_core.model.schema import Schema
from iris_core.records.baseline import Baseline
from iris_core.records.record import Record
from iris_core.records.run_metrics import ClassMetrics

# Some tens of milliseconds of work: so often is progress reported and a cancellation noticed.
_CHUNK_ROWS = 1_024


@dataclass(frozen=True, slots=True)
class TestReport:
    """The result of a test run.

    Attributes:
        rows: number of rows tested.
        loss: mean cross-entropy in nats, over the rows whose label the model knows; None if there
            are none.
        accuracy: share of all rows that are predicted correctly, 0 to 1; None if the rows have no
            labels.
        classes: metrics of each class, in the model's order; none without labels.
        confusion: a row for each true class and a last one for labels the model never saw, a
            column for each predicted class; both in the model's order.
        unseen_labels: labels that the model never saw, with their number of rows.
        unseen_categories: for each column that has any, how many cells hold a category that the
            model never saw.
        missing: for each column that has any, how many cells are missing.
        ignored: columns that the model does not use.
        seen: number of rows that the model was trained on; None if those are not known.
        unseen_correct: number of correct predictions among the others; None likewise.
        seconds: how long the run took, the sink included.
        baselines: how the model does beside each, on the same rows.
        scores: how the probability of each class is spread.
    """

    rows: int
    loss: float | None
    accuracy: float | None
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    unseen_labels: Mapping[str, int]
    unseen_categories: Mapping[str, int]
    missing: Mapping[str, int]
    ignored: tuple[str, ...]
    seen: int | None
    unseen_correct: int | None
    seconds: float
    baselines: tuple[Baseline, ...] = ()
    scores: ScoreHistograms | None = None


@dataclass(frozen=True, slots=True)
class _PredictedChunk:
    """A chunk of rows, from row `start` of the data set on, with the model's predictions.

    Attributes:
        start: position of the first row in the data set, from 0.
        frame: the rows.
        encoded: the rows as the network takes them.
        probabilities: (rows, classes).
        actual: (rows,) numbers of the true classes, -1 for a label that the model never saw.
        predicted: (rows,) numbers of the predicted classes.
        fingerprints: (rows,) what each row is known by.
    """

    start: int
    frame: pd.DataFrame
    encoded: Encoded
    probabilities: NDArray[np.float32]
    actual: NDArray[np.intp]
    predicted: NDArray[np.intp]
    fingerprints: Fingerprints


def test(
    model: Model,
    ds: DataSet,
    sink: Callable[[Record], object],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TestReport:
    """Predict every row, pass each to `sink` in order, and report on all.

    Args:
        model: the model.
        ds: the labelled rows; columns are matched by name.
        sink: takes one record; what it raises ends the run.
        on_progress: called with the number of rows done and of all rows, after each chunk.
        cancelled: asked before the records of each chunk are passed on.

    Returns:
        The metrics of the run, over all rows.

    Raises:
        SchemaError: the data does not fit the model.
        StoreError: the model's weights are broken.
        Cancelled: `cancelled` returned True; the records of some chunks may be in the sink.
    """
    began = time.perf_counter()
    totals = _RunningTotals(model)
    for chunk in _predict_chunks(model, ds):
        if cancelled is not None and cancelled():
            raise Cancelled(f"The test was cancelled after {chunk.start:,} of {ds.rows:,} rows.")
        for record in _records(model, chunk):
            sink(record)
        totals.add(chunk, ds.label)
        if on_progress is not None:
            on_progress(chunk.start + len(chunk.frame), ds.rows)
    return totals.report(model.card.schema, ds, time.perf_counter() - began)


def _predict_chunks(model: Model, ds: DataSet) -> Iterator[_PredictedChunk]:
    """Yield the rows chunk by chunk, with their predictions.

    Chunks always begin at the same rows: a product of matrices may differ in its last bit with
    the number of its rows, and a run that is resumed must give the same records.
    """
    schema = model.card.schema
    schema.check_label(ds)
    known_by = schema.fingerprints(ds.frame)
    for start in range(0, ds.rows, _CHUNK_ROWS):
        frame = ds.frame.iloc[start : start + _CHUNK_ROWS]
        encoded = encode(schema, frame)
        outputs = probabilities(model, encoded)
        actual = schema.class_indices(frame[schema.label])
        predicted = outputs.argmax(axis=1)
        fingerprints = known_by[start : start + len(frame)]
        yield _PredictedChunk(start, frame, encoded, outputs, actual, predicted, fingerprints)


def _records(model: Model, chunk: _PredictedChunk) -> Iterator[Record]:
    """Yield the records of a chunk."""
    columns = [_plain_values(column) for _, column in chunk.frame.items()]
    # The text of `str(dict)`, without writing every name anew for every record.
    names = (repr(name).replace("%", "%%") for name in chunk.frame.columns)
    template = "{" + ", ".join(f"{name}: %r" for name in names) + "}"
    classes = model.card.schema.classes
    predicted = [classes[number] for number in chunk.predicted.tolist()]
    # The shortest decimal that gives the float32 back: what `str` makes of each.
    confidences = chunk.probabilities.max(axis=1).astype("U").tolist()
    known_by = as_letters(chunk.fingerprints)
    rows = zip(zip(*columns, strict=True), predicted, confidences, known_by, strict=True)
    for row, (values, label, confidence, fingerprint) in enumerate(rows, start=chunk.start):
        yield Record(row, template % values, label, values[0], confidence, fingerprint)


def _plain_values(column: pd.Series) -> list[object]:
    """Return plain Python values, None for a missing one: NumPy's would show in `str(dict)`."""
    values: list[object] = column.tolist()
    if column.hasnans:
        # NaN alone differs from itself.
        return [None if value != value else value for value in values]
    return values


class _RunningTotals:
    """The totals of a run's metrics, over the chunks added so far."""

    def __init__(self, model: Model) -> None:
        classes = len(model.card.schema.classes)
        self.trained_on, self.logistic = model.trained_on, model.logistic
        self.layout = model.card.schema.layout
        self.confusion = np.zeros((classes + 1, classes), dtype=np.int64)
        self.baselines = BaselineTotals(model.card, has_logistic=model.logistic is not None)
        self.scores = ScoreTotals(model.card.schema.classes)
        self.loss = 0.0
        self.unseen_labels: Counter[str] = Counter()
        self.unseen_categories: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.seen: int | None = None
        self.unseen_correct: int | None = None

    def add(self, chunk: _PredictedChunk, label: str) -> None:
        """Add a chunk, of which `label` is the column of the true labels."""
        self.confusion += confusion_matrix(
            chunk.actual, chunk.predicted, classes=self.confusion.shape[1]
        )
        self.loss += cross_entropy(chunk.probabilities, chunk.actual)
        self.scores.add(chunk.probabilities, chunk.actual)
        self.unseen_labels.update(chunk.frame[label][chunk.actual < 0].tolist())
        self.unseen_categories.update(chunk.encoded.unseen)
        self.missing.update(chunk.encoded.missing)
        seen = None
        if self.trained_on is not None:
            seen = is_among(chunk.fingerprints, self.trained_on)
            correct = chunk.actual == chunk.predicted
            self.seen = (self.seen or 0) + int(seen.sum())
            self.unseen_correct = (self.unseen_correct or 0) + int((correct & ~seen).sum())
        logistic = None
        if self.logistic is not None:
            logistic = self.logistic.predict(without_positions(self.layout, chunk.encoded.matrix))
        self.baselines.add(chunk.actual, chunk.predicted, logistic=logistic, seen=seen)

    def report(self, schema: Schema, ds: DataSet, seconds: float) -> TestReport:
        """Return the report on all chunks."""
        rows_with_loss = int(self.confusion[:-1].sum())
        report = TestReport(
            rows=ds.rows,
            loss=self.loss / rows_with_loss if rows_with_loss else None,
            accuracy=accuracy(self.confusion),
            classes=class_metrics(self.confusion, schema.classes),
            confusion=tuple(tuple(row) for row in self.confusion.tolist()),
            unseen_labels=dict(self.unseen_labels),
            unseen_categories=dict(self.unseen_categories),
            missing=dict(self.missing),
            ignored=schema.ignored(ds.frame),
            seen=self.seen,
            unseen_correct=self.unseen_correct,
            seconds=seconds,
            baselines=self.baselines.baselines(),
            scores=self.scores.histograms(),
        )
        if ds.is_labelled:
            return report
        return replace(
            report,
            accuracy=None,
            classes=(),
            confusion=(),
            unseen_labels={},
            unseen_correct=None,
            baselines=(),
            scores=None,
        )
