"""The four figures of a classifier on a table, and how two classifiers compare over all tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from iris_core.evaluation.calibration import calibration

SMALLEST = 1e-7
"""Below it a probability counts as this one, for everybody: one certain error is not infinite."""
TIE = 0.001
"""Accuracies that differ by no more are a tie."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of a classifier on the rows tested.

    Attributes:
        accuracy: share of the rows that are predicted correctly, 0 to 1.
        balanced: mean over the classes of the share of their rows that is, 0 to 1.
        loss: mean cross-entropy in nats.
        error: expected calibration error over ten bins, 0 to 1.
    """

    accuracy: float
    balanced: float
    loss: float
    error: float

    @classmethod
    def of(cls, probabilities: NDArray[np.floating], truth: NDArray[np.intp]) -> Scores:
        """Return the figures.

        Args:
            probabilities: (rows, classes).
            truth: (rows,) numbers of the true classes.
        """
        correct = probabilities.argmax(axis=1) == truth
        of_label = probabilities[np.arange(len(truth)), truth].astype(np.float64)
        confidence = probabilities.max(axis=1).astype(np.float64).clip(0, 1)
        return cls(
            float(correct.mean()),
            fmean(float(correct[truth == code].mean()) for code in np.unique(truth)),
            float(-np.log(np.maximum(of_label, SMALLEST)).mean()),
            calibration(confidence, correct).error,
        )

    @classmethod
    def mean(cls, several: Sequence[Scores]) -> Scores:
        """Return the mean of each figure."""
        return cls(
            *(
                fmean(getattr(one, name) for one in several)
                for name in ("accuracy", "balanced", "loss", "error")
            )
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """On how many tables one classifier is more accurate than another, and the worst of them.

    Attributes:
        wins: tables on which it is more accurate.
        losses: those on which it is less so.
        ties: those on which there is no difference.
        worst: the table on which it falls behind most.
        behind: by how much there, in accuracy; below 0 if it is ahead there too.
    """

    wins: int
    losses: int
    ties: int
    worst: str
    behind: float

    @classmethod
    def of(cls, ours: Mapping[str, Scores], theirs: Mapping[str, Scores]) -> Comparison:
        """Compare the mean accuracies by table."""
        ahead = {name: ours[name].accuracy - theirs[name].accuracy for name in ours}
        wins = sum(gain > TIE for gain in ahead.values())
        losses = sum(gain < -TIE for gain in ahead.values())
        worst = min(ahead, key=ahead.__getitem__)
        return cls(wins, losses, len(ahead) - wins - losses, worst, -ahead[worst])
