"""Delete a project: its data sets, models and promotions, and which rows evaluate.

Its runs stay, with all records and verdicts, in the cloud's tables and in the journal. They name
the project by its columns, so they count again once data with the same columns are added.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from app.services.journal import journals
from app.services.projects import find_project, models_of
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from iris_core.errors import DataError, NotFoundError, StoreError
from iris_core.model.models import ModelCard
from iris_core.records.run import RunState
from iris_core.storage.cards import Change, DataSetCard


@dataclass(frozen=True, slots=True)
class ProjectContents:
    """What goes with a project, and what stays.

    Attributes:
        id: of the project.
        name: what people call it.
        datasets: its data sets in the order in which they go: evaluation sets, earlier ones too,
            then the others, newest first.
        models: newest first.
        runs: how many runs of it the workspace notes, of every cloud; they stay.
        unreconciled: how many of them are not reconciled: what they lack cannot be tested again.
    """

    id: str
    name: str
    datasets: tuple[DataSetCard, ...]
    models: tuple[ModelCard, ...]
    runs: int
    unreconciled: int

    @property
    def text(self) -> str:
        """Its data sets and models, counted."""
        return f"{_counted(len(self.datasets), 'data set')}, {_counted(len(self.models), 'model')}"

    @property
    def runs_text(self) -> str:
        """What becomes of its runs."""
        if not self.runs:
            return "no run of it is noted"
        stay = "run stays" if self.runs == 1 else "runs stay"
        return f"its {self.runs:,} {stay} in the cloud, with all records and verdicts"


def project_contents(workspace: Workspace, project: str) -> ProjectContents:
    """Return what would go with a project, and what would stay; nothing is changed by asking.

    Args:
        workspace: with the project.
        project: its id, or its name if only one is called so.

    Raises:
        NotFoundError: there is none, or several of that name.
    """
    found = find_project(workspace, project)
    datasets = [card for card in workspace.datasets.list().cards if card.project == found.id]
    datasets.sort(key=lambda card: card.change != Change.EVALUATION)
    known = RunProjects(workspace)
    runs = [
        run
        for journal in journals(workspace.home)
        for run in journal.newest_runs()
        if known.project_of(run) == found.id
    ]
    return ProjectContents(
        found.id,
        found.name,
        tuple(datasets),
        models_of(found.id, workspace.models.list().cards),
        len(runs),
        sum(run.state != RunState.RECONCILED for run in runs),
    )


def delete_project(workspace: Workspace, project: str) -> ProjectContents:
    """Delete a project, and return what it had.

    Its data sets, its promotions and its evaluation split go for good. Its models are set aside, as
    when they are deleted one by one: an id is not assigned again, so no run ever names another
    model than its own.

    What makes the project be listed goes last. So a deletion that was interrupted leaves a project
    under the same name, with what was not deleted yet, and is completed by the next one.

    Args:
        workspace: with the project.
        project: its id, or its name if only one is called so.

    Raises:
        NotFoundError: there is none, or several of that name.
        DataError: a job of this process needs its data or models.
        StoreError: something could not be removed; what was removed before is gone.
    """
    contents = project_contents(workspace, project)
    check_unused(workspace, contents.id)
    removals: list[Callable[[], None]] = [
        *(partial(workspace.models.delete, card.id) for card in contents.models),
        *(partial(workspace.datasets.delete, card.id) for card in contents.datasets),
    ]
    removals[-1:-1] = [
        partial(workspace.promotions.delete, contents.id),
        partial(workspace.projects.delete, contents.id),
    ]
    for remove in removals:
        # It may be undecided; and somebody else may have deleted something meanwhile.
        try:
            with suppress(NotFoundError):
                remove()
        except StoreError as error:
            raise StoreError(
                f"Mend this, then delete the project again, to delete the rest: {error}"
            ) from error
    # Nothing of the project is to come back.
    workspace.datasets.clear_set_aside()
    return contents


def check_unused(workspace: Workspace, project: str) -> None:
    """Raise `DataError` if a job that is not over needs the data or models of a project.

    Args:
        workspace: whose jobs are looked at.
        project: id of the project.
    """
    jobs = [job for job in workspace.jobs.running() if project in job.projects]
    if jobs:
        titles = ", ".join(f"'{job.title}'" for job in jobs[:3])
        raise DataError(
            f"Wait for {titles}{' and others' if len(jobs) > 3 else ''} to end, or cancel it, then "
            "delete: expected no job that needs the project's data or models, received "
            f"{_counted(len(jobs), 'job')}."
        )


def _counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as `2 models`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
