"""Score a run again against the labels as corrected since, without asking the model again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.services.review.ledger import row_of_outcome, row_verdicts
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import score_records
from aws.clients import Cloud
from iris_core.evaluation.baselines import baselines_of
from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict


@dataclass(frozen=True, slots=True)
class Rescored:
    """A run's predictions against the corrected labels.

    Attributes:
        rows: number of records that count: all but those that reviewers dropped.
        correct: number of them whose predicted class is the corrected label.
        relabelled: number of records whose label was corrected.
        dropped: number of records that reviewers dropped.
        always: the run's majority class; empty if it is not known.
        always_correct: number of the records that count whose corrected label it is.
    """

    rows: int
    correct: int
    relabelled: int
    dropped: int
    always: str = ""
    always_correct: int = 0

    @property
    def baseline_accuracy(self) -> float | None:
        """Accuracy of always saying the majority class, 0 to 1; None if it is not known."""
        return self.always_correct / self.rows if self.rows and self.always else None

    @property
    def accuracy(self) -> float | None:
        """Share of the records that are predicted correctly, 0 to 1; None without records."""
        return self.correct / self.rows if self.rows else None

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval of the accuracy."""
        return wilson_interval(self.correct, self.rows)

    @property
    def differs(self) -> bool:
        """Whether any label was corrected since the run."""
        return bool(self.relabelled or self.dropped)


def rescore(workspace: Workspace, cloud: Cloud, run: Run) -> Rescored:
    """Compare the stored predictions of a run with the labels as corrected by now."""
    verdicts = row_verdicts(workspace, RunProjects(workspace).project_of(run))
    always = next((entry.label for entry in baselines_of(run.metrics)), "")
    rows = correct = relabelled = dropped = always_correct = 0
    for outcome in score_records.outcomes(cloud, run):
        label = _corrected(workspace, run, outcome, verdicts)
        if label is None:
            dropped += 1
            continue
        rows += 1
        relabelled += label != outcome.actual
        correct += label == outcome.predicted
        always_correct += label == always
    return Rescored(rows, correct, relabelled, dropped, always, always_correct)


def _corrected(
    workspace: Workspace,
    run: Run,
    outcome: score_records.Outcome,
    verdicts: Mapping[str, RowVerdict],
) -> str | None:
    """Return the label of a record as corrected, None if it was dropped."""
    row = row_of_outcome(workspace, run, outcome) if verdicts else None
    verdict = verdicts.get(row.fingerprint) if row is not None else None
    decision = verdict.for_label(outcome.actual) if verdict is not None else None
    if verdict is None or decision is None:
        return outcome.actual
    return None if decision == "drop" else verdict.label
