"""The loop, shown once with the extended iris set: made step by step, and undone as a whole.

It runs on the local cloud only, in a workspace without models. What it makes is noted on disk as
it goes on, so that a demonstration that was killed can be undone as well:

    HOME/demonstration.json
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from typing import Final

from app.services.data.datasets import change_labels, default_dataset
from app.services.job_starters import DEMONSTRATION, EPOCHS, SEARCH, note_epoch, submit
from app.services.jobs import Job
from app.services.model.training import train_model
from app.services.project_deletion import check_unused, delete_project, project_contents
from app.services.review_jobs import start_search
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.run_deletion import delete_run
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError
from iris_core.model.recipes import DEFAULT, RECIPES
from iris_core.records.run import Run
from iris_core.storage.atomic_files import remove_file, write_file
from iris_core.storage.cards import Change

CHANGED_LABELS: Final = 25
SEED: Final = 0
STEPS: Final = ("data", "train", "change", "test", "review")
"""The steps in their order; a job reports how many of them are done as its step `steps`."""

SEARCH_SECONDS = 10.0
"""Seconds within which a search that is cancelled ends."""

_NOTE = "demonstration.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step of the demonstration came to, as an event of its job.

    Attributes:
        step: one of `STEPS`.
        text: for people.
    """

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a demonstration has made so far.

    Attributes:
        project: id of its project.
        datasets: ids of the data sets that it added.
        model: id of its model; empty before there is one.
        tested: id of the data set with changed labels; empty before there is one.
    """

    project: str
    datasets: tuple[str, ...] = ()
    model: str = ""
    tested: str = ""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What goes when a demonstration is undone, and what stays.

    Attributes:
        datasets: ids of the data sets that go.
        models: ids of the models that go.
        runs: those that go, with their records and candidates.
        verdicts: how many verdicts on them go.
        is_whole: whether nothing else is left of the project, so that it goes too.
    """

    datasets: tuple[str, ...]
    models: tuple[str, ...]
    runs: tuple[Run, ...]
    verdicts: int
    is_whole: bool


def is_offered(workspace: Workspace) -> bool:
    """Return whether the demonstration can be started: on the local cloud, before any model."""
    return workspace.settings.target == "local" and not workspace.models.list().cards


def start(workspace: Workspace) -> Job:
    """Show the loop: train, change labels on purpose, test, and search for the changed labels.

    The job's events are `Finding`s and epochs, its result is the run.

    Args:
        workspace: of the local cloud, without models.

    Raises:
        DataError: it has models, or works on AWS.
    """
    if not is_offered(workspace):
        raise DataError(
            "Choose the local cloud and a workspace without models: the demonstration is a "
            "beginning, and changes nothing that is yours."
        )
    before = {card.id for card in workspace.datasets.list().cards}
    dataset = default_dataset(workspace)
    earlier = noted(workspace)
    added = {*(earlier.datasets if earlier else ()), *({dataset.id} - before)}
    made = Made(dataset.columns.project, tuple(sorted(added)))
    _note(workspace, made)

    def work(job: Job) -> Run:
        return _show(workspace, dataset, made, job)

    return submit(workspace, DEMONSTRATION, "Showing the loop", work, projects={made.project})


def _show(workspace: Workspace, dataset: DataSet, made: Made, job: Job) -> Run:
    """Go through the steps, noting what each has made."""

    def found(step: str, text: str) -> None:
        job.events.append(Finding(step, text))
        job.report("steps", STEPS.index(step) + 1, len(STEPS))

    job.report("steps", 0, len(STEPS))
    features = len(dataset.features)
    found("data", f"{dataset.rows:,} flowers, {features} values each, {len(dataset.classes)} "
          "species.")  # fmt: skip
    recipe = RECIPES[DEFAULT]
    model = train_model(
        workspace,
        dataset,
        recipe.spec_for(dataset.rows),
        options=recipe.options,
        on_epoch=lambda epoch: note_epoch(job, epoch.number, epoch.of, epoch),
        cancelled=job.cancelled,
    )
    made = replace(made, model=model.card.id)
    _note(workspace, made)
    job.progress = {key: value for key, value in job.progress.items() if key != EPOCHS}
    accuracy, baseline = (
        model.card.metrics[name] for name in ("test_accuracy", "test_baseline_accuracy")
    )
    found("train", f"{accuracy:.1%} of the rows kept apart are predicted correctly; always saying "
          f"the largest class would reach {baseline:.1%}.")  # fmt: skip
    noisy, changed = change_labels(workspace, dataset, rows=CHANGED_LABELS, seed=SEED)
    made = replace(made, datasets=(*made.datasets, noisy.id), tested=noisy.id)
    _note(workspace, made)
    found("change", f"{len(changed)} of {noisy.rows:,} labels are wrong now, as they are in real "
          "tables.")  # fmt: skip
    run = run_test(
        workspace,
        model,
        noisy,
        on_progress=job.report,
        cancelled=job.cancelled,
    ).run
    found("test", f"{run.stored:,} records were written to the score table; its stream called the "
          f"function, which copied {run.found:,} of them: predicted wrongly, or with a "
          f"probability below {run.threshold}.")  # fmt: skip
    start_search(workspace, run)
    found("review", f"{run.found:,} candidates wait for you; those whose label is most likely "
          "wrong come first.")  # fmt: skip
    return run


