"""A run compared with one of the champion's on the same data, record by record."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.model.champion import champion, previous_champion
from app.services.projects import find_project
from app.services.runs.history import runs_of
from app.services.runs.paired_runs import PairedRuns, can_be_paired, compare_runs, conclusion
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import run_table
from aws.errors import CloudError
from iris_core.errors import IrisError
from iris_core.records.run import Run, RunState

MAX_ROWS = 100_000
"""Records of a run that are compared with another's: some seconds."""


@dataclass(frozen=True, slots=True)
class ComparedWithChampion:
    """A run beside one of the champion's.

    Attributes:
        other: id of the model that it is compared with.
        was_before: whether that is the champion before: the run is of the champion itself.
        run_id: of the other run.
        paired: both, record by record.
    """

    other: str
    was_before: bool
    run_id: str
    paired: PairedRuns

    @property
    def text(self) -> str:
        """Whether the run is better, in words."""
        return conclusion(self.paired.comparison)


def compared_with_champion(workspace: Workspace, run: Run) -> ComparedWithChampion | str:
    """Compare a run with the newest one of the champion on the same data.

    A run of the champion itself is compared with the champion before.

    Returns:
        The comparison, or a sentence that says why there is none.
    """
    if run.state != RunState.RECONCILED:
        return "A run is compared with the champion's once all its records are accounted for."
    if run.rows > MAX_ROWS:
        return (
            f"Compare the runs on the Test page: a report compares up to {MAX_ROWS:,} records, "
            f"this run has {run.rows:,}."
        )
    try:
        return _compared(workspace, run)
    except (IrisError, CloudError) as error:
        return f"The run could not be compared with the champion's: {error}"


def _compared(workspace: Workspace, run: Run) -> ComparedWithChampion | str:
    """Compare a reconciled run; raise what the workspace and the cloud raise."""
    project_id = RunProjects(workspace).project_of(run)
    project = find_project(workspace, project_id)
    current = champion(workspace, project)
    if current is None:
        return "The project has no champion: all its models were deleted."
    other, was_before = current.id, False
    if current.id == run.model:
        before = previous_champion(workspace, project)
        if before is None:
            return f"{run.model} is the champion of its project, the first one: none was before it."
        other, was_before = before, True
    cloud = workspace.cloud()
    for earlier in runs_of(workspace, project_id, run_table.runs(cloud)):
        if earlier.model == other and can_be_paired(run, earlier):
            paired = compare_runs(cloud, run, earlier)
            return ComparedWithChampion(other, was_before, earlier.id, paired)
    which = "the champion before" if was_before else "the champion"
    return f"Test {other}, {which}, on the same data to compare both record by record."
