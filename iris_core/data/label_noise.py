"""Add label noise: give some rows a wrong label, to see whether the quality loop finds them.

The lab's handout calls this a hack, and so does the command line.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from iris_core.checks import check_seed, check_whole
from iris_core.data.datasets import DataSet


def add_label_noise(ds: DataSet, *, rows: int, seed: int) -> tuple[DataSet, tuple[int, ...]]:
    """Change the labels of randomly chosen rows, each to another of the data set's classes.

    Args:
        ds: the data set, of two classes or more; it stays as it is.
        rows: number of labels to change, 0 to all.
        seed: the same seed gives the same changes.

    Returns:
        The changed data set, and the positions of the changed rows, from 0, ascending.

    Raises:
        OptionError: `rows` or `seed` is out of its range.
        DataError: there is no other class to change a label to.
    """
    check_whole("rows", rows, low=0, high=ds.rows)
    check_seed(seed)
    ds.check_classes()
    rng = np.random.default_rng(seed)
    positions = np.sort(rng.choice(ds.rows, size=rows, replace=False))
    codes = pd.Index(ds.classes).get_indexer(pd.Index(ds.frame[ds.label]))
    # A step of 1 to k-1 around the circle of the k classes always ends on another class.
    codes[positions] += rng.integers(1, len(ds.classes), size=rows)
    labels = pd.Series(ds.classes, dtype="str").take(codes % len(ds.classes))
    frame = ds.frame.copy()
    frame[ds.label] = labels.set_axis(frame.index)
    return ds.with_rows(f"{ds.name}-noisy", frame), tuple(positions.tolist())
