"""Draw a stratified sample of the rows, the same every time, for charts that show single rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.checks import check_seed, check_whole
from iris_core.data.datasets import DataSet

MAX_SAMPLE = 1_000_000


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample of a data set's rows.

    Attributes:
        frame: the rows, all columns, indexed by their position in the data set.
        total_rows: number of rows of the data set.
    """

    frame: pd.DataFrame
    total_rows: int


def sample_rows(ds: DataSet, limit: int, *, seed: int = 0) -> Sample:
    """Return a stratified random sample of at most `limit` rows, in their order.

    Each class has its share of the rows, rounded by largest remainders, and one row at least if
    `limit` is not below the number of classes. The same data, limit and seed give the same rows.

    Args:
        ds: the data set.
        limit: 1 to 1,000,000.
        seed: of the draw.

    Raises:
        OptionError: `limit` or `seed` is out of its range.
    """
    check_whole("limit", limit, low=1, high=MAX_SAMPLE)
    check_seed(seed)
    if ds.rows <= limit:
        return Sample(ds.frame, ds.rows)
    counts = np.bincount(ds.class_indices)
    base = 1 if len(counts) <= limit else 0
    quotas = base + _shares(counts - base, limit - base * len(counts))
    # Sorting numbers of two bytes takes NumPy no more than counting them.
    small = np.uint16 if len(counts) < 2**16 else np.intp
    by_class = np.argsort(ds.class_indices.astype(small), kind="stable")
    starts = np.cumsum(counts) - counts
    generator = np.random.default_rng(seed)
    positions = [
        by_class[start + generator.choice(count, quota, replace=False, shuffle=False)]
        for start, count, quota in zip(starts, counts, quotas, strict=True)
        if quota
    ]
    return Sample(ds.frame.iloc[np.sort(np.concatenate(positions))], ds.rows)


def _shares(weights: NDArray[np.intp], total: int) -> NDArray[np.intp]:
    """Split `total` by `weights`, (n,), into integers: the largest remainders are rounded up.

    No share exceeds its weight, if `total` does not exceed the weights' sum.
    """
    weight_sum = max(1, int(weights.sum()))
    # In integers, so that no rounding can make a share too large.
    shares, remainders = np.divmod(weights * total, weight_sum)
    shares[np.argsort(-remainders, kind="stable")[: total - int(shares.sum())]] += 1
    return shares
