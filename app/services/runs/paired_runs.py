"""Two runs on the same data compared record by record: what the one fixes and what it breaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aws import score_records
from aws.clients import Cloud
from iris_core.evaluation.paired import PairedComparison, compare_paired, rows_to_detect
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
        comparison: the baseline first.
        changes: the fixed and the broken records in test order, `MAX_CHANGES` at most.
    """

    comparison: PairedComparison
    changes: tuple[Change, ...]


def can_be_paired(run: Run, baseline: Run) -> bool:
    """Return whether two runs have the same rows, all of them stored."""
    reconciled = run.state == baseline.state == RunState.RECONCILED
    return reconciled and run.dataset == baseline.dataset and run.rows == baseline.rows


def compare_runs(cloud: Cloud, run: Run, baseline: Run) -> PairedRuns:
    """Compare two runs that can be paired by their stored records.

    Args:
        cloud: that stores both.
        run: to be compared.
        baseline: what it is compared with.
    """
    before = {outcome.row: outcome for outcome in score_records.outcomes(cloud, baseline)}
    changes: list[Change] = []
    correct: list[tuple[bool, bool]] = []
    for outcome in score_records.outcomes(cloud, run):
        earlier = before.get(outcome.row)
        if earlier is None:
            continue
        was_correct = earlier.predicted == earlier.actual
        is_correct = outcome.predicted == outcome.actual
        correct.append((was_correct, is_correct))
        if was_correct != is_correct and len(changes) < MAX_CHANGES:
            changes.append(
                Change(outcome.row, outcome.actual, earlier.predicted, outcome.predicted)
            )
    pairs = np.array(correct, dtype=np.bool_).reshape(-1, 2)
    return PairedRuns(compare_paired(pairs[:, 0], pairs[:, 1]), tuple(changes))


def conclusion(comparison: PairedComparison) -> str:
    """Return in words whether the compared run is better than the baseline, or whether to wait."""
    fixed, broken, rows = comparison.fixed, comparison.broken, comparison.rows
    changed = f"This run fixes {fixed:,} records and breaks {broken:,} of {rows:,}"
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
    """Return how many more records would show the largest gain that these cannot."""
    if not comparison.rows:
        return ""
    broken_share = max(_LEAST_BROKEN, comparison.broken / comparison.rows)
    for gain in GAINS:
        more = rows_to_detect(gain, broken_share=min(0.5, broken_share)) - comparison.rows
        if more > 0:
            points = f"{100 * gain:.0f} point{'s' if gain > min(GAINS) else ''}"
            return f"About {_rounded(more):,} more records would show a gain of {points}."
    return ""


def _rounded(rows: int) -> int:
    """Return a number of rows in two digits, rounded up."""
    unit = int(10 ** max(0, len(str(rows)) - 2))
    return -(-rows // unit) * unit


def _percent(share: float) -> str:
    """Return a probability without claiming certainty."""
    return "over 99.9 %" if share > 0.999 else f"{100 * share:.1f} %"
