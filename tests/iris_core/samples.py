"""Small data sets for the tests of iris_core."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iris_core.data.datasets import DataSet


def data_set(frame: pd.DataFrame, *, name: str = "sample") -> DataSet:
    """Return a frame as a data set; its first column is the label."""
    return DataSet(name, str(frame.columns[0]), frame)


def flowers(rows: int = 90, *, seed: int = 0) -> DataSet:
    """Return three well-separated classes, by numbers, a code and a category."""
    rng = np.random.default_rng(seed)
    kind = np.arange(rows) % 3
    frame = pd.DataFrame(
        {
            "species": pd.Series(
                np.array(["setosa", "versicolor", "virginica"])[kind], dtype="str"
            ),
            "length": (kind * 2 + rng.normal(0, 0.3, rows)).round(3),
            "width": (5 - kind + rng.normal(0, 0.3, rows)).round(3),
            "soil": rng.integers(0, 3, rows),
            "colour": pd.Series(np.array(["blue", "red", "NA"])[kind], dtype="str"),
        }
    )
    return data_set(frame, name="flowers")
