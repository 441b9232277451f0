"""A sample of the suggestions decides whether the others are accepted."""

from __future__ import annotations

import pytest

from app.services.data.datasets import change_labels
from app.services.review.label_search import Search, search_run
from app.services.review.sampling import doubtful_rows, draw_sample, sample_result
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.model.models import Model
from iris_core.records.interval import wilson_interval
from iris_core.records.keys import key_of
from iris_core.records.run import Run

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def run(workspace: Workspace, model: Model, dataset: DataSet) -> Run:
    noisy, _ = change_labels(workspace, dataset, rows=40, seed=9)
    return run_test(workspace, model, noisy, threshold="0.9").run


@pytest.fixture(scope="module")
def search(workspace: Workspace, run: Run) -> Search:
    return search_run(workspace, run)


def test_sample_is_drawn_of_open_suggestions(search: Search) -> None:
    doubtful = doubtful_rows(search, ())
    assert set(doubtful) == set(search.asked[search.suspicion.doubtful[search.asked]].tolist())
    reviewed = doubtful[:5]
    sample = draw_sample(search, size=12, reviewed=reviewed)
    assert len(set(sample)) == 12
    assert set(sample) <= set(doubtful) - set(reviewed)
    # AND the next one, when these are reviewed, is of others
    again = draw_sample(search, size=12, reviewed=[*reviewed, *sample])
    assert not set(again) & set(sample)
    assert draw_sample(search, size=1_000, reviewed=()) == tuple(doubtful)


def test_others_are_offered_when_the_sample_is_complete(
    workspace: Workspace, run: Run, search: Search
) -> None:
    rows = draw_sample(search, size=10, reviewed=())
    names, guess = search.suspicion.classes, search.suspicion.guess
    for number, row in enumerate(rows, start=1):
        before = sample_result(workspace, run, search, rows)
        assert (before.looked_at, before.of, before.is_complete) == (number - 1, 10, False)
        assert not before.others
        candidate = retrain_table.load(workspace.cloud(), key_of(run.id, row))
        assert candidate is not None
        # Eight get the class suggested; one is dropped and one keeps its label, which are no hits.
        if number <= 8:
            give_verdict(workspace, candidate, "relabel", label=names[guess[row]])
        else:
            give_verdict(workspace, candidate, "drop" if number == 9 else "right")
    result = sample_result(workspace, run, search, rows)
    assert result.is_complete
    assert (result.found.right, result.found.reviewed, result.found.acceptable) == (8, 10, True)
    assert result.found.interval == wilson_interval(8, 10)
    assert {key.row for key in result.others} == set(doubtful_rows(search, rows))
    for key, choice in result.others.items():
        assert (choice.decision, choice.label) == ("relabel", names[guess[key.row]])
