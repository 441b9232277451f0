"""Split a data set in two, each class in the same proportion."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iris_core.checks import check_number, check_seed
from iris_core.data.datasets import DataSet
from iris_core.data.group_dealing import Chosen, ClassCounts, deal_both_sides, too_few_groups
from iris_core.data.row_groups import RowGroups


def split(ds: DataSet, *, test_share: float = 0.2, seed: int = 0) -> tuple[DataSet, DataSet]:
    """Split a data set into one to train on and one to test on.

    The split is stratified: each class has that share of its rows, rounded, in the second; a class
    of two rows or more has a row on each side, and a class of one row is trained on. Rows keep
    their order. With a group column whole components of rows are dealt out, as `deal_both_sides`
    says.

    Args:
        ds: the data set.
        test_share: share of the rows that the second gets, 0.01 to 0.99.
        seed: the same seed gives the same split.

    Returns:
        The data set to train on, and the one to test on.

    Raises:
        OptionError: `test_share` or `seed` is out of its range.
        DataError: the groups are too few for two sides.
    """
    check_number("test_share", test_share, low=0.01, high=0.99)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    in_test = (
        _rows_by_class(ds, test_share, rng)
        if ds.group is None
        else _groups_by_class(ds, test_share, rng)
    )
    return (
        ds.with_rows(f"{ds.name}-train", ds.frame[~in_test]),
        ds.with_rows(f"{ds.name}-test", ds.frame[in_test]),
    )


def _rows_by_class(ds: DataSet, test_share: float, rng: np.random.Generator) -> Chosen:
    """Return (rows,) which are tested on."""
    codes, classes = pd.factorize(ds.frame[ds.label], sort=True)
    in_test = np.zeros(ds.rows, dtype=bool)
    for code in range(len(classes)):
        rows = np.flatnonzero(codes == code)
        count = min(max(round(len(rows) * test_share), 1), len(rows) - 1)
        in_test[rng.choice(rows, size=count, replace=False)] = True
    return in_test


def _groups_by_class(ds: DataSet, test_share: float, rng: np.random.Generator) -> Chosen:
    """Return (rows,) which are tested on, whole components of them."""
    found = RowGroups.of(ds)
    counts = ClassCounts.of(found.row_components, ds.class_indices, len(found.keys))
    chosen = deal_both_sides(counts, test_share, rng.random(len(found.keys)))
    if not chosen.any():
        raise too_few_groups(ds)
    return chosen[found.row_components]
