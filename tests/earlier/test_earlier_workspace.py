"""A workspace of the version before opens without loss: what it held is there, and goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from app.services.model.champion import champion
from app.services.model.training import load_model, train_model
from app.services.project_data import evaluation_set
from app.services.projects import projects
from app.services.review.applying import apply_to_run
from app.services.review.ledger import row_verdicts
from app.services.review.retraining import plan_retraining
from app.services.runs.pipeline import run_test
from app.services.runs.recovery import lost_runs, replay
from app.services.workspace import Workspace
from aws import retrain_table, run_table, score_records
from aws.settings import Settings
from iris_core.data.fingerprints import as_letters
from iris_core.records.run import Run, RunState
from iris_core.storage.cards import Change

ARCHIVE = Path(__file__).with_name("workspace-229f920.zip")

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Return what the version before found in the workspace when it closed it."""
    with ZipFile(ARCHIVE) as archive:
        content: dict[str, Any] = json.loads(archive.read("found.json"))
    return content


def opened(folder: Path) -> Iterator[Workspace]:
    """Open a copy of the workspace."""
    with ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    workspace = Workspace(folder / "home", Settings())
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Give a copy that is read only."""
    yield from opened(tmp_path_factory.mktemp("earlier"))


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Workspace]:
    """Give a copy for one test to work in."""
    yield from opened(tmp_path)


def earlier_runs(found: dict[str, Any]) -> list[Run]:
    return [Run.from_dict(run) for run in found["runs"]]


def decisions_in_table(workspace: Workspace, run: Run) -> list[list[object]]:
    """Return key, decision and label of each reviewed candidate of a run."""
    return [
        [list(entry.key), entry.verdict.decision, entry.verdict.label]
        for entry in retrain_table.candidates(workspace.cloud(), run)
        if entry.verdict
    ]


def test_runs_and_their_records_are_there(workspace: Workspace, found: dict[str, Any]) -> None:
    cloud, runs = workspace.cloud(), earlier_runs(found)
    assert [run.state for run in runs] == [RunState.RECONCILED] * 2
    assert list(run_table.runs(cloud)) == runs[::-1]
    assert workspace.journal.runs() == runs[::-1]
    assert workspace.journal.broken() == []
    assert lost_runs(workspace) == []
    for run, candidates in zip(runs, found["candidates"], strict=True):
        assert len(list(score_records.stored(cloud, run))) == run.rows == 60
        assert len(list(retrain_table.candidates(cloud, run))) == candidates == run.found
        assert run.unseen_rows is None, "earlier versions did not count them"


def test_verdicts_are_in_the_table_and_in_the_notes(
    workspace: Workspace, found: dict[str, Any]
) -> None:
    runs = earlier_runs(found)
    in_table = [entry for run in runs for entry in decisions_in_table(workspace, run)]
    noted = [verdict for run in runs for verdict in workspace.journal.verdicts(run.id)]
    assert in_table == found["verdicts"]
    assert [[list(v.key), v.decision] for v in noted] == [entry[:2] for entry in in_table]
    # THEN each is known by its row, though neither its note nor its record says which one it is
    few = workspace.datasets.load(found["datasets"][0])
    rows = [verdict.key.row for verdict in noted]
    by_row = row_verdicts(workspace, few.columns.project)
    assert list(by_row) == as_letters(few.fingerprints[rows])
    assert [verdict.decision for verdict in by_row.values()] == [v.decision for v in noted]
    assert {verdict.run for verdict in by_row.values()} == {run.id for run in runs}


def test_model_knows_its_training_rows_by_its_data(
    workspace: Workspace, found: dict[str, Any]
) -> None:
    few = workspace.datasets.load(found["datasets"][0])
    expected = np.unique(few.fingerprints[found["training_rows"]])
    assert workspace.models.load(found["model"]).trained_on is None
    trained_on = load_model(workspace, found["model"]).trained_on
    assert trained_on is not None
    assert trained_on.tolist() == expected.tolist()


def test_data_sets_and_model_are_listed_in_one_project(
    workspace: Workspace, found: dict[str, Any]
) -> None:
    (project,) = projects(workspace)
    few, noisy = found["datasets"]
    assert [card.id for card in project.datasets] == [noisy, few]
    assert {card.change for card in project.datasets} == {Change.UPLOADED}
    assert project.name == "sixty irises · species"
    assert project.evaluation is None, "it is decided by the next training"
    current = champion(workspace, project)
    assert current is not None
    assert current.id == found["model"]
    assert workspace.datasets.list().broken == workspace.models.list().broken == ()


def test_replay_of_an_earlier_run_leaves_it_as_it_is(
    changing: Workspace, found: dict[str, Any]
) -> None:
    first = earlier_runs(found)[0]
    before = decisions_in_table(changing, first)
    run, result = replay(changing, first.id)
    assert result.complete
    assert run == first
    assert decisions_in_table(changing, first) == before


def test_loop_goes_on(changing: Workspace, found: dict[str, Any]) -> None:
    # WHEN the model is tested again
    first = earlier_runs(found)[0]
    few = changing.datasets.load(found["datasets"][0])
    model = load_model(changing, found["model"])
    outcome = run_test(changing, model, few, timeout=60)
    # THEN the run is like the one before, and its candidates come reviewed
    assert outcome.run.state == RunState.RECONCILED
    assert (outcome.run.accuracy, outcome.run.found) == (first.accuracy, first.found)
    assert outcome.run.unseen_rows == few.rows - len(found["training_rows"])
    reviewed = [c for c in retrain_table.candidates(changing.cloud(), outcome.run) if c.verdict]
    decisions = {c.key.row: (c.verdict.decision, c.verdict.label) for c in reviewed if c.verdict}
    assert decisions == {
        key.row: (decision, label)
        for key, decision, label in (
            (entry.key, entry.verdict.decision, entry.verdict.label)
            for entry in retrain_table.candidates(changing.cloud(), first)
            if entry.verdict
        )
    }
    assert {c.verdict.carried_from for c in reviewed if c.verdict} == {first.id}
    assert outcome.reviewed == len(reviewed) == 3
    # WHEN the verdicts are applied
    applied = apply_to_run(changing, first)
    # THEN one row has another label, one is gone, and the evaluation set is kept
    assert (applied.relabelled, applied.dropped, applied.added) == (1, 1, 0)
    assert applied.dataset.rows == few.rows - 1
    assert changing.datasets.card(applied.dataset.id).parent == few.id
    evaluation = evaluation_set(changing, few.columns.project)
    assert evaluation.rows == applied.evaluation_rows > 0
    # WHEN the model is retrained on them
    plan = plan_retraining(changing, model.card.id)
    assert plan.dataset == applied.dataset.id
    retrained = train_model(
        changing,
        changing.datasets.load(plan.dataset),
        model.card.spec,
        options=plan.options,
        name=model.card.name,
    )
    # THEN it is the next version, and was not trained on a row that evaluates
    assert retrained.card.id == "sixty-irises-v2"
    assert retrained.trained_on is not None
    assert not np.isin(retrained.trained_on, evaluation.fingerprints).any()
    assert run_test(changing, retrained, evaluation, timeout=60).run.unseen_rows == evaluation.rows
