"""The paired bootstrap: rows are drawn with replacement within each true class, for both models.

Efron and Tibshirani, "An introduction to the bootstrap", 1993: chapter 8 on drawing within strata,
section 13.3 on the percentile interval. A resample gives each row a weight, how often it was drawn,
and what is computed from it are sums of weighted rows: one product of matrices for all resamples.

Up to `MAX_UNITS` rows what is drawn is a row. Of more, those of a class are dealt at random into
equal groups, and whole groups are drawn. A group's mean varies as that of so many rows does, so the
resampled sums keep their variance, and drawing takes no longer for more rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
MAX_UNITS = 10_000
"""Rows that are drawn one by one; of more, groups are made."""
_LEAST_UNITS = 40
"""Groups of a class, if it has so many rows, however many classes there are."""
_RESAMPLES_AT_ONCE, _WEIGHTS_AT_ONCE = 50, 50_000
"""So many fit into a processor's cache."""
_PRODUCTS_AT_ONCE = 250_000
"""OpenBLAS computes so many in the thread that asks. More it hands to several threads, which on a
busy machine wait for each other: seconds instead of tenths of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What is drawn: a row, or a group of rows of one class.

    Attributes:
        of_row: (rows,) number of each row's unit; those of a class are in one block.
        sizes: number of units of each class that has rows, in the order of the blocks.
    """

    of_row: NDArray[np.intp]
    sizes: tuple[int, ...]

    def sums(
        self, columns: NDArray[np.intp], values: NDArray[np.float64], *, width: int
    ) -> NDArray[np.float64]:
        """Return (units, width): the rows' values, added up by unit and column.

        Args:
            columns: (rows,) the column to which each row's value is added, 0 to `width` - 1.
            values: (rows,).
            width: number of columns.
        """
        count = sum(self.sizes)
        flat = np.bincount(self.of_row * width + columns, values, minlength=count * width)
        # Of no rows NumPy counts whole numbers.
        return flat.astype(np.float64).reshape(count, width)


def deal_units(
    classes: NDArray[np.intp], keys: Sequence[NDArray[np.generic]], *, seed: int
) -> Units:
    """Deal rows into units; the order in which the rows come makes no difference.

    Args:
        classes: (rows,) numbers of the true classes.
        keys: (rows,) each; rows that are equal in all of them are interchangeable.
        seed: of the random numbers.
    """
    generator = np.random.default_rng(seed)
    ordered = np.lexsort((*keys, classes))
    counts = np.unique(classes, return_counts=True)[1].tolist()
    most = len(classes)
    if most > MAX_UNITS:
        most = max(_LEAST_UNITS, MAX_UNITS // len(counts))
    of_row = np.empty(len(classes), dtype=np.intp)
    sizes: list[int] = []
    start = 0
    for rows in counts:
        size = min(rows, most)
        dealt = generator.permutation(rows) % size
        of_row[ordered[start : start + rows]] = dealt + sum(sizes)
        sizes.append(size)
        start += rows
    return Units(of_row, tuple(sizes))


def resampled_sums(
    sizes: Sequence[int], tables: Sequence[NDArray[np.float64]], *, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Yield for each class the sums of its units in each resample of each table.

    The same weights are applied to all tables.

    Args:
        sizes: number of units of each class, in the order of their blocks.
        tables: (units, columns) each, of equal shape.
        seed: of the random numbers.

    Yields:
        (tables * resamples, columns).
    """
    # Other random numbers than those that dealt the units.
    generator = np.random.default_rng((seed, 1))
    start = 0
    for size in sizes:
        blocks = [table[start : start + size] for table in tables]
        parts: list[list[NDArray[np.float64]]] = [[] for _ in tables]
        for weights in _weights(size, generator):
            for part, block in zip(parts, blocks, strict=True):
                part.append(_product(weights, block))
        yield np.concatenate([entry for part in parts for entry in part])
        start += size


def _weights(size: int, generator: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield how often each of some units is drawn, for all resamples a few at a time."""
    at_once = min(_RESAMPLES_AT_ONCE, max(1, _WEIGHTS_AT_ONCE // size))
    for first in range(0, RESAMPLES, at_once):
        resamples = min(at_once, RESAMPLES - first)
        drawn = generator.integers(size, size=(resamples, size))
        drawn += np.arange(resamples)[:, None] * size
        counts = np.bincount(drawn.ravel(), minlength=resamples * size)
        yield counts.reshape(resamples, size).astype(np.float64)


def _product(weights: NDArray[np.float64], block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product of two matrices, summed in steps that one thread computes."""
    step = max(1, _PRODUCTS_AT_ONCE // (len(weights) * block.shape[1]))
    product = np.zeros((len(weights), block.shape[1]))
    for first in range(0, len(block), step):
        product += weights[:, first : first + step] @ block[first : first + step]
    return product
