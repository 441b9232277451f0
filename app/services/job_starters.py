"""The pipeline's long work as jobs of this process: a page starts one, every page finds it again.

A test run, a replay, verdicts in bulk and a change of the stack follow one another in one queue:
whoever waits for the function should not share it, and a stack that is being changed has no tables.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from app.services.destroying import Destroyed, destroy_cloud, export_folder
from app.services.event_log import bind_run, log_event
from app.services.jobs import Job
from app.services.model.training import load_model, train_model
from app.services.review.bulk import BulkResult, give_verdicts
from app.services.review.choices import Choice
from app.services.review.retraining import RetrainPlan
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import replay
from app.services.runs.run_projects import RunProjects
from app.services.workspace import Workspace
from aws import stack
from aws.errors import CloudError, is_unreachable
from iris_core.errors import Cancelled, IrisError
from iris_core.model.models import ModelCard
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.keys import Key
from iris_core.records.run import Run

TRAIN = "train"
RETRAIN = "retrain"
TEST = "test"
REPLAY = "replay"
STACK = "stack"
SEARCH = "search"
SEARCH_ROWS = "search rows"
BULK = "bulk"
DEMONSTRATION = "demonstration"
EXPLAIN = "explain"
"""The kinds of jobs."""

ON_THE_CLOUD = (TEST, REPLAY, STACK, BULK, DEMONSTRATION)
"""Those that follow one another in one queue."""

TESTING = (TEST, DEMONSTRATION)
"""Those that test a model, and so begin a run."""

_TRAINING = "training"
_CLOUD = "cloud"

EPOCHS = "epochs"
"""The step of progress of a training; its job's events are the epochs."""
PERCENT = "percent"
"""The step of progress of a search for label errors."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def start_training(
    workspace: Workspace,
    dataset_id: str,
    spec: ModelSpec,
    options: TrainOptions,
    *,
    parent: str | None = None,
    name: str | None = None,
    reviewed_weight: int = 1,
    kind: str = TRAIN,
    subject: str = "",
) -> Job:
    """Train a new model, or `parent` further; the job's result is the model's card.

    Args:
        workspace: that keeps the model.
        dataset_id: what to train on.
        spec: of the network; not used with `parent`.
        options: of the training.
        parent: id of a model to train further.
        name: of a new model; by default the data set's.
        reviewed_weight: how often a reviewed row is trained on in an epoch.
        kind: of the job.
        subject: of the job; by default the id of the data set.
    """
    dataset = workspace.datasets.card(dataset_id)
    action = f"Training {parent} further" if parent else "Training"

    def work(job: Job) -> ModelCard:
        job.report(EPOCHS, 0, options.epochs)
        model = train_model(
            workspace,
            workspace.datasets.load(dataset_id),
            spec,
            options=options,
            parent=parent,
            name=name,
            reviewed_weight=reviewed_weight,
            on_epoch=lambda epoch: note_epoch(job, epoch.number, epoch.of, epoch),
            cancelled=job.cancelled,
        )
        return model.card

    title = f"{action} on {dataset.name}"
    return submit(
        workspace, kind, title, work, subject=subject or dataset_id, projects={dataset.project}
    )


def start_retraining(
    workspace: Workspace, run: Run, plan: RetrainPlan, *, reviewed_weight: int = 1
) -> Job:
    """Train a new version of a run's model, as planned.

    The job's result is the new model's card, its subject the run's id.
    """
    model = workspace.models.card(run.model)
    return start_training(
        workspace,
        plan.dataset,
        model.spec,
        plan.options,
        parent=plan.parent,
        name=model.name,
        reviewed_weight=reviewed_weight,
        kind=RETRAIN,
        subject=run.id,
    )


def start_test(
    workspace: Workspace, model_id: str, dataset_id: str, *, threshold: str | None = None
) -> Job:
    """Test a model and reconcile; the job's result is the run.

    Args:
        workspace: whose cloud is used.
        model_id: of the model.
        dataset_id: what to test it on.
        threshold: of this run, 0 to 1; by default the function's own.
    """
    dataset = workspace.datasets.card(dataset_id)

    def work(job: Job) -> Run:
        for step in ("predicted", "stored"):
            job.report(step, 0, dataset.rows)
        outcome = run_test(
            workspace,
            load_model(workspace, model_id),
            workspace.datasets.load(dataset_id),
            threshold=threshold,
            on_progress=job.report,
            cancelled=job.cancelled,
        )
        return outcome.run

    title = f"Testing {model_id} on {dataset.name}"
    return submit(workspace, TEST, title, work, projects={dataset.project})


def start_replay(workspace: Workspace, runs: Sequence[Run]) -> Job:
    """Bring runs to their end, one after the other; the job's result is them as they are then.

    A run that cannot be completed, such as one whose model is gone, does not keep the others from
    it; the job fails in the end, and says which. A cloud that does not answer ends it at once.
    """
    title = f"Completing {len(runs)} runs" if len(runs) > 1 else "Completing a run"

    def work(job: Job) -> tuple[Run, ...]:
        completed: list[Run] = []
        failures: list[str] = []
        for run in runs:
            if job.cancelled():
                raise Cancelled(f"Cancelled after {len(completed)} of {len(runs)} runs.")
            job.report("runs", len(completed), len(runs))
            try:
                replayed, _ = replay(
                    workspace, run.id, on_progress=job.report, cancelled=job.cancelled
                )
            except Cancelled:
                raise
            except (IrisError, CloudError) as error:
                if is_unreachable(error):
                    raise
                failures.append(f"{run.id}: {error}")
            else:
                completed.append(replayed)
        job.report("runs", len(completed), len(runs))
        if failures:
            raise IrisError(
                f"{len(completed)} of {len(runs)} runs were completed. Of the others the first is "
                f"{failures[0]}"
            )
        return tuple(completed)

    known = RunProjects(workspace)
    return submit(workspace, REPLAY, title, work, projects=set(map(known.project_of, runs)))


def start_bulk(
    workspace: Workspace, run: Run, choices: Mapping[Key, Choice], *, who: str = ""
) -> Job:
    """Give verdicts on many candidates of a run; the job's result is a `BulkResult`.

    Cancelled, it says how many were given: those stay, and one undo takes them back.

    Args:
        workspace: whose cloud holds the candidates.
        run: whose candidates; its id is the job's subject.
        choices: by the key of the candidate.
        who: the reviewer.
    """

    def work(job: Job) -> BulkResult:
        done = give_verdicts(
            workspace, run, choices, who=who, on_progress=job.report, cancelled=job.cancelled
        )
        if done.left:
            raise Cancelled(
                f"Cancelled: {done.given} verdicts were given and stay, {done.left} were not. One "
                "undo takes them back."
            )
        return done

    return submit_review(workspace, f"Giving {len(choices)} verdicts", work, run)


def submit_review(workspace: Workspace, title: str, work: Callable[[Job], _T], run: Run) -> Job:
    """Queue work on the verdicts of a run; the job's subject is its id."""
    project = RunProjects(workspace).project_of(run)
    return submit(workspace, BULK, title, work, subject=run.id, projects={project})


