"""A training that is interrupted damages nothing; concurrent trainings do not affect each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.services import job_starters
from app.services.job_starters import start_test, start_training
from app.services.jobs import Job, JobState
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import run_table
from aws.clients import Cloud
from aws.settings import Settings
from iris_core.errors import NotFoundError, OptionError, StoreError
from iris_core.model.models import Model, build
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.run import RunState
from tests.browser.servers import wait_until
from tests.faults.failpoints import killed, processes
from tests.faults.file_workspace import MODEL, contents, trained_model, visible_state
from tests.faults.trainings import NEVER, OPTIONS, SPEC, digest_of, train_until_killed
from tests.iris_core.samples import flowers

LONG = TrainOptions(epochs=10_000, batch_size=1)


@pytest.fixture
def workspace(home: Path) -> Iterator[Workspace]:
    workspace = Workspace(home, Settings())
    yield workspace
    workspace.close()


def test_killed_training_leaves_the_old_model(home: Path) -> None:
    before = visible_state(home), contents(home)
    assert killed(train_until_killed, home, NEVER) == []
    assert (visible_state(home), contents(home)) == before


def test_cancelled_training_says_so_and_leaves_the_old_model(
    workspace: Workspace, home: Path
) -> None:
    before = contents(home)
    job = start_training(workspace, flowers().id, SPEC, LONG, parent=MODEL)
    wait_until(lambda: job.events, "there is an epoch")
    workspace.jobs.cancel(job)
    wait_until(lambda: job.is_over, "the job has ended")
    assert job.state is JobState.CANCELLED
    assert contents(home) == before


def test_training_continues_when_the_tab_that_started_it_is_closed(
    workspace: Workspace, home: Path
) -> None:
    before = contents(home)
    jobs: list[Job] = []

    def session() -> None:
        jobs.append(start_training(workspace, flowers().id, SPEC, OPTIONS))

    tab = threading.Thread(target=session)
    tab.start()
    tab.join()
    (job,) = jobs
    assert workspace.jobs.latest(job_starters.TRAIN) is job
    wait_until(lambda: job.is_over, "the job has ended")
    assert job.state is JobState.FINISHED
    assert job.result.id in {card.id for card in workspace.models.list().cards}
    after = contents(home)
    assert {path: after.get(path) for path in before} == before, "the old files have changed"


def test_concurrent_trainings_give_the_same_weights_as_alone() -> None:
    seeds = (0, 1)
    with ThreadPoolExecutor(len(seeds)) as pool:
        in_threads = list(pool.map(digest_of, seeds))
    with ProcessPoolExecutor(2, processes) as pool:
        in_processes = list(pool.map(digest_of, seeds))
    alone = [digest_of(seed) for seed in seeds]
    assert in_threads == in_processes == alone
    assert alone[0] != alone[1]


@pytest.mark.parametrize("steps", [5, 6], ids=["in the last step", "before"])
def test_training_that_diverges_is_refused_with_the_remedy(
    workspace: Workspace, home: Path, steps: int
) -> None:
    spec = ModelSpec(units=(64,) * 10, activation="elu", optimiser="sgd", learning_rate=1.0)
    options = TrainOptions(epochs=1, batch_size=-(-90 // steps), validation_share=0)
    with pytest.raises(OptionError, match="Lower it"):
        train(flowers(), spec, options=options)
    before = contents(home)
    job = start_training(workspace, flowers().id, spec, replace(options, epochs=50))
    wait_until(lambda: job.is_over, "the job has ended")
    assert (job.state, type(job.error)) == (JobState.FAILED, OptionError)
    assert contents(home) == before


def model_with_infinite_outputs() -> Model:
    """Return a model whose weights are finite, and whose outputs are not."""
    model = trained_model()
    network = build(model.card.spec, inputs=model.card.schema.width, classes=3)
    network.set_weights([np.full_like(array, 3e38) for array in network.get_weights()])
    return Model(model.card, network)


def test_run_of_a_model_with_infinite_outputs_fails_and_says_so(
    home: Path, moto_cloud: Cloud
) -> None:
    workspace = Workspace(home, Settings(target="aws"))
    model = workspace.models.load(workspace.models.save(model_with_infinite_outputs()).card.id)
    with pytest.raises(StoreError, match="is no number; its weights are broken"):
        run_test(workspace, model, flowers(), timeout=0)
    (run,) = run_table.runs(moto_cloud)
    assert run.state == RunState.FAILED
    assert "Train it again" in run.note


@pytest.mark.parametrize("gone", ["model", "data set"])
def test_job_whose_model_or_data_was_deleted_before_its_turn_says_so(
    workspace: Workspace, gone: str
) -> None:
    free = threading.Event()
    workspace.jobs.submit(job_starters.TEST, "earlier job", lambda _: free.wait(60), queue="cloud")
    job = start_test(workspace, MODEL, flowers().id)
    if gone == "model":
        workspace.models.delete(MODEL)
    else:
        workspace.datasets.delete(flowers().id)
    free.set()
    wait_until(lambda: job.is_over, "the job has ended")
    assert (job.state, type(job.error)) == (JobState.FAILED, NotFoundError)
    assert gone in str(job.error)
