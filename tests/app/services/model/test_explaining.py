"""A model explained in a workspace: in the background, kept, and what cannot be explained."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.job_starters import EXPLAIN
from app.services.jobs import JobState
from app.services.model.explaining import (
    COLUMNS,
    background,
    evaluation_id,
    explain_model,
    explain_record,
    explanation_job,
    how_it_depends,
    known_explanation,
    start_explaining,
)
from app.services.model.training import train_model
from app.services.project_data import evaluation_set
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws.errors import NotPermittedError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.errors import Cancelled, DataError, NotFoundError, SchemaError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from tests.commands import answer, run
from tests.iris_core.samples import flowers

DATA = flowers(120)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = Workspace(tmp_path_factory.mktemp("explained") / "home", Settings())
    made.datasets.add(DATA)
    yield made
    made.close()


@pytest.fixture(scope="module")
def model(workspace: Workspace) -> Model:
    options = TrainOptions(epochs=25, validation_share=0)
    return train_model(workspace, DATA, ModelSpec(units=(8,), learning_rate=0.02), options=options)


def first_row() -> dict[str, object]:
    """Return the values of the first row, by column."""
    return {str(name): value for name, value in DATA.frame.iloc[0].items()}


def copy_of(workspace: Workspace, model: Model) -> str:
    """Return the id of a copy of the model, which can be deleted."""
    return workspace.models.import_bundle(workspace.models.export(model.card.id)).card.id


def test_importance_is_of_the_evaluation_set(workspace: Workspace, model: Model) -> None:
    evaluation = evaluation_set(workspace, DATA.columns.project)
    found = explain_model(workspace, model.card.id)
    assert (found.dataset, found.dataset_name) == (evaluation.id, evaluation.name)
    assert (found.importance.rows, found.importance.repeats, found.seen) == (evaluation.rows, 10, 0)
    assert {entry.column for entry in found.importance.columns} == set(DATA.features)
    # The classes lie apart in the length and the colour, and are drawn in the soil.
    assert found.importance.columns[-1].column == "soil"
    assert found.importance.log_loss < found.importance.guess


def test_rows_that_the_model_was_trained_on_are_counted(workspace: Workspace, model: Model) -> None:
    found = explain_model(workspace, model.card.id, DATA.id)
    evaluation = evaluation_set(workspace, DATA.columns.project)
    assert found.seen == DATA.rows - evaluation.rows


def test_it_is_measured_once_and_visitors_see_it(workspace: Workspace, model: Model) -> None:
    card, visitor = model.card, ReadOnlyWorkspace(workspace)
    data = evaluation_id(workspace, card)
    assert known_explanation(workspace, card.id, data) is None
    assert explanation_job(workspace, card.id, data) is None
    with pytest.raises(NotPermittedError):
        start_explaining(visitor, card, data)
    job = start_explaining(workspace, card, data)
    assert explanation_job(visitor, card.id, data) is job
    wait(workspace, job.id)
    found = known_explanation(visitor, card.id, data)
    assert found == explain_model(workspace, card.id)
    assert job.progress[COLUMNS].share == 1
    assert known_explanation(workspace, card.id, DATA.id) is None
    assert job.projects == {DATA.columns.project}


def test_job_that_is_cancelled_leaves_nothing(workspace: Workspace, model: Model) -> None:
    with pytest.raises(Cancelled):
        explain_model(workspace, model.card.id, cancelled=lambda: True)


def test_model_that_is_deleted_meanwhile_fails_the_job_with_a_sentence(
    workspace: Workspace, model: Model
) -> None:
    copied = copy_of(workspace, model)
    card, data = workspace.models.card(copied), evaluation_id(workspace, model.card)
    workspace.models.delete(copied)
    job = start_explaining(workspace, card, data)
    wait(workspace, job.id)
    assert job.state is JobState.FAILED
    assert isinstance(job.error, NotFoundError)
    assert explanation_job(workspace, copied, data) is job


def wait(workspace: Workspace, job_id: str) -> None:
    """Wait until a job is over: its queue takes the next one then."""
    job = workspace.jobs.latest(EXPLAIN)
    assert job is not None
    assert job.id == job_id
    deadline = time.monotonic() + 60
    while not job.is_over and time.monotonic() < deadline:
        job.cancel_requested.wait(0.01)
    assert job.is_over


def test_data_that_do_not_fit_are_named(workspace: Workspace, model: Model) -> None:
    narrow = DATA.with_rows("narrow", DATA.frame.drop(columns="width"))
    other = DataSet("other", "kind", DATA.frame.rename(columns={"species": "kind"}))
    few = DATA.with_rows("few", DATA.frame.iloc[:1])
    for ds, error, words in (
        (narrow, SchemaError, "'width'"),
        (other, SchemaError, "expected 'species' as the label"),
        (few, DataError, "at least two"),
    ):
        workspace.datasets.add(ds)
        with pytest.raises(error, match=words):
            explain_model(workspace, model.card.id, ds.id)
    with pytest.raises(NotFoundError):
        explain_model(workspace, model.card.id, "0123456789ab")


def test_contributions_of_a_record_lead_from_the_background_to_the_prediction(
    workspace: Workspace, model: Model
) -> None:
    rows = background(workspace, model.card.id)
    assert len(rows) == 96
    fields = {**first_row(), "width": None}
    found = explain_record(workspace, model.card.id, rows, fields, "setosa")
    parts = found.contributions
    assert parts.base + parts.values.sum() == pytest.approx(parts.prediction, abs=1e-4)
    assert found.probability == pytest.approx(1 / (1 + np.exp(-parts.prediction)), abs=1e-3)
    assert dict(found.fields) == {
        "length": fields["length"], "width": None, "soil": fields["soil"], "colour": "blue"
    }  # fmt: skip


def test_what_cannot_be_explained_of_a_record_is_named(workspace: Workspace, model: Model) -> None:
    rows, fields = background(workspace, model.card.id), first_row()
    with pytest.raises(SchemaError, match="class that the model knows"):
        explain_record(workspace, model.card.id, rows, fields, "rose")
    with pytest.raises(SchemaError, match="'length'"):
        explain_record(workspace, model.card.id, rows, {"width": 1.0}, "setosa")
    with pytest.raises(SchemaError, match="'length'"):
        explain_record(workspace, model.card.id, rows, {**fields, "length": "long"}, "setosa")
    with pytest.raises(DataError, match="training data"):
        explain_record(workspace, model.card.id, rows[:0], fields, "setosa")


def test_background_of_deleted_training_data_names_the_remedy(
    tmp_path: Path, workspace: Workspace, model: Model
) -> None:
    elsewhere = Workspace(tmp_path, Settings())
    taken = elsewhere.models.import_bundle(workspace.models.export(model.card.id))
    with pytest.raises(NotFoundError, match="Add the data set flowers again"):
        background(elsewhere, taken.card.id)
    with pytest.raises(DataError, match="evaluation"):
        evaluation_id(elsewhere, taken.card)


def test_dependence_is_of_the_data_that_are_named(workspace: Workspace, model: Model) -> None:
    found = how_it_depends(workspace, model.card.id, DATA.id, "length", "setosa")
    assert (found.rows, found.column) == (120, "length")
    assert found.mean[0] > found.mean[-1]


def test_command_answers_by_id_and_by_name(workspace: Workspace, model: Model) -> None:
    by_name = answer(run(workspace.home, "model", "explain", "flowers", "--json"))
    assert by_name["rows"] == evaluation_set(workspace, DATA.columns.project).rows
    assert (by_name["metric"], by_name["repeats"]) == ("log_loss", 10)
    assert {"column", "importance", "low", "high"} == set(by_name["columns"][0])
    first = model.card.id
    of_data = answer(run(workspace.home, "model", "explain", first, "--data", DATA.id, "--json"))
    assert (of_data["model"], of_data["rows"]) == (first, DATA.rows)
    text = run(workspace.home, "model", "explain", first).stdout
    assert "columns: " in text
    none = run(workspace.home, "model", "explain", "roses")
    assert none.returncode == 2
    assert "roses" in none.stderr
