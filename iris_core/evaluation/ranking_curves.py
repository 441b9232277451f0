"""ROC and precision-recall curves of one class against the rest, with their areas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.score_histograms import ScoreHistograms, lower_edges
from iris_core.records.interval import wilson_interval

# The 97.5% quantile of the standard normal distribution.
_DEVIATE_95 = 1.959964
_HALVINGS = 50
"""Of a range of 1 at most: to fifteen digits."""


@dataclass(frozen=True, slots=True, eq=False)
class RankingCurve:
    """What each cut-off would say of a class: a row is of it from this probability on.

    Attributes:
        name: of the class.
        positives: number of its rows.
        negatives: number of all others.
        cut_offs: (points,) decreasing: infinity, which says it of no row, then the edge of each
            bin that has rows; the last one says it of all.
        hits: (points,) rows of the class from each cut-off on.
        false_alarms: (points,) other rows from each cut-off on.
        roc_area: area below the ROC curve, 0 to 1, with its interval: how often a row of the class
            is more probable than another one, ties counting half (Hanley and McNeil 1982).
        resolution: by which the bins can have changed that area at most: of two rows in one bin it
            is not known which is more probable.
        average_precision: with its interval; see `average_precision`.
    """

    name: str
    positives: int
    negatives: int
    cut_offs: NDArray[np.float64]
    hits: NDArray[np.int64]
    false_alarms: NDArray[np.int64]
    roc_area: Estimate
    resolution: float
    average_precision: Estimate

    @property
    def share(self) -> float:
        """Share of the rows that are of the class: the average precision of guessing."""
        return self.positives / (self.positives + self.negatives)


def ranking_curve(histograms: ScoreHistograms, number: int) -> RankingCurve | None:
    """Return the curve of one class against the rest; None without rows of both.

    Args:
        histograms: of the run.
        number: of the class.
    """
    positive, negative = histograms.positives[number], histograms.negatives[number]
    positives, negatives = int(positive.sum()), int(negative.sum())
    if not positives or not negatives:
        return None
    used = np.flatnonzero(positive + negative)[::-1]
    hits = np.concatenate(([0], np.cumsum(positive[used])))
    false_alarms = np.concatenate(([0], np.cumsum(negative[used])))
    pairs = positives * negatives
    # A trapezium a bin: its pairs count half, those with the bins below it whole.
    area = float(np.sum(np.diff(false_alarms) * (hits[1:] + hits[:-1])) / 2 / pairs)
    precision = average_precision(hits, false_alarms)
    interval = wilson_interval(precision * positives, positives)
    return RankingCurve(
        name=histograms.names[number],
        positives=positives,
        negatives=negatives,
        cut_offs=np.concatenate(([math.inf], lower_edges()[used])),
        hits=hits,
        false_alarms=false_alarms,
        roc_area=area_estimate(area, positives, negatives),
        resolution=float(np.sum(positive * negative) / 2 / pairs),
        average_precision=Estimate(precision, interval.low, interval.high),
    )


def average_precision(hits: NDArray[np.int64], false_alarms: NDArray[np.int64]) -> float:
    """Return the average precision, 0 to 1: the mean precision over the rows of the class.

    The sum over the cut-offs, from high to low, of the precision at each times the recall that it
    adds, as in scikit-learn's user guide, "Precision, recall and F-measures". Unlike the
    area by trapezia it is not too large (Davis and Goadrich 2006). Its interval is Wilson's for a
    share of so many rows of the class: the binomial variance of Boyd, Eng and Page, "Area under
    the precision-recall curve: point estimates and confidence intervals", 2013.

    Args:
        hits: (points,) rows of the class from each cut-off on; the first is 0, the last all.
        false_alarms: (points,) other rows from each cut-off on.
    """
    precision = hits[1:] / np.maximum(1, hits[1:] + false_alarms[1:])
    return float(np.sum(precision * np.diff(hits)) / hits[-1])


def area_estimate(area: float, positives: int, negatives: int) -> Estimate:
    """Return a ROC area with its 95 % interval.

    The interval holds each area of which this one is not too far, by the variance of Hanley and
    McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
    curve", Radiology 143, 1982, at that area: method 5 of Newcombe, "Confidence intervals for an
    effect size measure based on the Mann-Whitney statistic, part 2", Statistics in Medicine 25,
    2006. An area of 1 has an interval too, as a share without errors has Wilson's.

    Args:
        area: 0 to 1.
        positives: rows of the class, 1 or more.
        negatives: other rows, 1 or more.
    """
    low = 1 - _upper_end(1 - area, positives, negatives)
    return Estimate(area, min(area, low), max(area, _upper_end(area, positives, negatives)))


def area_variance(area: float, positives: int, negatives: int) -> float:
    """Return the variance of a ROC area, by Hanley and McNeil as symmetrised by Newcombe.

    Args:
        area: the true one, 0 to 1.
        positives: rows of the class, 1 or more.
        negatives: other rows, 1 or more.
    """
    others = (positives + negatives) / 2 - 1
    inflated = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * inflated / (positives * negatives)


def _upper_end(area: float, positives: int, negatives: int) -> float:
    """Return the largest area from which the measured one is not too far."""
    low, high = area, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        deviation = _DEVIATE_95 * math.sqrt(area_variance(middle, positives, negatives))
        if middle - area > deviation:
            high = middle
        else:
            low = middle
    return low
