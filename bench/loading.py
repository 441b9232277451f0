"""Loading and profiling a CSV of 1,000 to 1,000,000 rows, compared with `pandas.read_csv`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pandas as pd

from bench.measurement import Measurement
from bench.samples import long_dataset
from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.exploration.profiling import profile

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 7
LIMIT = (
    "4 to 8 ms go to what is done once a file and once a column, whatever the rows; "
    "performance.md has the profile"
)


def loading() -> Iterator[Measurement]:
    """Load, check and profile a CSV; pandas only reads it."""
    seconds: dict[int, float] = {}
    for rows in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.csv"
            path.write_bytes(to_csv(long_dataset(rows)))
            rounds = [_measure(path) for _ in range(ROUNDS + 1)][1:]
        seconds[rows] = median(ours for ours, _ in rounds)
        yield Measurement.of(
            f"load and profile {rows:,} rows, of pandas.read_csv",
            [ours / pandas for ours, pandas in rounds],
            1.5,
            "times",
            remark=f"{1000 * seconds[rows]:,.0f} ms and "
            f"{1000 * median(pandas for _, pandas in rounds):,.0f} ms",
            limit=LIMIT,
        )
    few, many = SIZES[-2:]
    yield Measurement(
        f"load and profile {many:,} rows, seconds a row of those of {few:,}",
        seconds[many] / many / (seconds[few] / few),
        1.2,
        "times",
    )


def _measure(path: Path) -> tuple[float, float]:
    """Return our seconds, and those of pandas."""
    began = time.perf_counter()
    profile(read_csv(path))
    ours = time.perf_counter() - began
    began = time.perf_counter()
    pd.read_csv(path)
    return ours, time.perf_counter() - began
