"""When a label is called wrong: by confident learning's idea of a class's own confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]
LEAST_OF_CLASS = 5
"""Different rows that a class needs before one of its labels can be called wrong: with fewer the
members that ignore a row hardly know its class."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A label is wrong when another class is guessed, itself improbable and the guess confident.

    Attributes:
        below: the probability of the label is below this, 0 to 1.
        share: the probability of the guess is at least so many times the mean self-confidence of
            the guessed class, 0 to 1.
    """

    below: float
    share: float

    def contradicts(
        self,
        probabilities: Probabilities,
        labels: NDArray[np.intp],
        confidence: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Return (rows,) whether each label is likely wrong.

        Args:
            probabilities: (rows, classes), out of fold.
            labels: (rows,) numbers of the classes, -1 for a label that was never learnt.
            confidence: (classes,) as `mean_self_confidence` returns it.
        """
        guess = probabilities.argmax(axis=1)
        confident = probabilities.max(axis=1) >= self.share * confidence[guess]
        improbable = self_confidence(probabilities, labels) < self.below
        contradicted: NDArray[np.bool_] = (guess != labels) & improbable & confident
        return contradicted


def self_confidence(probabilities: Probabilities, labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return (rows,) the probability of each row's own label; 0 of one that was never learnt."""
    rows = np.arange(len(labels))
    values: NDArray[np.float32] = np.where(labels >= 0, probabilities[rows, labels], 0)
    return values


def mean_self_confidence(
    probabilities: Probabilities, labels: NDArray[np.intp], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return (classes,) how probable a class is on average in the rows that are labelled with it.

    The threshold of confident learning: Northcutt, Jiang and Chuang, "Confident learning:
    estimating uncertainty in dataset labels", Journal of Artificial Intelligence Research 70, 2021.
    A class without rows has 1.

    Args:
        probabilities: (rows, classes), out of fold.
        labels: (rows,) numbers of the classes.
        counted: (rows,) which rows count; their labels are not -1.
    """
    labels, classes = labels[counted], probabilities.shape[1]
    own = self_confidence(probabilities[counted], labels)
    rows = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, own, minlength=classes)
    return np.divide(sums, rows, out=np.ones(classes), where=rows > 0)


def suspicion_score(probabilities: Probabilities, labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return (rows,) how much a label is suspected, 0 to 1: ½ where another class is as probable.

    Half of 1 plus the normalised margin: the most probable other class less the label.
    """
    own = self_confidence(probabilities, labels)
    others = probabilities.copy()
    known = np.flatnonzero(labels >= 0)
    others[known, labels[known]] = 0
    score: NDArray[np.float32] = (1 + others.max(axis=1) - own) / 2
    return score
