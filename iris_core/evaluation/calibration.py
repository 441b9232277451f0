"""Measure calibration: whether predictions are correct as often as their probabilities say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_whole
from iris_core.records.calibration import Calibration

BINS = 10


def calibration(
    probability: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = BINS
) -> Calibration:
    """Compare the probabilities of predictions with how many of these are correct.

    The bins are those of Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural
    networks", 2017: ((k - 1)/bins, k/bins], of the predicted class's probability.

    Args:
        probability: (rows,) of the predicted class, 0 to 1; NaN where there is none.
        correct: (rows,) whether that class is the true one.
        bins: number of bins of equal width, 1 to 100.

    Raises:
        OptionError: `bins` is out of its range.
    """
    check_whole("bins", bins, low=1, high=100)
    valid = ~np.isnan(probability)
    confidence, hits = probability[valid], correct[valid]
    bin_of_row = bin_numbers(confidence, bins=bins)
    rows = np.bincount(bin_of_row, minlength=bins)
    sums = np.bincount(bin_of_row, confidence, minlength=bins)
    hits_of_bin = np.bincount(bin_of_row, hits, minlength=bins)
    means = sums / np.maximum(rows, 1)
    counts = zip(rows.tolist(), means.tolist(), map(int, hits_of_bin.tolist()), strict=True)
    return Calibration.from_counts(list(counts), invalid=len(probability) - len(confidence))


def bin_numbers(probability: NDArray[np.float64], *, bins: int = BINS) -> NDArray[np.intp]:
    """Return (rows,) the bin of each probability, from 0.

    Args:
        probability: (rows,) 0 to 1.
        bins: number of bins of equal width.
    """
    edges = np.arange(bins + 1) / bins
    return np.maximum(np.searchsorted(edges, probability, side="left") - 1, 0)
