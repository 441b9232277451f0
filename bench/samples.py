"""Input of the measurements: data sets, and records like those of a test."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from app.services.data.datasets import DEFAULT_DATA
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.records.record import Record

_JITTER = 0.05
THRESHOLD = "0.9"


def long_dataset(rows: int) -> DataSet:
    """Return the default data, repeated to so many rows with seeded jitter."""
    rng = np.random.default_rng(0)
    default = read_csv(DEFAULT_DATA)
    frame = default.frame.iloc[np.arange(rows) % default.rows].reset_index(drop=True)
    for name, column in default.frame.items():
        if column.dtype == "float64":
            noise = rng.normal(0, _JITTER * column.std(), rows)
            frame[name] = (frame[name] + noise).round(4)
    return default.with_rows(f"{rows:,} rows", frame)


def wide_dataset(rows: int, columns: int) -> DataSet:
    """Return rows of standard normal numbers, whose label is a product and a sum of some of them.

    One in ten labels is drawn, so that no network can learn all.
    """
    rng = np.random.default_rng(0)
    values = rng.normal(size=(rows, columns)).round(4)
    score = values[:, 0] * values[:, 1] + values[:, 2:5].sum(axis=1)
    drawn = np.where(rng.random(rows) < 0.1, rng.normal(size=rows), score)
    frame = pd.DataFrame(values, columns=[f"x{number}" for number in range(columns)])
    frame.insert(0, "label", np.where(drawn > 0, "yes", "no"))
    return DataSet(f"{rows:,} x {columns}", "label", frame)


def score_records(rows: int, *, candidates: float = 0.05) -> Iterator[Record]:
    """Make records of the default data.

    Args:
        rows: how many.
        candidates: share of them that is misclassified, 0 to 1, evenly spread.
    """
    dataset = read_csv(DEFAULT_DATA)
    lines = dataset.frame.to_dict("records")
    other = dict(zip(dataset.classes, (*dataset.classes[1:], dataset.classes[0]), strict=True))
    for row in range(rows):
        fields = lines[row % len(lines)]
        actual = str(fields[dataset.label])
        is_wrong = int((row + 1) * candidates) > int(row * candidates)
        predicted = other[actual] if is_wrong else actual
        yield Record(row, str(fields), predicted, actual, "0.98765427")


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write records as a file that every script can read: the strings that `post_score` takes."""
    plain = [
        (record.feature_string, record.class_string, record.actual_string, record.prob_string)
        for record in records
    ]
    path.write_text(json.dumps(plain), "utf-8")


def read_records(path: Path) -> list[Record]:
    """Read what `write_records` wrote."""
    return [Record(row, *texts) for row, texts in enumerate(json.loads(path.read_text("utf-8")))]
