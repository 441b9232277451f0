"""Split a data set in two, each class in the same proportion."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iris_core.checks import check_number, check_seed
from iris_core.data.datasets import DataSet


def split(ds: DataSet, *, test_share: float = 0.2, seed: int = 0) -> tuple[DataSet, DataSet]:
    """Split a data set into one to train on and one to test on.

    The split is stratified: each class has that share of its rows, rounded, in the second; a class
    of two rows or more has a row on each side, and a class of one row is trained on. Rows keep
    their order.

    Args:
        ds: the data set.
        test_share: share of the rows that the second gets, 0.01 to 0.99.
        seed: the same seed gives the same split.

    Returns:
        The data set to train on, and the one to test on.

    Raises:
        OptionError: `test_share` or `seed` is out of its range.
    """
    check_number("test_share", test_share, low=0.01, high=0.99)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    codes, classes = pd.factorize(ds.frame[ds.label], sort=True)
    in_test = np.zeros(ds.rows, dtype=bool)
    for code in range(len(classes)):
        rows = np.flatnonzero(codes == code)
        count = min(max(round(len(rows) * test_share), 1), len(rows) - 1)
        in_test[rng.choice(rows, size=count, replace=False)] = True
    return (
        ds.with_rows(f"{ds.name}-train", ds.frame[~in_test]),
        ds.with_rows(f"{ds.name}-test", ds.frame[in_test]),
    )