def start_deploy(workspace: Workspace) -> Job:
    """Make the stack, or bring it up to date; the job's events are CloudFormation's."""

    def work(job: Job) -> bool:
        return stack.deploy(workspace.cloud(), on_event=job.events.append)

    return submit(workspace, STACK, f"Deploying {workspace.settings.stack}", work)


def start_destroy(workspace: Workspace) -> Job:
    """Delete the stack with all its records; the job's events are CloudFormation's.

    On AWS its runs and verdicts are exported first. The job's result is a `Destroyed`.
    """
    out = export_folder(workspace) if workspace.settings.target == "aws" else None

    def work(job: Job) -> Destroyed:
        return destroy_cloud(workspace, out=out, on_event=job.events.append)

    return submit(workspace, STACK, f"Destroying {workspace.settings.stack}", work)


def note_epoch(job: Job, number: int, of: int, entry: object) -> None:
    """Note an epoch, the `number`th of `of`, among a job's events, and how far it is."""
    job.events.append(entry)
    job.report(EPOCHS, number, of)


def submit(
    workspace: Workspace,
    kind: str,
    title: str,
    work: Callable[[Job], _T],
    *,
    subject: str = "",
    projects: Collection[str] = (),
) -> Job:
    """Queue work, logged; an error that is none of ours is logged with its traceback."""

    def logged(job: Job) -> _T:
        bind_run("")
        log_event("job started", job=job.id, title=title)
        try:
            result = work(job)
        except (IrisError, CloudError):
            raise
        except Exception:
            _log.exception("the job '%s' failed", title)
            raise
        log_event("job finished", job=job.id, title=title, seconds=round(job.seconds, 3))
        return result

    queue = _CLOUD if kind in ON_THE_CLOUD else _TRAINING
    return workspace.jobs.submit(
        kind,
        title,
        logged,
        queue=queue,
        subject=subject,
        projects=projects,
        keeps_one=kind in (SEARCH, SEARCH_ROWS),
    )