def noted(workspace: Workspace) -> Made | None:
    """Return what a demonstration has made that was not undone; None without one.

    A note that cannot be read counts as none: what it named can be deleted one by one.
    """
    try:
        note = json.loads((workspace.home / _NOTE).read_text("utf-8"))
        return Made(note["project"], tuple(note["datasets"]), note["model"], note["tested"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def to_undo(workspace: Workspace, made: Made) -> Undoing:
    """Return what would go if a demonstration were undone; nothing is changed by asking.

    Args:
        workspace: of the local cloud.
        made: by the demonstration.
    """
    runs = tuple(
        run
        for run in workspace.journal.newest_runs()
        if made.model and (run.model, run.dataset) == (made.model, made.tested)
    )
    verdicts = sum(len(workspace.journal.verdicts(run.id)) for run in runs)
    try:
        contents = project_contents(workspace, made.project)
    except NotFoundError:  # deleted meanwhile
        return Undoing((), (), runs, verdicts, is_whole=False)
    evaluation = {card.id for card in contents.datasets if card.change == Change.EVALUATION}
    others = {card.id for card in contents.datasets} - evaluation - set(made.datasets)
    models = tuple(card.id for card in contents.models if card.id == made.model)
    is_whole = not others and len(models) == len(contents.models)
    datasets = tuple(card.id for card in contents.datasets if card.id in made.datasets)
    return Undoing(datasets, models, runs, verdicts, is_whole=is_whole)


def undo(workspace: Workspace) -> Undoing:
    """Delete what a demonstration has made, for good; what was made since stays.

    Args:
        workspace: of the local cloud.

    Returns:
        What was deleted.

    Raises:
        DataError: there is no demonstration, it is under way, or AWS is worked on.
        StoreError: something could not be removed; it is removed by the next undo.
    """
    made = noted(workspace)
    if made is None:
        raise DataError("There is no demonstration to undo: it was undone, or never started.")
    if workspace.settings.target != "local":
        raise DataError("Choose the local cloud, then undo: the demonstration ran there.")
    _end_searches(workspace, made.project)
    check_unused(workspace, made.project)
    undoing = to_undo(workspace, made)
    if undoing.runs:
        cloud = workspace.cloud()
        for run in undoing.runs:
            delete_run(cloud, run)
            workspace.journal.forget(run.id)
    if undoing.is_whole:
        delete_project(workspace, made.project)
    else:
        for model_id in undoing.models:
            workspace.models.delete(model_id)
        for dataset_id in undoing.datasets:
            workspace.datasets.delete(dataset_id)
    remove_file(workspace.home / _NOTE)
    return undoing


def _end_searches(workspace: Workspace, project: str) -> None:
    """End the searches for label errors in a project: what they would find is of no use any more.

    Raises:
        DataError: one does not end.
    """
    searches = [
        job for job in workspace.jobs.running() if job.kind == SEARCH and project in job.projects
    ]
    for job in searches:
        workspace.jobs.cancel(job)
    deadline = time.monotonic() + SEARCH_SECONDS
    while not all(job.is_over for job in searches):
        if time.monotonic() > deadline:
            raise DataError("Wait until the search for label errors has ended, then undo.")
        time.sleep(0.02)


def _note(workspace: Workspace, made: Made) -> None:
    """Note what was made; raise `StoreError` if that cannot be written."""
    write_file(workspace.home / _NOTE, json.dumps(asdict(made)).encode())
