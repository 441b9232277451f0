"""A control chart of test runs: is the newest run worse than its predecessors beyond chance?

A run is marked when its errors are too many for two chances at once, each at `LEVEL`:

**The chance of which rows are tested.** Given all errors of the run and of its predecessors, those
of the run are hypergeometric if nothing has changed: Fisher's exact test, one-sided (Fisher, "The
logic of inductive inference", 1935). It is exact for few rows and few errors, where the limits of
a p-chart, three standard errors from the mean (Shewhart, "Economic control of quality of
manufactured product", 1931), are not.

**The spread between runs.** Batches of data differ by more than that (Laney, "Improved control
charts for attributes", Quality Engineering 14, 2002), so to the binomial variance that between the
predecessors is added, estimated by moments (Kleinman, "Proportions with extraneous variance",
Journal of the American Statistical Association 68, 1973). Few predecessors say little of it: their
dispersion is averaged with that of `PRIOR_FREEDOM` binomial ones, and the distance is compared with
Student's t at the sum of both degrees of freedom (Smyth, "Linear models and empirical Bayes
methods", 2004).

A run that is worse at `SEPARATE_LEVEL` is no predecessor of later ones, so that a lasting loss
stays marked. One that is better at that level starts the baseline anew, as after an improvement of
a process. Runs that are only just marked stay: without them the spread would look too small. To
test a model on the same data again adds no information, so such a run takes the place of the one
before.

Simulated for accuracies of 0.9 to 0.99, 240 and 1,200 rows: without a change at most 0.8 % of the
runs are marked, 0.2 % of those with two or three predecessors. At 0.95 and 240 rows a loss of 2, 5
and 10 points is marked with a probability of 0.03, 0.32 and 0.92 after three predecessors, of 0.10,
0.64 and 0.99 after ten. Where batches differ by one point (standard deviation), 0.7 % and 1.5 % of
such runs are marked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.01
"""At most this share of the runs is marked though nothing has changed."""
SEPARATE_LEVEL = 0.001
"""A run as unlikely as this is not of the quality of its predecessors: no baseline mixes them."""
PRIOR_FREEDOM = 4
"""So many binomial predecessors does the prior on the spread between runs stand for."""
MAX_PREDECESSORS = 20
"""The newest predecessors that a run is compared with."""
_TAIL_DEVIATIONS = 12
"""Standard deviations beyond which the terms of a tail are too small to count."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The outcome of one run.

    Attributes:
        errors: misclassified rows, 0 to `rows`.
        rows: that were tested, 1 or more.
        sample: names what was tested on what: two runs of the same sample are no two outcomes.
    """

    errors: int
    rows: int
    sample: str

    @property
    def accuracy(self) -> float:
        """Share of the rows that are predicted correctly, 0 to 1."""
        return 1 - self.errors / self.rows

    @property
    def mirrored(self) -> Batch:
        """The batch with its errors and its correct rows exchanged."""
        return Batch(self.rows - self.errors, self.rows, self.sample)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One run on the chart.

    Attributes:
        predecessors: number of runs that it is compared with.
        baseline: their accuracy, pooled, 0 to 1; None without any.
        limit: the highest accuracy at which it is marked, 0 to 1; None if it is at none.
        is_worse: whether it is marked.
    """

    predecessors: int
    baseline: float | None
    limit: float | None
    is_worse: bool


def control_chart(batches: Sequence[Batch]) -> list[ChartPoint]:
    """Compare each run with its predecessors.

    Args:
        batches: comparable ones, oldest first.

    Returns:
        a point for each, in the same order.
    """
    baseline: dict[str, Batch] = {}
    points = []
    for batch in batches:
        others = [entry for sample, entry in baseline.items() if sample != batch.sample]
        predecessors = others[-MAX_PREDECESSORS:]
        chance = p_value(batch, predecessors)
        points.append(
            ChartPoint(
                predecessors=len(predecessors),
                baseline=_accuracy(predecessors),
                limit=_limit(batch, predecessors),
                is_worse=chance <= LEVEL,
            )
        )
        if chance <= SEPARATE_LEVEL:
            continue
        if p_value(batch.mirrored, [entry.mirrored for entry in predecessors]) <= SEPARATE_LEVEL:
            baseline.clear()
        # At the end, also if there was an earlier run of this sample.
        baseline.pop(batch.sample, None)
        baseline[batch.sample] = batch
    return points


