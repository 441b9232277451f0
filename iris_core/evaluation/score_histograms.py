"""How the probability of each class is spread over its rows and over all others, in 512 bins.

A record keeps the probability of the predicted class only. Of two classes that gives both; of more
the curves of one class against the rest need the others too, and all of them would be as many
numbers as rows times classes. Bins of equal width in the logarithm of the odds are narrow where
a network is certain, and 0.5 is the edge of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.errors import SchemaError

BINS = 512
# ln(odds) at the outer edges: beyond, float32 has no number between the probability and 1.
_REACH = 16.0
_A_UNIT = BINS / (2 * _REACH)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreHistograms:
    """The probabilities of each class in bins, 0 first.

    Attributes:
        names: of the classes.
        positives: (classes, 512) rows of the class, by its probability.
        negatives: (classes, 512) all other rows, those with a label never seen among them.
    """

    names: tuple[str, ...]
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]

    def to_dict(self) -> dict[str, Any]:
        """Return the histograms as plain values, fit for JSON, without the empty bins."""
        return {
            "bins": BINS,
            "classes": [
                {
                    "name": name,
                    "at": (used := np.flatnonzero(positives + negatives)).tolist(),
                    "positives": positives[used].tolist(),
                    "negatives": negatives[used].tolist(),
                }
                for name, positives, negatives in zip(
                    self.names, self.positives, self.negatives, strict=True
                )
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ScoreHistograms:
        """Return the histograms that `to_dict` wrote.

        Raises:
            SchemaError: the data is not of that form.
        """
        try:
            entries, bins = stored["classes"], int(stored["bins"])
            counts = np.zeros((2, len(entries), BINS), dtype=np.int64)
            for number, entry in enumerate(entries):
                at = np.array(entry["at"], dtype=np.intp)
                for side, name in enumerate(("positives", "negatives")):
                    counts[side, number, at] = np.array(entry[name], dtype=np.int64)
            names = tuple(str(entry["name"]) for entry in entries)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise SchemaError(f"expected histograms of scores, received others: {error}") from error
        if bins != BINS or (counts < 0).any():
            raise SchemaError(f"expected histograms of {BINS} bins, received {bins}, or no counts.")
        return cls(names, counts[0], counts[1])


class ScoreTotals:
    """Counts the probabilities of the rows added so far."""

    def __init__(self, names: Sequence[str]) -> None:
        """Count for the classes of these names."""
        self._names = tuple(names)
        self._counts = np.zeros((2, len(names), BINS), dtype=np.int64)

    def add(self, probabilities: NDArray[np.float32], actual: NDArray[np.intp]) -> None:
        """Add rows.

        Args:
            probabilities: (rows, classes), 0 to 1.
            actual: (rows,) numbers of the true classes, -1 for a label that the model never saw.
        """
        classes = len(self._names)
        places = bin_numbers(probabilities) + BINS * np.arange(classes)
        known = np.flatnonzero(actual >= 0)
        of_all = np.bincount(places.ravel(), minlength=classes * BINS).reshape(classes, BINS)
        of_class = places[known, actual[known]]
        positives = np.bincount(of_class, minlength=classes * BINS).reshape(classes, BINS)
        self._counts[0] += positives
        self._counts[1] += of_all - positives

    def histograms(self) -> ScoreHistograms:
        """Return what was counted."""
        return ScoreHistograms(self._names, self._counts[0].copy(), self._counts[1].copy())


def bin_numbers(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Return the number of the bin of each probability, 0 to 511.

    It is computed in the precision of the probabilities: of 256 classes that takes a fifth of the
    time of the other.
    """
    with np.errstate(divide="ignore"):
        odds = np.log(probabilities) - np.log(1 - probabilities)
    odds += _REACH
    odds *= _A_UNIT
    np.clip(odds, 0, BINS - 1, out=odds)
    # Without a sign, to cut the decimals off is to round down.
    numbers: NDArray[np.intp] = odds.astype(np.intp)
    return numbers


def lower_edges() -> NDArray[np.float64]:
    """Return (512,) the lowest probability of each bin; the first holds 0 too."""
    edges = 1 / (1 + np.exp(_REACH - np.arange(BINS) / _A_UNIT))
    edges[0] = 0.0
    return np.asarray(edges, dtype=np.float64)
