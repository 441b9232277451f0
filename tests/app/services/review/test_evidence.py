"""A record is compared with its nearest rows and with the rows of its classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.services.data.datasets import change_labels
from app.services.review.evidence import (
    ClassProfile,
    class_profile,
    compared_with,
    near_in_search,
    near_in_training,
    training_rows,
)
from app.services.review.label_search import search_run
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError
from iris_core.exploration.class_statistics import (
    CategoryShare,
    CategoryStatistics,
    class_statistics,
    z_scores,
)
from iris_core.model.models import Model
from iris_core.records.run import Run

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def run(workspace: Workspace, model: Model, dataset: DataSet) -> Run:
    noisy, _ = change_labels(workspace, dataset, rows=30, seed=3)
    return run_test(workspace, model, noisy, threshold="0.9").run


def test_nearest_rows_of_a_search_are_those_that_it_counts(workspace: Workspace, run: Run) -> None:
    search = search_run(workspace, run)
    found = search.suspicion
    for row in search.ordered("mislabelled")[:5]:
        near = near_in_search(search, row)
        assert near is not None
        numbers = found.neighbours[row, : len(near)] if found.neighbours is not None else ()
        assert [entry.label for entry in near] == [found.classes[number] for number in numbers]
        distances = [entry.distance for entry in near]
        assert distances == sorted(distances)
        assert distances == pytest.approx(
            [np.linalg.norm(found.matrix[e.row] - found.matrix[row]) for e in near], rel=1e-5
        )
        assert all(set(entry.values) == set(search.ds.features) for entry in near)


def test_quick_search_has_no_nearest_rows(workspace: Workspace, run: Run) -> None:
    search = search_run(workspace, run, method="quick")
    assert near_in_search(search, 0) is None


def test_without_a_search_they_are_of_the_rows_trained_on(
    workspace: Workspace, run: Run, model: Model
) -> None:
    rows = training_rows(workspace, model.card.id)
    assert model.trained_on is not None
    assert set(rows.ds.fingerprints.tolist()) == set(model.trained_on.tolist())
    tested = workspace.datasets.load(run.dataset)
    row = next(r for r in range(tested.rows) if tested.fingerprints[r] in rows.ds.fingerprints)
    near = near_in_training(workspace, run, rows, row)
    assert len(near) == 5
    assert all(rows.ds.fingerprints[entry.row] != tested.fingerprints[row] for entry in near)
    assert all(entry.label == rows.labels[entry.row] for entry in near)


def test_what_is_gone_is_named(workspace: Workspace, run: Run, model: Model) -> None:
    rows = training_rows(workspace, model.card.id)
    with pytest.raises(NotFoundError, match="Add the tested data again"):
        near_in_training(workspace, replace(run, dataset="0" * 12), rows, 0)
    with pytest.raises(DataError, match="Test the model again"):
        near_in_training(workspace, run, rows, 1_000_000)


def test_values_are_compared_with_the_rows_of_a_class(
    workspace: Workspace, dataset: DataSet
) -> None:
    profile = class_profile(workspace, dataset.id, "setosa")
    fields = {name: dataset.frame[name].iloc[0] for name in dataset.features}
    compared = compared_with(profile, fields)
    assert compared.numbers == z_scores(fields, class_statistics(dataset, "setosa"))
    # AND a category by how often the class has it; one that is missing is not compared
    counts = (CategoryStatistics("colour", 4, {"red": 3, "blue": 1}),)
    by_colour = ClassProfile((), counts)
    for value, rows in (("red", 3), ("green", 0)):
        found = compared_with(by_colour, {"colour": value}).categories
        assert found == (CategoryShare("colour", value, rows, 4),)
    assert compared_with(by_colour, {"colour": None}).categories == ()
