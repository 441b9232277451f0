"""Encode numbers piecewise linearly: how far into each bin of its column a number is.

A network of few units then bends where the column's values are, however they are distributed. See
Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep learning",
NeurIPS 2022, section 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAX_BIN_INPUTS = 1_024
"""Inputs that the bins of all columns together have, unless that leaves a column less than two."""


def bins_a_column(bins: int, columns: int) -> int:
    """Return how many bins each of so many columns gets, when each is to have `bins`: 0 for none.

    Many columns get fewer each; a table of more than 1,024 gets none.
    """
    if not bins or not 1 <= columns <= MAX_BIN_INPUTS:
        return 0
    return max(2, min(bins, MAX_BIN_INPUTS // columns))


def bin_edges(values: NDArray[np.float64], bins: int) -> tuple[float, ...]:
    """Return where the bins of a column begin and end.

    They lie at the quantiles of the values. Of values that come often several quantiles are the
    same; what is left of the bins goes to the quantiles of the distinct values, so that a column of
    few distinct values has an edge at each.

    Args:
        values: the column's numbers, none missing.
        bins: how many are wanted, 2 or more.

    Returns:
        At most `bins` + 1 finite edges, ascending; none for a constant column.
    """
    distinct = np.unique(values)
    if len(distinct) < 2:
        return ()
    if len(distinct) <= bins + 1:
        return tuple(distinct.tolist())
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))
    if lacking := bins + 1 - len(edges):
        others = np.setdiff1d(distinct, edges)
        ranks = np.linspace(0, len(others) - 1, lacking + 2)[1:-1].round().astype(np.intp)
        edges = np.union1d(edges, others[ranks])
    # Two edges that differ by less than a float can divide by would give no number.
    with np.errstate(over="ignore"):
        divisible = np.isfinite(1 / np.diff(edges))
    return tuple(edges[np.append(True, divisible)].tolist())


def bin_positions(values: NDArray[np.float64], edges: Sequence[float]) -> NDArray[np.float64]:
    """Return (rows,) where each number lies among the edges of its column.

    Args:
        values: (rows,) numbers, none missing.
        edges: of the column, ascending, two or more.

    Returns:
        From 0, at the first edge or below it, to the number of bins, at the last edge or above it;
        2.25 is a quarter into the third bin.
    """
    return np.interp(values, edges, np.arange(len(edges), dtype=np.float64))


def bin_means(values: NDArray[np.float64], edges: Sequence[float]) -> tuple[float, ...]:
    """Return the mean of each bin's input over the numbers of a column, 0 to 1."""
    positions = bin_positions(values, edges)
    return tuple(float(np.clip(positions - start, 0, 1).mean()) for start in range(len(edges) - 1))
