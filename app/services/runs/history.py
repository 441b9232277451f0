"""The history of a project's test runs: the newest ones, and how many candidates each has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from app.services.runs.recovery import find_run
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import run_table
from aws.clients import Cloud
from aws.errors import SettingsError
from iris_core.errors import OptionError, StoreError
from iris_core.records.run import Run

LISTED_RUNS = 200
CHARTED_RUNS = 30
"""The newest runs whose candidates are compared over time."""
SCANNED_RUNS = 2_000
"""The newest runs of all projects among which those of one are looked for."""


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


def runs_of(workspace: Workspace, project: str | None, runs: Iterable[Run]) -> Iterator[Run]:
    """Yield the runs of a project, and those of which the project is not known, in their order.

    Args:
        workspace: with the models and the data of the runs.
        project: id of the project; None for all runs.
        runs: to choose from, `SCANNED_RUNS` of them at most.
    """
    known = RunProjects(workspace)
    for run in islice(runs, SCANNED_RUNS):
        if project is None or known.project_of(run) in ("", project):
            yield run


def recent_runs(
    workspace: Workspace, cloud: Cloud, project: str | None, *, limit: int = LISTED_RUNS
) -> list[Run]:
    """Return the newest runs of a project (None for all), `limit` at most, newest first."""
    return list(islice(runs_of(workspace, project, run_table.runs(cloud)), limit))


def newest_run(workspace: Workspace, cloud: Cloud, project: str | None) -> Run | None:
    """Return a project's run that was started last and neither failed nor was cancelled, if any."""
    runs = runs_of(workspace, project, run_table.runs(cloud))
    return next((run for run in runs if not run.ended_early), None)


def project_of_run(workspace: Workspace, run_id: str) -> str:
    """Return the id of the project of a run of the chosen cloud; empty if it is not known."""
    with suppress(OptionError, SettingsError, StoreError):
        return RunProjects(workspace).project_of(find_run(workspace, run_id))
    return ""


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
