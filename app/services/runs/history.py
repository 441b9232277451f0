"""The history of test runs: the newest ones, and how many candidates each has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from aws import run_table
from aws.clients import Cloud
from iris_core.records.run import Run

LISTED_RUNS = 200
CHARTED_RUNS = 30
"""The newest runs whose candidates are compared over time."""


@dataclass(frozen=True, slots=True)
class RunCandidates:
    """How many candidates a run has.

    Attributes:
        run: whose they are.
        misclassified: those whose predicted class is not the true label.
        others: those with the true label predicted, copied for another reason.
    """

    run: Run
    misclassified: int
    others: int


def recent_runs(cloud: Cloud) -> list[Run]:
    """Return the newest runs, `LISTED_RUNS` at most, newest first."""
    return list(islice(run_table.runs(cloud), LISTED_RUNS))


def newest_run(cloud: Cloud) -> Run | None:
    """Return the run that was started last and neither failed nor was cancelled, if any."""
    return next((run for run in run_table.runs(cloud) if not run.ended_early), None)


def candidates_by_run(runs: Sequence[Run]) -> list[RunCandidates]:
    """Return the counts of the newest `CHARTED_RUNS` runs, oldest first.

    Runs without a confusion matrix or without candidates are left out.

    Args:
        runs: newest first.
    """
    return [
        RunCandidates(run, min(errors, run.found), max(0, run.found - errors))
        for run in reversed(runs[:CHARTED_RUNS])
        if (errors := run.metrics.errors) is not None and run.found
    ]