def p_value(batch: Batch, predecessors: Sequence[Batch]) -> float:
    """Return how often a run without a change has at least as many errors, 0 to 1.

    The larger of the two values that the module describes; where the spread between runs explains
    the run already, the value of that. 1 without predecessors.
    """
    rows = sum(entry.rows for entry in predecessors)
    if not rows:
        return 1.0
    spread = _spread_p_value(batch, predecessors)
    if spread > LEVEL:
        return spread
    errors = sum(entry.errors for entry in predecessors)
    return max(spread, hypergeometric_tail(batch.errors, batch.rows, errors, rows))


def hypergeometric_tail(errors: int, rows: int, other_errors: int, other_rows: int) -> float:
    """Return the one-sided p-value of Fisher's exact test, 0 to 1.

    That is how often at least `errors` of all errors fall on these rows, if they fall on any row of
    both sides alike.

    Args:
        errors: 0 to `rows`.
        rows: 1 or more.
        other_errors: 0 to `other_rows`.
        other_rows: 1 or more.
    """
    total, size = errors + other_errors, rows + other_rows
    least, most = max(0, total - other_rows), min(rows, total)
    if errors <= least:
        return 1.0
    mean = rows * total / size
    deviation = math.sqrt(mean * (1 - total / size) * other_rows / max(1, size - 1))
    end = min(most, math.ceil(max(errors, mean) + _TAIL_DEVIATIONS * deviation) + 40)
    counts = np.arange(errors, end, dtype=np.float64)
    ratios = (rows - counts) * (total - counts) / ((counts + 1) * (other_rows - total + counts + 1))
    logs = np.concatenate(([0.0], np.cumsum(np.log(ratios))))
    logs += _log_choices(rows, errors) + _log_choices(other_rows, other_errors)
    return min(1.0, float(np.exp(logs - _log_choices(size, total)).sum()))


def student_tail(distance: float, freedom: int) -> float:
    """Return how often Student's t exceeds a distance, 0 to 1.

    Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.3 and 26.7.4.

    Args:
        distance: any.
        freedom: degrees of freedom, 1 or more.
    """
    angle = math.atan(distance / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = freedom % 2 == 1
    term = cosine if is_odd else 1.0
    series = term if freedom > 1 else 0.0
    for divisor in range(3 if is_odd else 2, freedom - 1, 2):
        term *= cosine**2 * (divisor - 1) / divisor
        series += term
    within = 2 / math.pi * (angle + sine * series) if is_odd else sine * series
    return (1 - within) / 2


def _spread_p_value(batch: Batch, predecessors: Sequence[Batch]) -> float:
    """Return the p-value of a run's distance from its predecessors, with the spread of these."""
    rows = sum(entry.rows for entry in predecessors)
    share = sum(entry.errors for entry in predecessors) / rows
    together = (batch.errors + share * rows) / (batch.rows + rows)
    variance = together * (1 - together)
    if not variance:
        return 1.0
    between = 0.0
    freedom = PRIOR_FREEDOM + len(predecessors) - 1
    squared_rows = sum(entry.rows**2 for entry in predecessors)
    if len(predecessors) > 1 and 0 < share < 1:
        chi_squared = sum((entry.errors - share * entry.rows) ** 2 / entry.rows
                          for entry in predecessors) / (share * (1 - share))  # fmt: skip
        dispersion = (PRIOR_FREEDOM + chi_squared) / freedom
        mean_rows = (rows - squared_rows / rows) / (len(predecessors) - 1)
        between = max(0.0, dispersion - 1) * variance / mean_rows
    deviation = math.sqrt(
        variance * (1 / batch.rows + 1 / rows) + between * (1 + squared_rows / rows**2)
    )
    return student_tail((batch.errors / batch.rows - share) / deviation, freedom)


def _limit(batch: Batch, predecessors: Sequence[Batch]) -> float | None:
    """Return the highest accuracy at which a run of these rows is marked, None if it is at none."""
    low, high = 0, batch.rows
    if p_value(Batch(high, batch.rows, batch.sample), predecessors) > LEVEL:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if p_value(Batch(middle, batch.rows, batch.sample), predecessors) <= LEVEL:
            high = middle
        else:
            low = middle
    return 1 - high / batch.rows


def _accuracy(batches: Sequence[Batch]) -> float | None:
    """Return the accuracy of some runs, pooled; None without any."""
    if not batches:
        return None
    return 1 - sum(entry.errors for entry in batches) / sum(entry.rows for entry in batches)


def _log_choices(of: int, chosen: int) -> float:
    """Return the logarithm of a binomial coefficient."""
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)
