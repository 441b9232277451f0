"""The pipeline's long work as jobs of this process: a page starts one, every page finds it again.

A test run, a replay and a change of the stack follow one another in one queue: a replay may change
the function's threshold for a while, and a stack that is changed has no tables to write to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.event_log import belongs_to, tell
from app.jobs import Job
from app.pipeline import run_test, train_model
from app.recovery import replay
from app.review import reviewed_dataset
from app.services import Services
from aws import stack
from aws.errors import CloudError
from aws.run_table import Run
from iris_core.errors import IrisError
from iris_core.model.models import ModelCard
from iris_core.model.options import ModelSpec, TrainOptions

TRAIN = "train"
RETRAIN = "retrain"
TEST = "test"
REPLAY = "replay"
STACK = "stack"
"""The kinds of jobs."""

ON_THE_CLOUD = (TEST, REPLAY, STACK)
"""Those that follow one another in one queue."""

_TRAINING = "training"
_CLOUD = "cloud"

EPOCHS = "epochs"
"""The line of progress of a training; its trail holds the epochs."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def start_training(
    services: Services,
    dataset_id: str,
    spec: ModelSpec,
    options: TrainOptions,
    *,
    parent: str | None = None,
    kind: str = TRAIN,
) -> Job:
    """Train a new model, or `parent` further; the job's result is the model's card."""
    dataset = services.datasets.card(dataset_id)
    what = f"Training {parent} further" if parent else "Training"

    def work(job: Job) -> ModelCard:
        job.report(EPOCHS, 0, options.epochs)
        model = train_model(
            services,
            services.datasets.load(dataset_id),
            spec,
            options=options,
            parent=parent,
            on_epoch=lambda epoch: _note(job, epoch.number, epoch.of, epoch),
            cancelled=job.cancelled,
        )
        return model.card

    return _submit(services, kind, f"{what} on {dataset.name}", work)


def start_retraining(services: Services, run: Run) -> Job:
    """Train a run's model further on its own data and the run's reviewed records.

    Raises `DataError` when nothing was reviewed; the job's result is the new model's card.
    """
    dataset = reviewed_dataset(services, run)
    return start_training(
        services, dataset.id, ModelSpec(), TrainOptions(), parent=run.model, kind=RETRAIN
    )


def start_test(
    services: Services, model_id: str, dataset_id: str, *, threshold: str | None = None
) -> Job:
    """Test a model and reconcile; the job's result is the run.

    With `threshold` the function's is set first.
    """
    dataset = services.datasets.card(dataset_id)

    def work(job: Job) -> Run:
        for line in ("predicted", "stored"):
            job.report(line, 0, dataset.rows)
        outcome = run_test(
            services,
            services.models.load(model_id),
            services.datasets.load(dataset_id),
            threshold=threshold,
            on_progress=job.report,
            cancelled=job.cancelled,
        )
        return outcome.run

    return _submit(services, TEST, f"Testing {model_id} on {dataset.name}", work)


def start_replay(services: Services, runs: Sequence[Run]) -> Job:
    """Bring runs to their end, one after the other; the job's result is them as they are then."""
    title = f"Completing {len(runs)} runs" if len(runs) > 1 else "Completing a run"

    def work(job: Job) -> tuple[Run, ...]:
        done: list[Run] = []
        for run in runs:
            job.report("runs", len(done), len(runs))
            completed, _ = replay(services, run.id, on_progress=job.report, cancelled=job.cancelled)
            done.append(completed)
        job.report("runs", len(done), len(runs))
        return tuple(done)

    return _submit(services, REPLAY, title, work)


def start_deploy(services: Services) -> Job:
    """Make the stack, or bring it up to date; the job's trail holds CloudFormation's events."""

    def work(job: Job) -> bool:
        return stack.deploy(services.cloud(), on_event=job.trail.append)

    return _submit(services, STACK, f"Deploying {services.settings.stack}", work)


def start_destroy(services: Services) -> Job:
    """Delete the stack with all its records; the job's trail holds CloudFormation's events."""

    def work(job: Job) -> bool:
        return stack.destroy(services.cloud(), on_event=job.trail.append)

    return _submit(services, STACK, f"Destroying {services.settings.stack}", work)


def _note(job: Job, number: int, of: int, entry: object) -> None:
    job.trail.append(entry)
    job.report(EPOCHS, number, of)


def _submit(services: Services, kind: str, title: str, work: Callable[[Job], _T]) -> Job:
    """Queue work; what it did not mean to raise goes to the console with its traceback."""

    def watched(job: Job) -> _T:
        belongs_to("")
        tell("job started", job=job.id, title=title)
        try:
            result = work(job)
        except (IrisError, CloudError):
            raise
        except Exception:
            _log.exception("the job '%s' failed", title)
            raise
        tell("job finished", job=job.id, title=title, seconds=round(job.seconds, 3))
        return result

    queue = _CLOUD if kind in ON_THE_CLOUD else _TRAINING
    return services.jobs.submit(kind, title, watched, queue=queue)
