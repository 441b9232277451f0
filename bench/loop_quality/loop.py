"""One turn of the loop: test, candidates, true review, correct, retrain; and the earlier way.

All that the experiments know of the project's own code is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from aws.retrain_rule import is_candidate
from bench.samples import THRESHOLD
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE, EvaluationSplit
from iris_core.data.extending import extend
from iris_core.data.feature_text import read_features
from iris_core.data.fingerprints import as_letters
from iris_core.data.splitting import split
from iris_core.evaluation.testing import test
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train, train_further
from iris_core.records.record import Record
from iris_core.records.verdict import RowVerdict

PATIENCE = 10
_AT = "2026-11-01T00:00:00.000Z"

Truth = Mapping[str, str]
"""The true label of each row, by the letters of its fingerprint."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A project's data, divided by its frozen split.

    Attributes:
        split: decides which rows evaluate.
        training: the other rows.
        evaluation: the rows that no training sees.
    """

    split: EvaluationSplit
    training: DataSet
    evaluation: DataSet


def project_parts(ds: DataSet, *, seed: int) -> Parts:
    """Divide data for a repeat: its evaluation set is brought, other rows for each seed."""
    frozen = EvaluationSplit.by(split(ds, test_share=SHARE, seed=seed)[1])
    return Parts(frozen, *frozen.divide(ds))


def fresh(ds: DataSet, *, seed: int) -> Model:
    """Train a new model of default size, stopped early."""
    return train(ds, ModelSpec(), options=TrainOptions(patience=PATIENCE, seed=seed))


def tested(model: Model, ds: DataSet) -> list[Record]:
    """Test a model, and return the records in test order."""
    records: list[Record] = []
    test(model, ds, records.append)
    return records


def correct_rows(model: Model, ds: DataSet) -> NDArray[np.bool_]:
    """Return (rows,) whether each is predicted correctly."""
    return np.array([not record.is_wrong for record in tested(model, ds)], dtype=np.bool_)


def accuracy(model: Model, ds: DataSet) -> float:
    """Return the share of the rows that are predicted correctly, 0 to 1."""
    return float(correct_rows(model, ds).mean())


def candidates(records: Sequence[Record]) -> list[Record]:
    """Return the records for which the retrain rule gives a reason, in test order."""
    threshold = Decimal(THRESHOLD)
    return [
        record
        for record in records
        if is_candidate(record.class_string, record.actual_string, record.prob_string, threshold)
    ]


def candidates_first(records: Sequence[Record]) -> list[Record]:
    """Return all records: the candidates in test order, then the others in test order."""
    chosen = candidates(records)
    rows = {record.row for record in chosen}
    return [*chosen, *(record for record in records if record.row not in rows)]


def truth_of(*datasets: DataSet) -> Truth:
    """Return what a true review knows: the labels of clean data."""
    return {
        row: label
        for ds in datasets
        for row, label in zip(as_letters(ds.fingerprints), ds.frame[ds.label], strict=True)
    }


def review(records: Sequence[Record], truth: Truth) -> list[RowVerdict]:
    """Review records as somebody who knows the true label of each; copies of a row once."""
    verdicts = {}
    for record in records:
        given, label = record.actual_string, truth[record.fingerprint]
        verdicts[record.fingerprint] = RowVerdict(
            fingerprint=record.fingerprint,
            given=given,
            decision="right" if given == label else "relabel",
            label=label,
            at=_AT,
        )
    return list(verdicts.values())


def append(base: DataSet, records: Sequence[Record], truth: Truth) -> DataSet:
    """Return data the earlier way: reviewed records behind it, whether it has them or not."""
    rows = [
        {**read_features(record.feature_string), base.label: truth[record.fingerprint]}
        for record in records
    ]
    return extend(base, base.name, rows) if rows else base


def further(model: Model, ds: DataSet, *, seed: int) -> Model:
    """Train a model further, the earlier way: to the last epoch."""
    return train_further(model, ds, options=TrainOptions(seed=seed))
