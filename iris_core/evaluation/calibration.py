"""Calibration: is a model right as often as it says?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_whole
from iris_core.records.calibration import Calibration

BINS = 10


def calibration(
    probability: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = BINS
) -> Calibration:
    """Compare what a model says with how often it is right.

    The bins are those of Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural
    networks", 2017: ((k - 1)/bins, k/bins], of the predicted class's probability.

    Args:
        probability: (rows,) of the predicted class, 0 to 1; NaN where there is none.
        correct: (rows,) whether that class is the actual one.
        bins: 1 to 100.

    Raises:
        OptionError: `bins` is out of its range.
    """
    check_whole("bins", bins, low=1, high=100)
    known = ~np.isnan(probability)
    shares, hits = probability[known], correct[known]
    edges = np.arange(bins + 1) / bins
    places = np.maximum(np.searchsorted(edges, shares, side="left") - 1, 0)
    rows = np.bincount(places, minlength=bins)
    sums = np.bincount(places, shares, minlength=bins)
    found = np.bincount(places, hits, minlength=bins)
    means = sums / np.maximum(rows, 1)
    counts = zip(rows.tolist(), means.tolist(), map(int, found.tolist()), strict=True)
    return Calibration.from_counts(list(counts), invalid=len(probability) - len(shares))
