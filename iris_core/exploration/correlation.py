"""Pearson's correlation of each pair of numeric columns.

Pearson, "Notes on regression and inheritance in the case of two parents", 1895: the covariance of
two columns over the product of their standard deviations. Rows in which either number is missing
are left out of that pair alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet

# Blocks of about this many cells stay in a core's cache while they are multiplied.
_BLOCK_CELLS = 500_000
# OpenBLAS takes all cores for a product of more multiplications than that (4 * 65,536), and then
# waits for the slowest of them: on a busy machine that takes ten times as long as one core does.
_SMALL_PRODUCT = 200_000
# Where the spread of a pair is that far below its distance from the column's mean, the sums have
# lost half their digits: the pair is computed again in two passes, from its own means.
_LOSSY = 1e-8


@dataclass(frozen=True, eq=False)
class Correlations:
    """The correlation of each pair of columns.

    Attributes:
        columns: names of the columns of numbers, in order.
        values: (columns, columns), symmetric, -1 to 1; NaN where there is none, because one of
            the pair does not vary in the rows that have both, or fewer than two rows have both.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]


def correlations(ds: DataSet) -> Correlations:
    """Return Pearson's correlation of each pair of numeric columns; the label is not one."""
    names = ds.numeric
    columns = [ds.frame[name].to_numpy() for name in names]
    if not columns:
        return Correlations(names, np.empty((0, 0)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scales = list(pool.map(_scale, columns))
    compute = _with_gaps if any(map(_has_gaps, columns)) else _without_gaps
    values = compute(columns, scales)
    flat = np.array([span == 0 for _, span in scales])
    values[flat, :] = values[:, flat] = np.nan
    return Correlations(names, np.clip(values, -1, 1))


_Column = NDArray[np.int64 | np.float64]
_Scale = tuple[float, float]


def _scale(column: _Column) -> _Scale:
    """Return a column's mean and the largest distance from it, 0 if it is constant or empty."""
    numbers = column[~np.isnan(column)] if _has_gaps(column) else column
    if not len(numbers):
        return 0.0, 0.0
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        return low, 0.0
    mean = float(numbers.mean())
    return mean, max(high - mean, mean - low)


def _has_gaps(column: _Column) -> bool:
    """Return whether a number is missing."""
    # The smallest of numbers and NaN is NaN.
    return column.dtype.kind == "f" and len(column) > 0 and bool(np.isnan(column.min()))


def _summed(
    columns: list[_Column],
    scales: list[_Scale],
    sums: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    rest: float,
) -> NDArray[np.float64]:
    """Return the total of `sums` over the rows in blocks, every core a block at a time.

    Each column of a block is less its mean, in units of its largest distance. A block is (parts,
    columns, rows of a part); behind the last row it is filled with `rest`.
    """
    width, rows = len(columns), len(columns[0])
    part = max(16, _SMALL_PRODUCT // width**2)
    step = part * max(1, min(_BLOCK_CELLS // (part * width), -(-rows // part)))

    def block_sums(start: int) -> NDArray[np.float64]:
        block = np.full((width, step), rest)
        for row, column, (mean, span) in zip(block, columns, scales, strict=True):
            some = column[start : start + step]
            deviations = np.subtract(some, mean, out=row[: len(some)])
            deviations /= span or 1.0
        return sums(block.reshape(width, -1, part).swapaxes(0, 1))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # In the order of the rows, so that the total is the same every time.
        parts = list(pool.map(block_sums, range(0, max(rows, 1), step)))
    return np.asarray(np.sum(parts, axis=0))


def _product(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (columns, columns), the sums over all rows of two blocks."""
    return np.asarray((first @ second.swapaxes(1, 2)).sum(axis=0))


def _without_gaps(columns: list[_Column], scales: list[_Scale]) -> NDArray[np.float64]:
    """Return the correlations of columns without a missing number."""
    products = _summed(columns, scales, lambda block: _product(block, block), rest=0.0)
    norms = np.sqrt(np.diagonal(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(products / np.outer(norms, norms))


def _with_gaps(columns: list[_Column], scales: list[_Scale]) -> NDArray[np.float64]:
    """Return the correlations of columns, each pair over the rows in which neither is missing."""
    count, total, square, product = _summed(columns, scales, _pairwise_sums, rest=np.nan)
    spread = count * square - total * total
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.asarray((count * product - total * total.T) / np.sqrt(spread * spread.T))
    lossy = (square > 0) & (spread <= _LOSSY * count * square)
    for first, second in np.argwhere(np.triu(lossy | lossy.T)):
        result[first, second] = result[second, first] = _pair(columns[first], columns[second])
    return result


def _pairwise_sums(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (4, columns, columns) sums of a block, over the rows that have both of a pair.

    Of columns i and j: the number of rows, the sums of i, of its squares and of the products.
    """
    present = (~np.isnan(block)).astype(np.float64)
    block[present == 0] = 0
    return np.stack(
        [
            _product(present, present),
            _product(block, present),
            _product(block * block, present),
            _product(block, block),
        ]
    )


def _pair(first: _Column, second: _Column) -> float:
    """Return the correlation of two columns, computed in two passes."""
    both = ~(np.isnan(first) | np.isnan(second))
    (one, span), (other, other_span) = _centred(first[both]), _centred(second[both])
    if not span or not other_span:
        return float("nan")
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))


def _centred(column: _Column) -> tuple[NDArray[np.float64], float]:
    """Return a column less its mean in units of its largest distance, and that distance."""
    mean, span = _scale(column)
    return (column.astype(np.float64) - mean) / (span or 1.0), span
