"""How the columns of numbers go together: Pearson's correlation of each two.

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
# Of a pair whose spread is that far below its distance from the column's mean, the sums have lost
# half their digits: it is computed anew from its own means.
_LOSSY = 1e-8


@dataclass(frozen=True, eq=False)
class Correlations:
    """The correlation of each two columns.

    Attributes:
        columns: names of the columns of numbers, in order.
        values: (columns, columns), symmetric, -1 to 1; NaN where there is none, because one of
            the two does not vary in the rows that have both, or fewer than two rows have.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]


def correlations(ds: DataSet) -> Correlations:
    """Return Pearson's correlation of each two columns of numbers; the label is none of them."""
    categorical = set(ds.categorical)
    names = tuple(name for name in ds.features if name not in categorical)
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
    """Return a column's mean, and the largest distance from it: 0 of a constant, or of nothing."""
    known = column[~np.isnan(column)] if _has_gaps(column) else column
    if not len(known):
        return 0.0, 0.0
    low, high = float(known.min()), float(known.max())
    if low == high:
        return low, 0.0
    mean = float(known.mean())
    return mean, max(high - mean, mean - low)


def _has_gaps(column: _Column) -> bool:
    """Tell whether a number is missing: then the smallest one is NaN."""
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
    """Return the correlations of columns, each two over the rows in which neither is missing."""
    count, total, square, product = _summed(columns, scales, _known_sums, rest=np.nan)
    spread = count * square - total * total
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.asarray((count * product - total * total.T) / np.sqrt(spread * spread.T))
    lossy = (square > 0) & (spread <= _LOSSY * count * square)
    for first, second in np.argwhere(np.triu(lossy | lossy.T)):
        result[first, second] = result[second, first] = _pair(columns[first], columns[second])
    return result


def _known_sums(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (4, columns, columns) of a block, in the rows that have both of two columns.

    Of columns i and j: the rows, the sum of i, that of its squares, and that of the products.
    """
    known = (~np.isnan(block)).astype(np.float64)
    block[known == 0] = 0
    return np.stack(
        [
            _product(known, known),
            _product(block, known),
            _product(block * block, known),
            _product(block, block),
        ]
    )


def _pair(first: _Column, second: _Column) -> float:
    """Return the correlation of two columns in two passes."""
    both = ~(np.isnan(first) | np.isnan(second))
    (one, span), (other, other_span) = _centred(first[both]), _centred(second[both])
    if not span or not other_span:
        return float("nan")
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))


def _centred(column: _Column) -> tuple[NDArray[np.float64], float]:
    """Return a column less its mean in units of its largest distance, and that distance."""
    mean, span = _scale(column)
    return (column.astype(np.float64) - mean) / (span or 1.0), span
