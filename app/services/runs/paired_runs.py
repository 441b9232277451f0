"""Two runs on the same data compared record by record: what the one fixes and what it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from app.services.runs.paired_metrics import compare_outcomes
from aws import score_records
from aws.clients import Cloud
from iris_core.evaluation.model_comparison import ModelComparison
from iris_core.evaluation.paired import PairedComparison, rows_to_detect
from iris_core.records.run import Run, RunState

MAX_CHANGES = 1_000
"""Fixed and broken records that are listed."""
GAINS = (0.05, 0.02, 0.01)
"""Gains in accuracy of which is said how many records would show them."""
_LEAST_BROKEN = 0.01
"""Share of broken rows that is expected of any new model: another seed alone breaks some."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record that one of two runs predicts correctly.

    Attributes:
        row: of the data, from 0.
        true_label: the true class.
        before: the class that the baseline predicts.
        after: the class that the compared run predicts.
    """

    row: int
    true_label: str
    before: str
    after: str

    @property
    def is_fixed(self) -> bool:
        """Whether the compared run is right, and the baseline is not."""
        return self.after == self.true_label


@dataclass(frozen=True, slots=True)
class PairedRuns:
    """A run compared with a baseline on the same data.

    Attributes:
        metrics: of both, the baseline as the champion.
        changes: the fixed and the broken records in test order, `MAX_CHANGES` at most.
    """

    metrics: ModelComparison
    changes: tuple[Change, ...]

    @property
    def comparison(self) -> PairedComparison:
        """What the run fixes and breaks, and whether that may be chance."""
        return self.metrics.paired


def can_be_paired(run: Run, baseline: Run) -> bool:
    """Return whether two runs have the same rows, all of them stored."""
    reconciled = run.state == baseline.state == RunState.RECONCILED
    if run.records_expired() or baseline.records_expired():
        return False
    return reconciled and run.dataset == baseline.dataset and run.rows == baseline.rows


def compare_runs(cloud: Cloud, run: Run, baseline: Run) -> PairedRuns:
    """Compare two runs that can be paired by their stored records.

    Args:
        cloud: that stores both.
        run: to be compared.
        baseline: what it is compared with.
    """
    before = {outcome.row: outcome for outcome in score_records.outcomes(cloud, baseline)}
    after = [entry for entry in score_records.outcomes(cloud, run) if entry.row in before]
    earlier = [before[entry.row] for entry in after]
    names = (*run.metrics.class_names, *baseline.metrics.class_names)
    changes = (
        Change(entry.row, entry.actual, old.predicted, entry.predicted)
        for old, entry in zip(earlier, after, strict=True)
        if (old.predicted == entry.actual) != (entry.predicted == entry.actual)
    )
    return PairedRuns(
        metrics=compare_outcomes(earlier, after, names),
        changes=tuple(islice(changes, MAX_CHANGES)),
    )


def conclusion(comparison: PairedComparison, *, subject: str = "This run") -> str:
    """Return in words whether what is compared is better than the baseline, or whether to wait.

    Args:
        comparison: of both.
        subject: what is compared, at the start of a sentence.
    """
    fixed, broken, rows = comparison.fixed, comparison.broken, comparison.rows
    records = "record" if fixed == 1 else "records"
    changed = f"{subject} fixes {fixed:,} {records} and breaks {broken:,} of {rows:,}"
    if fixed == broken:
        return f"{changed}: no difference. {_rows_needed(comparison)}".rstrip()
    better = comparison.gain > 0
    share = comparison.probability_better if better else 1 - comparison.probability_better
    likely = f"{'better' if better else 'worse'} with a probability of {_percent(share)}"
    test = f"McNemar's exact test, p = {comparison.p_value:.2g}"
    if comparison.is_significant:
        return f"{changed}: {likely}; that is hardly chance ({test})."
    return (
        f"{changed}: {likely}, which could be chance ({test}). {_rows_needed(comparison)}".rstrip()
    )


def _rows_needed(comparison: PairedComparison) -> str:
    """Return which gains these records would show, and how many more the other gains need."""
    if not comparison.rows:
        return ""
    broken_share = min(0.5, max(_LEAST_BROKEN, comparison.broken / comparison.rows))
    needed = {gain: rows_to_detect(gain, broken_share=broken_share) for gain in GAINS}
    shown = [_points(gain) for gain, rows in needed.items() if rows <= comparison.rows]
    more = [
        f"{_rounded(rows - comparison.rows):,} more one of {_points(gain)}"
        for gain, rows in needed.items()
        if rows > comparison.rows
    ]
    enough = f"These are enough to show a gain of {shown[-1]}." if shown else ""
    if not more:
        return enough
    first = more[0].replace("more one of", "more records would show a gain of")
    return f"{enough} About {', '.join((first, *more[1:]))}.".lstrip()


def _points(gain: float) -> str:
    """Return a gain in accuracy in percentage points."""
    return f"{100 * gain:.0f} point{'s' if gain > min(GAINS) else ''}"


def _rounded(rows: int) -> int:
    """Return a number of rows in two digits, rounded up."""
    unit = int(10 ** max(0, len(str(rows)) - 2))
    return -(-rows // unit) * unit


def _percent(share: float) -> str:
    """Return a probability without claiming certainty."""
    return "over 99.9 %" if share > 0.999 else f"{100 * share:.1f} %"
