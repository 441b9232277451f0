"""A review's long work as jobs, beside those of `job_starters`: a search, an import, an undo."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.services.data.datasets import readable_name
from app.services.job_starters import PERCENT, SEARCH, SEARCH_ROWS, submit, submit_review
from app.services.jobs import Job
from app.services.review.exchange import Imported, import_review
from app.services.review.label_search import Search, Watched, search_dataset, search_run
from app.services.review.undoing import Undone, undo_all
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from iris_core.errors import Cancelled
from iris_core.records.run import Run

SEARCHED_AT_ONCE = 5_000
"""Rows of a run that is searched for label errors unasked: some 20 s."""


def start_search(workspace: Workspace, run: Run) -> Job:
    """Search the open candidates of a run for label errors.

    The job's result is the `Search`, its subject the run's id.
    """

    def work(job: Job) -> Search:
        def report(share: float) -> None:
            job.report(PERCENT, round(100 * share), 100)

        report(0.0)
        return search_run(workspace, run, watched=Watched(report, job.cancelled))

    return submit(
        workspace,
        SEARCH,
        "Looking for label errors",
        work,
        subject=run.id,
        projects={RunProjects(workspace).project_of(run)},
    )


def search_once(workspace: Workspace, run: Run) -> None:
    """Search a run for label errors, unless that was done, or would take long.

    Args:
        workspace: with the run's model and data.
        run: whose candidates are to be reviewed; without labels there is nothing to find.
    """
    latest = workspace.jobs.latest(SEARCH)
    is_known = latest is not None and latest.subject == run.id
    if not is_known and not run.is_unlabelled and run.rows <= SEARCHED_AT_ONCE:
        start_search(workspace, run)


def start_import(
    workspace: Workspace, run: Run, name: str, content: bytes, *, who: str = ""
) -> Job:
    """Take over the verdicts of a file; the job's result is an `Imported`.

    Cancelled, it says how many were taken over: those stay, and can be undone.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates; its id is the job's subject.
        name: of the file, for messages.
        content: of the file.
        who: the reviewer, unless the file names one.
    """
    shown = readable_name(name)

    def work(job: Job) -> Imported:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / shown.replace("/", " ")
            file.write_bytes(content)
            done = import_review(
                workspace, run, file, who=who, on_progress=job.report, cancelled=job.cancelled
            )
        if done.left:
            raise Cancelled(
                f"Cancelled: {done.imported} verdicts were taken over and stay, {done.left} were "
                "not. Import the file again, it goes on with the others."
            )
        return done

    return submit_review(workspace, f"Importing {shown}", work, run)


def start_row_search(workspace: Workspace, dataset_id: str) -> Job:
    """Search the rows of a data set for label errors.

    The job's result is the `Search`, its subject the id of the data set.
    """
    dataset = workspace.datasets.card(dataset_id)

    def work(job: Job) -> Search:
        def report(share: float) -> None:
            job.report(PERCENT, round(100 * share), 100)

        report(0.0)
        return search_dataset(workspace, dataset_id, watched=Watched(report, job.cancelled))

    title = f"Looking for label errors in {dataset.name}"
    projects = {dataset.project}
    return submit(workspace, SEARCH_ROWS, title, work, subject=dataset_id, projects=projects)


def start_undo_of(workspace: Workspace, run: Run, verdict_ids: Sequence[str]) -> Job:
    """Undo some bulks of a run; the job's result is an `Undone`.

    Args:
        workspace: in which they were given.
        run: on whose candidates; its id is the job's subject.
        verdict_ids: of the bulks, the newest last.
    """

    def work(job: Job) -> Undone:
        done = undo_all(
            workspace, run, verdict_ids, on_progress=job.report, cancelled=job.cancelled
        )
        if done.left:
            raise Cancelled(
                f"Cancelled: {len(done.undone)} verdicts were undone, {done.left} were not. Undo "
                "again, it goes on with the others."
            )
        return done

    return submit_review(workspace, "Undoing verdicts", work, run)
