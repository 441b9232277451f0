"""What a crash of the local cloud took is restored."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.job_starters import start_replay
from app.services.jobs import JobState
from app.services.model.training import train_model
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import lost_runs, replay
from app.services.workspace import Workspace
from aws import function, retrain_table, run_table, stack
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import RunState
from tests.aws.test_local_cloud import emulator_pid, family, wait_until_gone
from tests.newest import newest_model

pytestmark = pytest.mark.cloud


@pytest.fixture
def own_services(tmp_path: Path, model: Model, dataset: DataSet) -> Callable[[], Workspace]:
    """Opens one workspace, with the model and data in it, as often as a test asks."""

    def opened() -> Workspace:
        return Workspace(tmp_path / "home", Settings())

    workspace = opened()
    workspace.datasets.add(dataset)
    workspace.models.save(replace(model, card=replace(model.card, id="")))
    return opened


def test_what_a_crash_took_is_restored_by_replay(
    own_services: Callable[[], Workspace], dataset: DataSet
) -> None:
    workspace = own_services()
    model = newest_model(workspace)
    noisy, _ = add_label_noise(dataset, rows=25, seed=0)
    workspace.datasets.add(noisy)
    function.set_threshold(workspace.cloud(), "0.95")
    saved = run_test(workspace, model, dataset).run
    workspace.close()

    workspace = own_services()
    lost = run_test(workspace, model, noisy, threshold="0.9")
    reviewed = next(retrain_table.candidates(workspace.cloud(), lost.run))
    reviewed = give_verdict(workspace, reviewed, "drop")
    of_saved = next(retrain_table.candidates(workspace.cloud(), saved))
    of_saved = give_verdict(workspace, of_saved, "right")
    pid = emulator_pid(workspace.home / "cloud")
    processes = family(pid)
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(processes)

    # The saved run is there, but the verdict on it came after the cloud was saved.
    assert {run.id for run in lost_runs(workspace)} == {saved.id, lost.run.id}
    replay(workspace, saved.id)
    kept = retrain_table.load(workspace.cloud(), of_saved.key)
    assert kept is not None
    assert kept.verdict is not None
    assert kept.verdict.decision == "right"
    assert [run.id for run in lost_runs(workspace)] == [lost.run.id]
    run, result = replay(workspace, lost.run.id)

    assert result.complete
    assert (result.stored, result.expected) == (1200, lost.run.expected)
    assert run.accuracy == lost.run.accuracy
    assert lost_runs(workspace) == []
    restored = retrain_table.load(workspace.cloud(), reviewed.key)
    assert restored is not None
    assert restored.verdict is not None
    assert restored.verdict.decision == "drop"
    assert {run.id for run in run_table.runs(workspace.cloud())} == {saved.id, lost.run.id}
    again = run_test(workspace, model, noisy)
    assert again.reconciliation.complete
    assert again.run.threshold == "0.95", "a replay leaves the function's threshold as it was"
    workspace.close()


def test_run_that_cannot_be_restored_does_not_keep_the_others_from_it(
    own_services: Callable[[], Workspace], dataset: DataSet
) -> None:
    workspace = own_services()
    model = newest_model(workspace)
    gone = train_model(workspace, dataset, ModelSpec(), options=TrainOptions(epochs=1))
    runs = [run_test(workspace, tested, dataset).run for tested in (gone, model)]
    stack.destroy(workspace.cloud())
    stack.deploy(workspace.cloud())
    workspace.models.delete(gone.card.id)
    job = start_replay(workspace, runs)
    while not job.is_over:
        job.cancel_requested.wait(0.05)
    assert job.state is JobState.FAILED
    assert str(job.error).startswith("1 of 2 runs were completed.")
    assert gone.card.id in str(job.error)
    restored = run_table.load(workspace.cloud(), runs[1].id)
    assert restored.state is RunState.RECONCILED
    workspace.close()
