"""A project is deleted with all that it has; what was accepted of its runs stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.job_starters import start_replay, start_test, start_training
from app.services.journal import Journal
from app.services.model.champion import promote
from app.services.project_deletion import delete_project, project_contents
from app.services.projects import find_project, projects
from app.services.review.ledger import row_verdicts
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws.errors import NotPermittedError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import DataError, NotFoundError, StoreError
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import RunState
from iris_core.storage.cards import Change, Origin
from tests.faults.file_workspace import (
    NEW_RUN,
    OLD_RUN,
    contents,
    run_of,
    trained_model,
    verdict_on,
)
from tests.iris_core.samples import flowers
from tests.using import used

DATA = flowers()
PROJECT = DATA.columns.project
OTHER = DataSet("tulips", "species", DATA.frame.rename(columns={"width": "breadth"}))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Two projects; flowers with two evaluation sets, two models, a promotion and two runs."""
    made = Workspace(tmp_path / "home", Settings())
    made.datasets.add(OTHER)
    used(made, OTHER)
    made.datasets.add(DATA)
    used(made, DATA)
    noisy, _ = add_label_noise(DATA, rows=30, seed=1)
    made.datasets.add(noisy, Origin(Change.CORRECTED, DATA.id))
    used(made, noisy)
    yield made
    made.close()


@pytest.fixture
def full(workspace: Workspace) -> Workspace:
    """The same with models and runs of flowers."""
    for _ in range(2):
        workspace.models.save(trained_model())
    promote(workspace, "flowers-v2", who="ada")
    name = as_letters(DATA.fingerprints)[3]
    noted = replace(verdict_on(3), fingerprint=name, given="virginica")
    workspace.journal.save(replace(run_of(OLD_RUN, RunState.RECONCILED), project=PROJECT))
    workspace.journal.add_verdicts(OLD_RUN, [noted])
    Journal(workspace.home, "aws").save(run_of(NEW_RUN))
    return workspace


def test_what_goes_is_counted_before_and_nothing_changes(full: Workspace) -> None:
    before = contents(full.home)
    counted = project_contents(full, PROJECT)
    assert (counted.name, counted.text) == ("flowers · species", "4 data sets, 2 models")
    assert counted.runs_text == "its 2 runs stay in the cloud, with all records and verdicts"
    assert (counted.runs, counted.unreconciled) == (2, 1)
    assert project_contents(full, "flowers · species") == counted
    other = project_contents(full, OTHER.columns.project)
    assert (other.text, other.runs_text) == ("2 data sets, 0 models", "no run of it is noted")
    assert contents(full.home) == before


def test_all_of_the_project_goes_and_nothing_else(full: Workspace) -> None:
    flower_sets = {card.id for card in project_contents(full, PROJECT).datasets}
    others = {
        path: content
        for path, content in contents(full.home).items()
        if not {*Path(path).parts} & {PROJECT, "models", *flower_sets}
    }
    deleted = delete_project(full, PROJECT)
    assert (len(deleted.datasets), len(deleted.models)) == (4, 2)
    assert [project.id for project in projects(full)] == [OTHER.columns.project]
    assert full.models.list().cards == ()
    assert full.projects.split(PROJECT) is None
    assert full.promotions.entries(PROJECT) == []
    left = contents(full.home)
    assert {path: left[path] for path in left if not path.startswith("models/")} == others
    with pytest.raises(NotFoundError, match="Choose a project that is there: expected"):
        delete_project(full, PROJECT)


def test_runs_and_verdicts_count_again_with_the_same_columns(full: Workspace) -> None:
    verdicts = row_verdicts(full, PROJECT)
    assert len(verdicts) == 1
    delete_project(full, PROJECT)
    assert full.journal.run(OLD_RUN) is not None
    full.datasets.add(flowers(120, seed=4))
    assert project_contents(full, PROJECT).runs == 1
    assert row_verdicts(full, PROJECT) == verdicts
    # AND the run of an earlier version, which does not name its project, with the same data
    full.datasets.add(DATA)
    assert project_contents(full, PROJECT).runs == 2


