"""A cancel is heard at every step, and what was cancelled says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.services.job_starters import start_test
from app.services.jobs import JobState
from app.services.model.training import train_model
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import replay
from app.services.workspace import Workspace
from aws import run_table
from aws.errors import SettingsError
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.errors import Cancelled
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.run import RunState
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.memory import MemoryCloud

# On a cloud in memory nothing is delivered unless a test delivers it: no wait ends by itself.


class CancelWhen:
    """Asks to stop from a step on."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.asked = False

    def on_progress(self, step: str, _done: int, _total: int) -> None:
        self.asked = self.asked or step == self.step

    def cancelled(self) -> bool:
        return self.asked


@pytest.fixture
def undelivered(workspace: Workspace) -> Iterator[WorkspaceOnCloud]:
    """The workspace on a cloud whose stream is never delivered."""
    given = WorkspaceOnCloud(workspace.home, MemoryCloud())
    yield given
    given.jobs.close()


def run_until(
    workspace: Workspace,
    model: Model,
    dataset: DataSet,
    step: str,
    *,
    threshold: str | None = None,
) -> None:
    """Test the model, and ask to stop from a step on."""
    cancel = CancelWhen(step)
    run_test(
        workspace,
        model,
        dataset,
        threshold=threshold,
        on_progress=cancel.on_progress,
        cancelled=cancel.cancelled,
    )


def test_test_that_is_cancelled_while_the_function_filters_is_cancelled(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    with pytest.raises(Cancelled, match="while the function filtered"):
        run_until(undelivered, model, dataset, "filtered", threshold="1")
    (run,) = run_table.runs(undelivered.cloud())
    assert run.state is RunState.CANCELLED
    assert (run.tested, run.stored) == (dataset.rows, dataset.rows)
    assert undelivered.journal.runs()[0] == run


def test_replay_that_is_cancelled_while_the_function_filters_is_cancelled(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    with pytest.raises(Cancelled):
        run_until(undelivered, model, dataset, "predicted", threshold="1")
    (run,) = run_table.runs(undelivered.cloud())
    cancel = CancelWhen("filtered")
    with pytest.raises(Cancelled, match="while the function filtered"):
        replay(undelivered, run.id, on_progress=cancel.on_progress, cancelled=cancel.cancelled)
    (after,) = run_table.runs(undelivered.cloud())
    assert after.state is RunState.CANCELLED
    resumed, result = replay(undelivered, run.id, timeout=0)
    assert result.complete
    assert resumed.state is RunState.RECONCILED


def test_run_that_is_cancelled_on_its_way_says_how_far_it_came(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    with pytest.raises(Cancelled):
        run_until(undelivered, model, dataset, "predicted")
    (run,) = run_table.runs(undelivered.cloud())
    items = undelivered.cloud().items(undelivered.settings.score_table)  # type: ignore[attr-defined]
    assert run.state is RunState.CANCELLED
    assert 0 < run.stored == len(items) <= run.tested < dataset.rows


def test_job_of_a_test_that_is_cancelled_while_the_function_filters_is_cancelled(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    job = start_test(undelivered, model.card.id, dataset.id, threshold="1")
    while "filtered" not in job.progress and not job.is_over:
        job.cancel_requested.wait(0.01)
    undelivered.jobs.cancel(job)
    undelivered.jobs.close()
    assert job.state is JobState.CANCELLED
    assert isinstance(job.error, Cancelled)


class Questions:
    """Counts how often work asks whether to stop, and answers yes from the `last` time on."""

    def __init__(self, last: int | None = None) -> None:
        self.asked = 0
        self._last = last

    def __call__(self) -> bool:
        self.asked += 1
        return self._last is not None and self.asked >= self._last


def test_training_that_is_cancelled_while_it_is_measured_keeps_no_model(
    workspace: Workspace, dataset: DataSet
) -> None:
    options = TrainOptions(epochs=2)
    in_training, in_all = Questions(), Questions()
    part, _ = EvaluationSplit.of(dataset).divide(dataset)
    train(part, ModelSpec(), options=options, cancelled=in_training)
    train_model(workspace, dataset, ModelSpec(), options=options, cancelled=in_all)
    assert in_all.asked > in_training.asked
    before = workspace.models.list()
    with pytest.raises(Cancelled):
        train_model(
            workspace, dataset, ModelSpec(), options=options, cancelled=Questions(in_all.asked)
        )
    assert workspace.models.list() == before


def test_threshold_of_a_test_is_carried_by_its_records_and_left_out_of_the_function(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    cloud = undelivered.cloud()
    before = dict(cloud.lambda_.environment)  # type: ignore[attr-defined]
    run_test(undelivered, model, dataset, threshold="0.42", timeout=0)
    run_test(undelivered, model, dataset, timeout=0)
    newest, first = run_table.runs(cloud)
    assert (first.threshold, newest.threshold) == ("0.42", "0.9")
    assert cloud.lambda_.environment == before  # type: ignore[attr-defined]
    thresholds = {
        (item["partition_key"].partition("#")[0], item["Threshold"])
        for item in cloud.items(undelivered.settings.score_table).values()  # type: ignore[attr-defined]
    }
    assert thresholds == {(first.id, "0.42"), (newest.id, "0.9")}


def test_threshold_that_is_none_begins_no_run(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    with pytest.raises(SettingsError, match="0,9"):
        run_test(undelivered, model, dataset, threshold="0,9")
    assert not list(run_table.runs(undelivered.cloud()))


def test_run_is_noted_for_the_cloud_that_it_runs_on_whichever_is_chosen_meanwhile(
    undelivered: WorkspaceOnCloud, model: Model, dataset: DataSet
) -> None:
    def choose_the_other(_step: str, _done: int, _total: int) -> None:
        undelivered.settings = replace(undelivered.settings, target="aws")

    run = run_test(undelivered, model, dataset, timeout=0, on_progress=choose_the_other).run
    assert undelivered.journal_of(undelivered.cloud()).run(run.id) == run
    assert undelivered.settings.target == "aws"
    assert undelivered.journal.runs() == []
