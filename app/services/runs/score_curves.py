"""The ROC and precision-recall curves of a run, by what is kept of its probabilities."""

from __future__ import annotations

import numpy as np

from app.services.workspace import Workspace
from aws import score_records
from aws.retrain_rule import probabilities
from iris_core.evaluation.ranking_curves import RankingCurve, ranking_curve
from iris_core.evaluation.score_histograms import ScoreHistograms, ScoreTotals
from iris_core.records.run import Run

MAX_RECORDS = 20_000
"""Records of a run that are read for its curves; it takes a few seconds."""


def run_curves(workspace: Workspace, run: Run) -> list[RankingCurve]:
    """Return the curve of each class that has rows, as has the rest, in the model's order.

    A run keeps them in the workspace in which it was tested. Of two classes its records say the
    same, for each has the probability of one, and so of the other.

    Returns:
        The curves; none of a run of more classes, or of more records than are read, that was tested
        elsewhere or by an earlier version.
    """
    histograms = workspace.journal.scores(run.id)
    if histograms is None:
        histograms = _by_records(workspace, run)
    if histograms is None:
        return []
    found = (ranking_curve(histograms, number) for number in range(len(histograms.names)))
    return [curve for curve in found if curve is not None]


def _by_records(workspace: Workspace, run: Run) -> ScoreHistograms | None:
    """Return the histograms of a run of two classes, from its stored records."""
    names = run.metrics.class_names
    if len(names) != 2 or run.rows > MAX_RECORDS or run.records_expired():
        return None
    numbers = {name: number for number, name in enumerate(names)}
    outcomes = [
        entry
        for entry in score_records.outcomes(workspace.cloud(), run)
        if entry.predicted in numbers
    ]
    of_predicted = np.array(
        probabilities(entry.probability for entry in outcomes), dtype=np.float32
    )
    valid = ~np.isnan(of_predicted)
    predicted = np.array([numbers[entry.predicted] for entry in outcomes], dtype=np.intp)
    actual = np.array([numbers.get(entry.actual, -1) for entry in outcomes], dtype=np.intp)
    of_second = np.where(predicted == 1, of_predicted, 1 - of_predicted)[valid]
    totals = ScoreTotals(names)
    totals.add(np.column_stack((1 - of_second, of_second)), actual[valid])
    return totals.histograms()
