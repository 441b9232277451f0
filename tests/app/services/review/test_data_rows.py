"""Rows of a data set that are no candidates are reviewed, and the data are corrected by that."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.data.datasets import change_labels, default_dataset
from app.services.data.lineage import origin_of
from app.services.model.training import train_model
from app.services.review.applying import apply_to_dataset
from app.services.review.data_rows import (
    give_row_verdicts,
    open_rows,
    own_reviews,
    undo_row_verdicts,
)
from app.services.review.label_search import Search, search_dataset, search_run
from app.services.review.ledger import row_verdicts
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws import retrain_table
from aws.errors import NotPermittedError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.errors import DataError, NotFoundError
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.verdict import Decision
from iris_core.storage.cards import Change
from tests.newest import newest_model

pytestmark = pytest.mark.cloud

WRONG = 30


@pytest.fixture
def workspace(trained_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of the test's own with the default data and a model of it."""
    home = tmp_path / "home"
    shutil.copytree(trained_home, home)
    made = Workspace(home, Settings())
    yield made
    made.close()


@pytest.fixture
def noisy(workspace: Workspace) -> tuple[DataSet, tuple[int, ...]]:
    """The default data with wrong labels, and the rows that have them."""
    return change_labels(workspace, default_dataset(workspace), rows=WRONG, seed=2)


def searched(workspace: Workspace, dataset: DataSet) -> Search:
    return search_dataset(workspace, dataset.id, method="quick")


def test_reviewed_rows_correct_the_data_and_are_asked_no_more(
    workspace: Workspace, noisy: tuple[DataSet, tuple[int, ...]]
) -> None:
    dataset, wrong = noisy
    true = default_dataset(workspace).frame["species"]
    search = searched(workspace, dataset)
    found = open_rows(workspace, search, "mislabelled", most=20)
    assert (found.rows, found.reviewed, len(found.suggestions)) == (dataset.rows, 0, 20)
    assert {entry.row for entry in found.suggestions} <= set(wrong)
    # WHEN of three rows one is relabelled, one dropped and one kept
    one, two, three = (entry.row for entry in found.suggestions[:3])
    choices: dict[int, tuple[Decision, str]] = {
        one: ("relabel", true[one]),
        two: ("drop", ""),
        three: ("right", ""),
    }
    assert give_row_verdicts(workspace, dataset.id, choices, who="ada") == 3
    # THEN they are asked no more, by this search and by the next
    left = open_rows(workspace, search, "mislabelled", most=dataset.rows)
    assert (left.rows, left.reviewed, left.wrong) == (dataset.rows - 3, 3, found.wrong - 3)
    assert not {one, two, three} & {entry.row for entry in left.suggestions}
    assert set(searched(workspace, dataset).reviewed.tolist()) == {one, two, three}
    # AND a new version of the data has them as reviewed, with its origin, and can be trained on
    applied = apply_to_dataset(workspace, dataset.id)
    assert (applied.relabelled, applied.dropped, applied.dataset.rows) == (1, 1, dataset.rows - 1)
    origin = origin_of(workspace, applied.dataset.id)
    assert [card.id for card in origin.versions[:2]] == [applied.dataset.id, dataset.id]
    assert origin.versions[0].change is Change.CORRECTED
    assert origin.counts == {"relabelled": 1, "added": 0, "dropped": 1}
    project = workspace.projects.card(dataset.columns.project)
    assert project is not None
    assert project.data == applied.dataset.id
    model = train_model(workspace, applied.dataset, ModelSpec(), options=TrainOptions(epochs=1))
    assert model.card.dataset_id == applied.dataset.id


def test_verdicts_on_rows_are_undone_as_they_were_given(
    workspace: Workspace, noisy: tuple[DataSet, tuple[int, ...]]
) -> None:
    dataset, _ = noisy
    project = dataset.columns.project
    give_row_verdicts(workspace, dataset.id, {0: ("drop", ""), 1: ("drop", "")}, who="ada")
    before = row_verdicts(workspace, project)
    give_row_verdicts(workspace, dataset.id, {0: ("right", ""), 2: ("right", "")}, who="ada")
    give_row_verdicts(workspace, dataset.id, {3: ("drop", "")}, who="bob")
    assert undo_row_verdicts(workspace, project, who="bob") == 1
    assert undo_row_verdicts(workspace, project, who="ada") == 2
    assert row_verdicts(workspace, project) == before
    assert len(own_reviews(workspace, project, who="ada")) == 1
    with pytest.raises(NotFoundError, match="expected verdicts by bob"):
        undo_row_verdicts(workspace, project, who="bob")


