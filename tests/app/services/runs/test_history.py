"""The runs of a project are found among those of others, whatever version wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.data.datasets import import_table
from app.services.model.training import train_model
from app.services.runs.history import SCANNED_RUNS, project_of_run, runs_of
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import Run
from tests.aws.samples import sample_run
from tests.iris_core.samples import flowers


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, Settings())


@pytest.fixture
def own(workspace: Workspace) -> Model:
    dataset = flowers(60)
    workspace.datasets.add(dataset)
    options = TrainOptions(epochs=1, validation_share=0)
    return train_model(workspace, dataset, ModelSpec(units=(4,)), options=options)


@pytest.fixture
def other(workspace: Workspace) -> DataSet:
    return import_table(workspace, b"kind,size\na,1\nb,2\n", name="other")


def test_run_is_of_the_project_that_it_names_else_of_its_model_else_of_its_data(
    workspace: Workspace, own: Model, other: DataSet
) -> None:
    mine, others = own.card.schema.columns.project, other.columns.project
    named = sample_run(9, project=mine, model="gone", dataset=other.id)
    by_model = sample_run(9, model=own.card.id, dataset=other.id)
    by_data = sample_run(9, model="gone", dataset=other.id)
    unknown = sample_run(9, model="gone", dataset="gone")
    elsewhere = sample_run(9, project="0123456789ab", model=own.card.id)
    runs = [named, by_model, by_data, unknown, elsewhere]
    assert list(runs_of(workspace, mine, runs)) == [named, by_model, unknown]
    assert list(runs_of(workspace, others, runs)) == [by_data, unknown]
    assert list(runs_of(workspace, None, runs)) == runs
    for run, project in zip(runs[:4], (mine, mine, others, ""), strict=True):
        workspace.journal.save(run)
        assert workspace.journal.run(run.id) == run
        assert list(runs_of(workspace, project, [run])) == [run]


def test_runs_are_read_only_as_far_as_they_are_needed(workspace: Workspace) -> None:
    read = []

    def runs() -> Iterator[Run]:
        while True:
            read.append(sample_run(1, project="of others"))
            yield read[-1]

    assert list(runs_of(workspace, "mine", runs())) == []
    assert len(read) == SCANNED_RUNS


@pytest.mark.cloud
def test_test_names_the_project_of_its_model(workspace: Workspace, own: Model) -> None:
    run = run_test(workspace, own, flowers(30)).run
    project = own.card.schema.columns.project
    assert run.project == project
    workspace.models.delete(own.card.id)
    assert project_of_run(workspace, run.id) == project
    assert project_of_run(workspace, "no id") == ""
    assert project_of_run(workspace, sample_run(1).id) == ""
    workspace.close()
