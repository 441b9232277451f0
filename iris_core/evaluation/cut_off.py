"""What each decision cut-off would cost, given the costs of a false alarm and of a miss.

The cut-off that costs least on some rows was chosen to: on others it costs more. What it costs
there is estimated by choosing it on nine tenths of the rows and counting on the last one, each
in turn (Stone, "Cross-validatory choice and assessment of statistical predictions", 1974).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.checks import check_number
from iris_core.errors import OptionError
from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.ranking_curves import RankingCurve
from iris_core.evaluation.score_histograms import lower_edges
from iris_core.records.interval import wilson_interval

HALF = 0.5
"""The cut-off of the more probable of two classes, which is what is stored as predicted."""
FOLDS, REPEATS = 10, 20
UNIT_ROWS = 1_000
"""Records that an expected cost is of."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """What one cut-off does with the rows of a run.

    Attributes:
        cut_off: the class is said from this probability on; infinity never says it.
        false_alarms: other rows of which it is said.
        misses: rows of the class of which it is not.
        cost: of both, in the unit of the costs.
    """

    cut_off: float
    false_alarms: int
    misses: int
    cost: float


@dataclass(frozen=True, slots=True)
class CutOffCosts:
    """The cheapest cut-off beside others.

    Attributes:
        cheapest: of all cut-offs; of several, the one nearest to 0.5.
        always: of saying the class of every row.
        never: of saying it of none.
        by_costs: the cheapest cut-off if the probabilities were calibrated, 0 to 1: the cost of a
            false alarm by that of both (Elkan, "The foundations of cost-sensitive learning", 2001).
    """

    cheapest: CutOff
    always: CutOff
    never: CutOff
    by_costs: float


def cut_off_costs(curve: RankingCurve, *, false_alarm: float, miss: float) -> CutOffCosts:
    """Return the cut-off with the lowest cost on a run's rows, beside others.

    Args:
        curve: of the class.
        false_alarm: cost of saying the class of a row that is not of it, 0 to 1e9.
        miss: cost of not saying it of one that is, 0 to 1e9.

    Raises:
        OptionError: a cost is out of its range, or both are 0.
    """
    costs = costs_by_cut_off(curve, false_alarm=false_alarm, miss=miss)
    misses = curve.positives - curve.hits

    def at(index: int) -> CutOff:
        alarms, missed = int(curve.false_alarms[index]), int(misses[index])
        return CutOff(float(curve.cut_offs[index]), alarms, missed, float(costs[index]))

    nearest = _cheapest(costs, curve.cut_offs)
    last = at(len(costs) - 1)
    return CutOffCosts(
        cheapest=at(nearest),
        always=CutOff(0.0, last.false_alarms, last.misses, last.cost),
        never=CutOff(math.inf, 0, curve.positives, float(costs[0])),
        by_costs=false_alarm / (false_alarm + miss),
    )


def costs_by_cut_off(
    curve: RankingCurve, *, false_alarm: float, miss: float
) -> NDArray[np.float64]:
    """Return (points,) the cost of each cut-off of a curve on its rows.

    Raises:
        OptionError: a cost is out of its range, or both are 0.
    """
    _check_costs(false_alarm, miss)
    return false_alarm * curve.false_alarms + miss * (curve.positives - curve.hits)


def at_cut_off(curve: RankingCurve, cut_off: float, *, false_alarm: float, miss: float) -> CutOff:
    """Return what a cut-off does, to the precision of the bins.

    Args:
        curve: of the class.
        cut_off: 0 to 1; counted from the next edge of a bin on, which is what is returned.
        false_alarm: cost of saying the class of a row that is not of it, 0 to 1e9.
        miss: cost of not saying it of one that is, 0 to 1e9.

    Raises:
        OptionError: a cost or the cut-off is out of its range.
    """
    _check_costs(false_alarm, miss)
    check_number("cut-off", cut_off, low=0, high=1)
    edges = lower_edges()
    place = int(np.searchsorted(edges, cut_off))
    edge = float(edges[place]) if place < len(edges) else math.inf
    index = int(np.count_nonzero(curve.cut_offs >= edge)) - 1
    alarms, misses = int(curve.false_alarms[index]), curve.positives - int(curve.hits[index])
    return CutOff(edge, alarms, misses, false_alarm * alarms + miss * misses)


def expected_cost(
    false_alarms: float, misses: float, rows: int, *, false_alarm: float, miss: float
) -> Estimate:
    """Return what 1,000 records like these would cost, with its 95 % interval.

    The interval is made of Wilson's of both shares (Zou and Donner, "Construction of confidence
    limits about effect measures", 2008). More of the one mean fewer of the other among so many
    rows; that is not used, so the interval is rather too wide than too narrow.

    Args:
        false_alarms: number of them among the rows; a mean over repeats may be no whole number.
        misses: likewise.
        rows: 1 or more.
        false_alarm: cost of one.
        miss: cost of one.
    """
    value, below, above = 0.0, 0.0, 0.0
    for count, cost in ((false_alarms, false_alarm), (misses, miss)):
        interval, share = wilson_interval(count, rows), count / rows
        value += cost * share
        below = math.hypot(below, cost * (share - interval.low))
        above = math.hypot(above, cost * (interval.high - share))
    low, high = max(0.0, value - below), value + above
    return Estimate(UNIT_ROWS * value, UNIT_ROWS * low, UNIT_ROWS * high)


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """What a chosen cut-off costs on rows that it was not chosen on.

    Attributes:
        false_alarms: mean number of them over the repeats, of all rows.
        misses: likewise.
        low: the cut-off that one choice in 20 is below.
        high: the one that one choice in 20 is above; infinity never says the class.
    """

    false_alarms: float
    misses: float
    low: float
    high: float


def cross_fitted(
    curve: RankingCurve,
    *,
    false_alarm: float,
    miss: float,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    seed: int = 0,
) -> CrossFitted | None:
    """Return what the cheapest cut-off costs where it was not chosen; None with too few rows.

    The rows are dealt into folds at random, those of the class and the others by themselves, so
    many times; of each fold the cut-off is chosen on the others. Rows of a bin are alike, so their
    numbers are drawn, from the hypergeometric distribution: the time does not grow with the rows.

    Args:
        curve: of the class; with fewer than two rows of it, or of the rest, there is no estimate.
        false_alarm: cost of saying the class of a row that is not of it, 0 to 1e9.
        miss: cost of not saying it of one that is, 0 to 1e9.
        folds: 2 or more; as many as the rarer kind has rows if those are fewer.
        repeats: 1 or more.
        seed: of the dealing.

    Raises:
        OptionError: a cost is out of its range, or both are 0.
    """
    _check_costs(false_alarm, miss)
    folds = min(folds, curve.positives, curve.negatives)
    if folds < 2:
        return None
    generator = np.random.default_rng(seed)
    positive, negative = np.diff(curve.hits), np.diff(curve.false_alarms)
    alarms = missed = 0
    chosen = []
    for _ in range(repeats):
        for of_class, others in zip(
            _dealt(positive, folds, generator), _dealt(negative, folds, generator), strict=True
        ):
            hits, false = (_from_each_on(part) for part in (positive - of_class, negative - others))
            costs = false_alarm * false + miss * (hits[-1] - hits)
            place = _cheapest(costs, curve.cut_offs)
            chosen.append(float(curve.cut_offs[place]))
            alarms += int(others[:place].sum())
            missed += int(of_class[place:].sum())
    chosen.sort()
    low, high = chosen[len(chosen) // 20], chosen[-1 - len(chosen) // 20]
    return CrossFitted(alarms / repeats, missed / repeats, low, high)


def _dealt(
    counts: NDArray[np.int64], folds: int, generator: np.random.Generator
) -> Sequence[NDArray[np.int64]]:
    """Return the rows of each bin that each fold gets; the folds differ by one row at most."""
    left, parts = counts.copy(), []
    for number in range(folds, 0, -1):
        size = int(left.sum()) // number
        part = generator.multivariate_hypergeometric(left, size, method="marginals")
        left = left - part
        parts.append(part)
    return parts


def _from_each_on(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (bins + 1,) the rows from each cut-off on, none at the first."""
    return np.concatenate(([0], np.cumsum(counts)))


def _cheapest(costs: NDArray[np.float64], cut_offs: NDArray[np.float64]) -> int:
    """Return the place of the lowest cost; of several, that of the cut-off nearest to 0.5."""
    ties = np.flatnonzero(costs == costs.min())
    return int(ties[np.abs(cut_offs[ties] - HALF).argmin()])


def _check_costs(false_alarm: float, miss: float) -> None:
    """Raise `OptionError` if a cost is out of its range, or both are 0."""
    check_number("cost of a false alarm", false_alarm, low=0, high=1e9)
    check_number("cost of a miss", miss, low=0, high=1e9)
    if not false_alarm + miss:
        raise OptionError("Enter a cost above 0 for a false alarm or a miss: received 0 for both.")
