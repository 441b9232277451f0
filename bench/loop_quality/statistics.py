"""The share of a loss that is regained, over repeats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_RESAMPLES = 2_000


def share_regained(lost: Sequence[float], regained: Sequence[float]) -> float:
    """Return the mean that is regained, of the mean that was lost; NaN if nothing was.

    A ratio of means: those of single repeats are of no use where a repeat lost next to nothing.

    Args:
        lost: by repeat.
        regained: by repeat, in the same order.
    """
    total = float(np.sum(lost))
    return float(np.sum(regained)) / total if total > 0 else float("nan")


def share_interval(lost: Sequence[float], regained: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of `share_regained`, by a bootstrap over the repeats; seeded."""
    drawn = np.random.default_rng(0).integers(len(lost), size=(_RESAMPLES, len(lost)))
    losses, gains = np.asarray(lost)[drawn].sum(axis=1), np.asarray(regained)[drawn].sum(axis=1)
    shares = gains[losses > 0] / losses[losses > 0]
    if not len(shares):
        return float("nan"), float("nan")
    low, high = np.quantile(shares, (0.025, 0.975)).tolist()
    return low, high
