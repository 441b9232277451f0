"""Candidates and rows whose label is wrong are suggested first, and verdicts are believed."""

from __future__ import annotations

import pandas as pd
import pytest

from app.services.data.datasets import change_labels
from app.services.review.suggesting import (
    Question,
    suggest_for_dataset,
    suggest_for_run,
)
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError, OptionError
from iris_core.model.models import Model
from iris_core.records.run import Run
from iris_core.storage.cards import Change, Origin

pytestmark = pytest.mark.cloud

WRONG = 40
QUICK = Question(method="quick")


@pytest.fixture(scope="module")
def noisy(workspace: Workspace, dataset: DataSet) -> tuple[DataSet, set[int]]:
    """The default data with wrong labels, and the rows that have them."""
    changed, rows = change_labels(workspace, dataset, rows=WRONG, seed=5)
    return changed, set(rows)


@pytest.fixture(scope="module")
def run(workspace: Workspace, model: Model, noisy: tuple[DataSet, set[int]]) -> Run:
    return run_test(workspace, model, noisy[0], threshold="0.9").run


def test_candidates_with_a_wrong_label_come_first(
    workspace: Workspace, run: Run, dataset: DataSet, noisy: tuple[DataSet, set[int]]
) -> None:
    found = suggest_for_run(workspace, run, Question())
    assert found.rows == run.found == len(found.suggestions)
    wrong = {one.row for one in found.suggestions if one.wrong}
    assert len(wrong & noisy[1]) > 0.9 * WRONG
    assert len(wrong - noisy[1]) <= 0.1 * len(wrong)
    assert found.wrong == len(wrong)
    assert [one.wrong for one in found.suggestions] == sorted(
        (one.wrong for one in found.suggestions), reverse=True
    )
    true = dataset.frame[dataset.label]
    assert all(one.suggested == true[one.row] for one in found.suggestions[:20])
    kinds = {one.kind for one in found.suggestions}
    assert kinds <= {"label", "model", "ambiguous", "fine"}
    first = found.suggestions[0]
    assert f"models that never saw this row say {first.suggested}" in first.reason


def test_rows_of_a_data_set_can_be_asked_about(
    workspace: Workspace, noisy: tuple[DataSet, set[int]]
) -> None:
    found = suggest_for_dataset(
        workspace, noisy[0].id, Question(order="self-confidence", budget=10, method="quick")
    )
    assert (len(found.suggestions), found.rows) == (10, noisy[0].rows)
    assert {one.row for one in found.suggestions} <= noisy[1]
    assert {one.kind for one in found.suggestions} == {"label"}


def test_sample_is_of_doubtful_rows(workspace: Workspace, noisy: tuple[DataSet, set[int]]) -> None:
    question = Question(sample=8, method="quick")
    found = suggest_for_dataset(workspace, noisy[0].id, question)
    rows = [one.row for one in found.suggestions]
    assert len(rows) == 8
    assert rows == sorted(rows)
    assert all(one.suggested != one.label for one in found.suggestions)


def test_verdicts_are_believed_and_counted(
    workspace: Workspace, run: Run, dataset: DataSet
) -> None:
    before = suggest_for_run(workspace, run, QUICK)
    assert (before.found.reviewed, before.trusted.reviewed) == (0, 0)
    true = dataset.frame[dataset.label]
    cloud = workspace.cloud()
    by_row = {one.key.row: one for one in retrain_table.candidates(cloud, run)}
    chosen = [one.row for one in before.suggestions if one.wrong][:16]
    for row in chosen:
        give_verdict(workspace, by_row[row], "relabel", label=true[row])
    after = suggest_for_run(workspace, run, QUICK)
    assert after.rows == before.rows - 16
    assert not {one.row for one in after.suggestions} & set(chosen)
    assert (after.found.reviewed, after.found.enough) == (16, False)
    assert after.found.wrong == 16
    assert after.trusted.reviewed == 16
    assert after.trusted.right >= 15
    assert after.trusted.acceptable


def test_data_that_cannot_be_searched_say_why(workspace: Workspace, dataset: DataSet) -> None:
    with pytest.raises(NotFoundError):
        suggest_for_dataset(workspace, "0" * 12, QUICK)
    frame = dataset.frame.copy()
    frame[dataset.label] = pd.Series([""] * dataset.rows, dtype="str")
    nobody = workspace.datasets.add(
        dataset.with_rows("nobody", frame), Origin(Change.UPLOADED, None)
    )
    with pytest.raises(DataError, match="choose data with labels"):
        suggest_for_dataset(workspace, nobody.id, QUICK)
    few = workspace.datasets.add(
        dataset.with_rows("few", dataset.frame.iloc[:6]), Origin(Change.UPLOADED, None)
    )
    with pytest.raises(DataError, match="expected at least 10 to learn from"):
        suggest_for_dataset(workspace, few.id, QUICK)


@pytest.mark.parametrize(
    ("name", "value"), [("order", "best"), ("budget", 0), ("sample", -1), ("budget", 10_000_000)]
)
def test_question_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(OptionError, match=name):
        Question(**{name: value})  # type: ignore[arg-type]
