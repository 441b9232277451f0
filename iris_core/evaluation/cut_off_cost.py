"""What each decision cut-off would cost, given the costs of a false alarm and of a miss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from iris_core.checks import check_number
from iris_core.errors import OptionError
from iris_core.evaluation.ranking_curves import RankingCurve

HALF = 0.5
"""The cut-off of the more probable of two classes, which is what is stored as predicted."""


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
        at_half: of 0.5.
        always: of saying the class of every row.
        never: of saying it of none.
        by_costs: the cheapest cut-off if the probabilities were calibrated, 0 to 1: the cost of a
            false alarm by that of both (Elkan, "The foundations of cost-sensitive learning", 2001).
    """

    cheapest: CutOff
    at_half: CutOff
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
    check_number("cost of a false alarm", false_alarm, low=0, high=1e9)
    check_number("cost of a miss", miss, low=0, high=1e9)
    if not false_alarm + miss:
        raise OptionError("Enter a cost above 0 for a false alarm or a miss: received 0 for both.")
    misses = curve.positives - curve.hits
    costs = false_alarm * curve.false_alarms + miss * misses

    def at(index: int) -> CutOff:
        alarms, missed = int(curve.false_alarms[index]), int(misses[index])
        return CutOff(float(curve.cut_offs[index]), alarms, missed, float(costs[index]))

    ties = np.flatnonzero(costs == costs.min())
    nearest = ties[np.abs(curve.cut_offs[ties] - HALF).argmin()]
    half = at(int(np.count_nonzero(curve.cut_offs >= HALF)) - 1)
    last = at(len(costs) - 1)
    return CutOffCosts(
        cheapest=at(int(nearest)),
        at_half=CutOff(HALF, half.false_alarms, half.misses, half.cost),
        always=CutOff(0.0, last.false_alarms, last.misses, last.cost),
        never=CutOff(math.inf, 0, curve.positives, float(costs[0])),
        by_costs=false_alarm / (false_alarm + miss),
    )
