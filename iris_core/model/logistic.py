"""A logistic regression, trained along with each model: what a network has to do better than.

It is a network without hidden layers, on the schema's plain encoding. It is fitted until it
converges, with the squared weights as a penalty, so it needs no options and no random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# As in scikit-learn's LogisticRegression: half the squared weights are added to the summed loss,
# and no mean gradient is larger than 1e-4 in the end.
_PENALTY = 1.0
_TOLERANCE = 1e-4
_MAX_STEPS, _MIN_STEPS = 300, 20
# Products of all steps together: a second or two.
_MAX_PRODUCTS = 5_000_000_000
# A wider table has no square matrix of its inputs, which would take as long as all the steps.
_MAX_SQUARE = 400
# OpenBLAS computes so many in the thread that asks; more threads wait for each other when the
# machine is busy, for twenty times as long.
_PRODUCTS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True, eq=False)
class LogisticRegression:
    """A fitted logistic regression.

    Attributes:
        weights: (inputs + 1, classes) float32, finite; the last row are the intercepts.
    """

    weights: NDArray[np.float32]

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return (rows,) the numbers of the predicted classes.

        Args:
            matrix: (rows, inputs), as `without_positions` returns it for the model's schema.
        """
        scores: NDArray[np.float32] = matrix @ self.weights[:-1]
        scores += self.weights[-1]
        predicted: NDArray[np.intp] = scores.argmax(axis=1)
        return predicted


def fit_logistic(
    matrix: NDArray[np.float32], classes: NDArray[np.intp], *, count: int
) -> LogisticRegression:
    """Fit a multinomial logistic regression; the same rows give the same weights.

    Each step solves for the weights with a fixed matrix in the place of the Hessian, which is
    never below it: Böhning, "Multinomial logistic regression algorithm", Annals of the Institute
    of Statistical Mathematics 44, 1992. Of a wide table only a diagonal that is never below that
    is taken (De Pierro's separable bound: De Pierro, "A modified expectation maximization
    algorithm for penalized likelihood estimation in emission tomography", 1995). The steps are
    accelerated (Nesterov 1983), and restarted where they lead uphill: O'Donoghue and Candès,
    "Adaptive restart for accelerated gradient schemes", 2015.

    Args:
        matrix: (rows, inputs) finite.
        classes: (rows,) class numbers, 0 to `count` - 1.
        count: number of classes.
    """
    inputs = np.column_stack((matrix, np.ones(len(matrix), dtype=np.float32)))
    targets = np.zeros((count, len(inputs)), dtype=np.float32)
    targets[classes, np.arange(len(inputs))] = 1
    penalty = np.full((inputs.shape[1], 1), _PENALTY)
    # The intercepts alone cost nothing; they are free up to a constant, which stays 0.
    penalty[-1] = 0
    solve = _Preconditioner(inputs, penalty)
    weights = np.zeros((inputs.shape[1], count))
    ahead, momentum = weights, 1.0
    for _ in range(_steps(inputs.size * count)):
        gradient = penalty * ahead + _loss_gradient(inputs, targets, ahead.astype(np.float32))
        if np.abs(gradient).max() <= _TOLERANCE * len(inputs):
            break
        stepped = ahead - solve(gradient)
        if np.sum(gradient * (stepped - weights)) > 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + (momentum - 1) / following * (stepped - weights)
        weights, momentum = stepped, following
    return LogisticRegression(ahead.astype(np.float32))


class _Preconditioner:
    """Divides a gradient by what is never below the Hessian."""

    def __init__(self, inputs: NDArray[np.float32], penalty: NDArray[np.float64]) -> None:
        """Compute it for (rows, inputs), with the penalty of each input."""
        width = inputs.shape[1]
        if width > _MAX_SQUARE:
            sizes = np.abs(inputs)
            reach = sizes.T @ sizes.sum(axis=1)
            self._inverse, self._scale = None, 1 / (reach[:, None] / 2 + penalty + 1e-9)
            return
        square = np.zeros((width, width))
        step = max(1, _PRODUCTS_AT_ONCE // square.size)
        for start in range(0, len(inputs), step):
            chunk = inputs[start : start + step].astype(np.float64)
            square += chunk.T @ chunk
        self._inverse = np.linalg.inv(square / 2 + np.diagflat(penalty))
        self._scale = None

    def __call__(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the step of a (inputs, classes) gradient."""
        if self._inverse is not None:
            return np.asarray(self._inverse @ gradient, dtype=np.float64)
        return np.asarray(self._scale * gradient, dtype=np.float64)


def _steps(products: int) -> int:
    """Return how many steps are taken at most; each takes that many products twice."""
    return int(min(_MAX_STEPS, max(_MIN_STEPS, _MAX_PRODUCTS // (2 * products))))


def _loss_gradient(
    inputs: NDArray[np.float32], targets: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the (inputs, classes) gradient of the summed cross-entropy.

    Args:
        inputs: (rows, inputs).
        targets: (classes, rows) 1 for the true class: so laid out, NumPy works along the rows.
        weights: (inputs, classes).
    """
    gradient = np.zeros(weights.shape[::-1])
    step = max(1, _PRODUCTS_AT_ONCE // weights.size)
    for start in range(0, len(inputs), step):
        chunk = inputs[start : start + step]
        scores = np.ascontiguousarray((chunk @ weights).T)
        scores -= scores.max(axis=0)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=0)
        scores -= targets[:, start : start + step]
        gradient += scores @ chunk
    return gradient.T
