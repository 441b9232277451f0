"""The quality of the test runs over time: which are worse than their predecessors beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from iris_core.evaluation.control_chart import Batch, ChartPoint, control_chart
from iris_core.evaluation.paired_interval import Estimate, difference_of_independent
from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.run import Run, RunState

_COUNTED = (RunState.RECONCILED, RunState.INCOMPLETE)
"""The states in which it is known how many candidates a run is to have."""


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """One run on the timeline.

    Attributes:
        run: that was tested to its end.
        series: the runs that it is compared with have the same one.
        accuracy: 0 to 1.
        interval: Wilson's 95 % interval of the accuracy.
        chart: how it compares with its predecessors.
        candidate_rate: share of its records that are candidates by the retrain rule, 0 to 1; None
            before that is known.
        candidate_interval: its 95 % interval.
    """

    run: Run
    series: str
    accuracy: float
    interval: Interval
    chart: ChartPoint
    candidate_rate: float | None = None
    candidate_interval: Interval | None = None

    @property
    def is_worse(self) -> bool:
        """Whether the run is marked."""
        return self.chart.is_worse

    @property
    def why(self) -> str:
        """Why the run is marked, in a sentence; empty if it is not."""
        baseline, limit = self.chart.baseline, self.chart.limit
        if not self.is_worse or baseline is None or limit is None:
            return ""
        count = self.chart.predecessors
        before = "the run before it" if count == 1 else f"the {count:,} runs before it"
        return (
            f"Worse than {before} beyond chance: accuracy {100 * self.accuracy:.1f} % of "
            f"{self.run.tested:,} records, {100 * baseline:.1f} % before; from "
            f"{100 * limit:.1f} % down that is hardly chance."
        )


def data_set_name(run: Run) -> str:
    """Return the series of a run: its data set's name, which later batches of the data share."""
    return run.dataset_name


def timeline(
    runs: Sequence[Run], *, series_of: Callable[[Run], str] = data_set_name
) -> list[TimelinePoint]:
    """Return the runs that were tested to their end, each compared with those before it.

    Runs that failed, were cancelled or have no accuracy are left out.

    Args:
        runs: newest first.
        series_of: returns the series of a run; only runs of one series are compared.

    Returns:
        the points, oldest first.
    """
    shown = [run for run in reversed(runs) if _is_evaluated(run)]
    by_series: dict[str, list[Run]] = {}
    for run in shown:
        by_series.setdefault(series_of(run), []).append(run)
    charts = {
        run.id: chart
        for members in by_series.values()
        for run, chart in zip(members, control_chart(list(map(_batch, members))), strict=True)
    }
    return [_point(run, series_of(run), charts[run.id]) for run in shown]


def newest_step(points: Sequence[TimelinePoint]) -> str:
    """Return in words how the newest run differs from the one before it; empty if there is none.

    The run before it is the last one of its series, else the last one of all.

    Args:
        points: the timeline, oldest first.
    """
    if len(points) < 2:
        return ""
    after = points[-1]
    numbered = list(enumerate(points[:-1], start=1))
    same = [entry for entry in numbered if entry[1].series == after.series]
    number, before = (same or numbered)[-1]
    first, second = f"of {before.run.tested:,} records", f"of {after.run.tested:,}"
    where, remark = f" on {after.series}", ""
    if not same:
        first, second = f"{first} of {before.series}", f"{second} of {after.series}"
        where, remark = "", " The data differ, so some of the difference may be theirs."
    change = difference_of_independent(_estimate(before), _estimate(after))
    value, low, high = map(_points, (change.value, change.low, change.high))
    chance = ", which could be chance" if change.low <= 0 <= change.high else ""
    return (
        f"From run {number} to run {len(points)}{where}: {100 * before.accuracy:.1f} % {first} → "
        f"{100 * after.accuracy:.1f} % {second}, {value} points (95 % interval {low} to {high})"
        f"{chance}.{remark}"
    )


def _points(share: float) -> str:
    """Write a difference in percentage points; 0.0 for the -0.0 that rounding makes."""
    return f"{round(100 * share, 1) + 0.0:+.1f}"


def _estimate(point: TimelinePoint) -> Estimate:
    """Return the accuracy of a run with its interval."""
    return Estimate(point.accuracy, point.interval.low, point.interval.high)


def _is_evaluated(run: Run) -> bool:
    """Return whether a run says how well its model does."""
    return not run.ended_early and run.accuracy is not None and run.tested > 0


def _errors(run: Run) -> int:
    """Return the number of misclassified records of a run that was evaluated."""
    return run.tested - round((run.accuracy or 0.0) * run.tested)


def _batch(run: Run) -> Batch:
    """Return the outcome of a run; one model on one data set is one sample."""
    return Batch(_errors(run), run.tested, f"{run.model} on {run.dataset}")


def _point(run: Run, series: str, chart: ChartPoint) -> TimelinePoint:
    """Return a run as a point."""
    correct = run.tested - _errors(run)
    point = TimelinePoint(
        run, series, correct / run.tested, wilson_interval(correct, run.tested), chart
    )
    if run.state not in _COUNTED:
        return point
    candidates = min(run.expected, run.tested)
    return replace(
        point,
        candidate_rate=candidates / run.tested,
        candidate_interval=wilson_interval(candidates, run.tested),
    )
