"""A million rows on the Data page: loaded, looked at in every way, and sent to the browser.

Ours and pandas alone take turns in one process, five times each: the machine's moods hit both.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd
import streamlit as st

from app.services.datasets import DEFAULT_DATA
from app.ui.figures import data as figures
from app.ui.figures.picture import Picture
from app.ui.pages.data import exploration
from bench.measurement import Measurement
from bench.samples import long_dataset
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.storage.store import DataSetStore

ROWS = 1_000_000
TURNS = 5
MEGABYTE = 1_000_000
LIMIT = (
    "pandas keeps both cores busy while it reads, and we read with it; what is left of the goal is "
    "less processor time than the exact profile (each column sorted) and the id (each column "
    "hashed) take"
)
"""Why the views are where they are (docs/performance.md)."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """Seconds of one turn, and the bytes of its largest figure."""

    alone: float
    load: float
    views: float
    largest: int

    @property
    def ratio(self) -> float:
        """Ours beside what pandas took just before."""
        return (self.load + self.views) / self.alone


def data_views() -> Iterator[Measurement]:
    """A CSV of 1,000,000 rows and 21 columns beside `pandas.read_csv`; the largest figure."""
    with tempfile.TemporaryDirectory() as folder:
        home, default = Path(folder), read_csv(DEFAULT_DATA)
        dataset_id = _fill_store(home)
        turns = [_turn(home, dataset_id, default) for _ in range(TURNS)]
    load, views, alone = (
        median(getattr(turn, part) for turn in turns) for part in ("load", "views", "alone")
    )
    yield Measurement(
        "a million rows: loaded and all views, of pandas.read_csv",
        median(turn.ratio for turn in turns),
        2,
        "times",
        f"load {load:.2f} s, views {views:.2f} s, pandas {alone:.2f} s",
        limit=LIMIT,
    )
    largest = max(turn.largest for turn in turns)
    yield Measurement("largest chart of a million rows", largest / MEGABYTE, 2, "MB")


def _turn(home: Path, dataset_id: str, default: DataSet) -> _Turn:
    """Measure pandas, then ours with a store and views that remember nothing."""
    began = time.perf_counter()
    pd.read_csv(home / "datasets" / dataset_id / "data.csv")
    alone = time.perf_counter() - began
    st.cache_data.clear()
    began = time.perf_counter()
    dataset = DataSetStore(home).load(dataset_id)
    load = time.perf_counter() - began
    began = time.perf_counter()
    sizes = [len(picture.figure.to_json()) for picture in _all_views(dataset, default)]
    return _Turn(alone, load, time.perf_counter() - began, max(sizes))


def _fill_store(home: Path) -> str:
    """Keep a long data set, and return its id."""
    return DataSetStore(home).add(long_dataset(ROWS)).id


def _all_views(dataset: DataSet, other: DataSet) -> list[Picture]:
    """All that the Data page can show of a data set, with what it shows first in each view."""
    exploration.search(dataset, "")
    exploration.profile(dataset)
    first, second, *_ = exploration.ranked_features(dataset)
    compared = exploration.comparison(other, dataset)
    return [
        figures.histogram(exploration.spread(dataset, first)),
        figures.scatter(exploration.points(dataset, first, second)),
        figures.correlation_map(exploration.correlations(dataset)),
        figures.class_balance(exploration.classes(dataset)),
        figures.drifts(compared),
        figures.drifted_column(figures.by_drift(compared)[0], other.name, dataset.name),
    ]