def test_id_of_a_deleted_model_is_not_assigned_again(full: Workspace) -> None:
    delete_project(full, PROJECT)
    assert full.models.save(trained_model()).card.id == "flowers-v3"


def test_new_project_of_the_columns_decides_anew_and_has_no_champion_before(
    full: Workspace,
) -> None:
    delete_project(full, PROJECT)
    later = flowers(120, seed=4)
    full.datasets.add(later)
    used(full, later)
    split = full.projects.split(PROJECT)
    assert split is not None
    assert set(split.training.tolist()) <= set(later.fingerprints.tolist())
    assert full.promotions.readable(PROJECT) == []


@pytest.mark.parametrize("kind", ["train", "test", "replay"])
def test_project_stays_while_a_job_needs_it(full: Workspace, kind: str) -> None:
    gate = threading.Event()
    queue = "training" if kind == "train" else "cloud"
    full.jobs.submit("earlier", "Earlier work", lambda _: gate.wait(60), queue=queue)
    try:
        if kind == "train":
            job = start_training(full, DATA.id, ModelSpec(), TrainOptions())
        elif kind == "test":
            job = start_test(full, "flowers-v1", DATA.id)
        else:
            job = start_replay(full, [run_of(NEW_RUN)])
        full.jobs.cancel(job)
        before = contents(full.home)
        with pytest.raises(DataError, match=r"^Wait for '.*' to end, or cancel it.*received 1 job"):
            delete_project(full, PROJECT)
        assert contents(full.home) == before
        assert len(delete_project(full, OTHER.columns.project).datasets) == 2
    finally:
        gate.set()
    full.jobs.close()
    assert len(delete_project(full, PROJECT).datasets) == 4


def test_project_of_models_alone_is_deleted(full: Workspace) -> None:
    for card in project_contents(full, PROJECT).datasets:
        full.datasets.delete(card.id)
    assert find_project(full, PROJECT).datasets == ()
    assert len(delete_project(full, PROJECT).models) == 2
    assert [project.id for project in projects(full)] == [OTHER.columns.project]
    assert full.projects.split(PROJECT) is None


def test_project_of_earlier_evaluation_sets_alone_is_listed_and_deleted(
    workspace: Workspace,
) -> None:
    card = workspace.projects.card(PROJECT)
    assert card is not None
    for entry in project_contents(workspace, PROJECT).datasets:
        if entry.change != Change.EVALUATION or entry.id == card.evaluation:
            workspace.datasets.delete(entry.id)
    left = find_project(workspace, PROJECT)
    assert left.name == "flowers (evaluation) · species"
    assert [entry.change for entry in left.datasets] == [Change.EVALUATION]
    delete_project(workspace, PROJECT)
    assert [project.id for project in projects(workspace)] == [OTHER.columns.project]


def test_project_whose_card_is_broken_is_deleted(full: Workspace) -> None:
    (full.home / "projects" / PROJECT / "card.json").write_text("{")
    delete_project(full, PROJECT)
    assert full.projects.broken() == ()


def test_deletion_that_failed_says_so_and_is_completed_by_the_next(full: Workspace) -> None:
    # A file where a folder is needed: the models cannot be set aside.
    in_the_way = full.home / "models" / ".deleted"
    in_the_way.write_text("no folder")
    with pytest.raises(StoreError, match="then delete the project again, to delete the rest"):
        delete_project(full, PROJECT)
    assert find_project(full, PROJECT).name == "flowers · species"
    in_the_way.unlink()
    assert len(delete_project(full, PROJECT).datasets) == 4
    assert [project.id for project in projects(full)] == [OTHER.columns.project]


def test_visitor_who_may_only_look_deletes_nothing(full: Workspace) -> None:
    before = contents(full.home)
    for project in (PROJECT, OTHER.columns.project):
        with pytest.raises(NotPermittedError):
            delete_project(ReadOnlyWorkspace(full), project)
    assert contents(full.home) == before