def test_row_and_candidate_share_the_newest_verdict(
    workspace: Workspace, noisy: tuple[DataSet, tuple[int, ...]]
) -> None:
    dataset, wrong = noisy
    model = newest_model(workspace)
    run = run_test(workspace, model, dataset).run
    candidates = {c.key.row: c for c in retrain_table.candidates(workspace.cloud(), run)}
    reviewed = next(row for row in wrong if row in candidates)
    name = as_letters(dataset.fingerprints[[reviewed]])[0]
    project = dataset.columns.project
    give_verdict(workspace, candidates[reviewed], "right", who="ada")
    assert row_verdicts(workspace, project)[name].decision == "right"
    give_row_verdicts(workspace, dataset.id, {reviewed: ("drop", "")}, who="bob")
    assert row_verdicts(workspace, project)[name].decision == "drop"
    # AND the next run takes it over, and says from where
    again = run_test(workspace, model, dataset).run
    carried = retrain_table.load(
        workspace.cloud(),
        candidates[reviewed].key._replace(
            partition_key=candidates[reviewed].key.partition_key.replace(run.id, again.id)
        ),
    )
    assert carried is not None
    assert carried.verdict is not None
    assert (carried.verdict.decision, carried.verdict.who) == ("drop", "bob")
    assert carried.verdict.carried_from == dataset.id
    # AND an open candidate whose row was reviewed is no more asked about, but named
    other = next(row for row in wrong if row in candidates and row != reviewed)
    give_row_verdicts(workspace, dataset.id, {other: ("right", "")}, who="bob")
    search = search_run(workspace, run, method="quick")
    assert other not in search.asked
    assert other in search.reviewed


def test_to_relabel_a_row_as_what_it_is_keeps_its_label(
    workspace: Workspace, noisy: tuple[DataSet, tuple[int, ...]]
) -> None:
    dataset, _ = noisy
    given = dataset.frame["species"].iloc[0]
    give_row_verdicts(workspace, dataset.id, {0: ("relabel", given)})
    (verdict,) = row_verdicts(workspace, dataset.columns.project).values()
    assert (verdict.decision, verdict.label) == ("right", given)


@pytest.mark.parametrize(
    ("row", "choice", "message"),
    [
        (0, ("relabel", "tulip"), "Choose one of the classes setosa"),
        (0, ("undecided", ""), "'right' or 'drop'"),
        (-1, ("drop", ""), "expected 0 to 1,199"),
        (1200, ("drop", ""), "received 1,200"),
    ],
)
def test_what_is_no_verdict_is_refused_and_nothing_noted(
    workspace: Workspace,
    noisy: tuple[DataSet, tuple[int, ...]],
    row: int,
    choice: tuple[Decision, str],
    message: str,
) -> None:
    choices: dict[int, tuple[Decision, str]] = {1: ("drop", ""), row: choice}
    with pytest.raises(DataError, match=message):
        give_row_verdicts(workspace, noisy[0].id, choices)
    assert not row_verdicts(workspace, noisy[0].columns.project)


def test_visitor_sees_them_and_gives_none(
    workspace: Workspace, noisy: tuple[DataSet, tuple[int, ...]]
) -> None:
    project = noisy[0].columns.project
    give_row_verdicts(workspace, noisy[0].id, {0: ("drop", "")}, who="ada")
    visitors = ReadOnlyWorkspace(workspace)
    assert row_verdicts(visitors, project) == row_verdicts(workspace, project)
    with pytest.raises(NotPermittedError):
        give_row_verdicts(visitors, noisy[0].id, {1: ("drop", "")}, who="ada")
    with pytest.raises(NotPermittedError):
        undo_row_verdicts(visitors, project, who="ada")
    assert len(row_verdicts(workspace, project)) == 1
