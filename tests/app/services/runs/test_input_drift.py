"""The drift of a run's data from the data that its model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.services.runs.input_drift import MAX_ROWS, InputDrift, drift_by_run, input_drift
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.model.models import ModelCard
from iris_core.records.run import Run
from tests.aws.samples import sample_run
from tests.iris_core.samples import data_set

ANY_DRIFT = InputDrift("a", 0.5, "drifted")


def numbers(seed: int, *, moved: float = 0.0, rows: int = 400, labels: str = "xy") -> DataSet:
    """A data set of two features, one of which may be moved."""
    generator = np.random.default_rng(seed)
    return data_set(
        pd.DataFrame(
            {
                "label": pd.Series(list(labels) * (rows // len(labels)), dtype="str"),
                "a": generator.normal(0, 1, rows),
                "b": generator.normal(moved, 1, rows),
            }
        )
    )


def trained_on(dataset: DataSet, model_id: str = "iris-v1") -> ModelCard:
    """A card of which only the id and the training data are looked at."""
    made = object.__new__(ModelCard)
    object.__setattr__(made, "id", model_id)
    object.__setattr__(made, "dataset_id", dataset.id)
    return made


def run_on(dataset: DataSet) -> Run:
    return sample_run(dataset.rows, dataset=dataset.id)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path / "home", Settings())
    yield made
    made.close()


def test_feature_that_drifted_most_is_named_and_the_label_is_none(workspace: Workspace) -> None:
    first, second = numbers(0), numbers(1, moved=1.0, labels="xxxy")
    for dataset in (first, second):
        workspace.datasets.add(dataset)
    drift = input_drift(workspace, first.id, second.id)
    assert drift is not None
    assert (drift.column, drift.level) == ("b", "drifted")
    assert drift.psi > 0.25


def test_few_rows_give_no_level(workspace: Workspace) -> None:
    first, second = numbers(0, rows=20), numbers(1, rows=20)
    for dataset in (first, second):
        workspace.datasets.add(dataset)
    drift = input_drift(workspace, first.id, second.id)
    assert drift is not None
    assert drift.level == "too few rows to say"


def test_drift_from_data_that_are_gone_is_not_known(workspace: Workspace) -> None:
    first = numbers(0)
    workspace.datasets.add(first)
    assert input_drift(workspace, first.id, first.id) is not None
    assert input_drift(workspace, first.id, "0123456789ab") is None


def test_each_pair_is_measured_once_and_runs_on_other_data_are_left_out(
    workspace: Workspace,
) -> None:
    first, second = numbers(0), numbers(1)
    for dataset in (first, second):
        workspace.datasets.add(dataset)
    runs = [run_on(second), run_on(second), run_on(numbers(2)), sample_run(9, model="gone")]
    asked: list[tuple[str, str]] = []

    def measure(training: str, tested: str) -> InputDrift:
        asked.append((training, tested))
        return ANY_DRIFT

    found = drift_by_run(workspace, runs, [trained_on(first)], measure)
    assert found == {runs[0].id: ANY_DRIFT, runs[1].id: ANY_DRIFT}
    assert asked == [(first.id, second.id)]


def test_no_pair_is_begun_when_the_time_is_over(workspace: Workspace) -> None:
    first, second = numbers(0), numbers(1)
    for dataset in (first, second):
        workspace.datasets.add(dataset)
    models, runs = [trained_on(first)], [run_on(second)]
    assert drift_by_run(workspace, runs, models, lambda *_: ANY_DRIFT, seconds=-1) == {}


def test_large_data_are_left_to_the_data_page(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = numbers(0)
    workspace.datasets.add(first)
    listing = workspace.datasets.list()
    large = replace(listing, cards=tuple(replace(c, rows=MAX_ROWS) for c in listing.cards))
    monkeypatch.setattr(workspace.datasets, "list", lambda: large)
    runs = [run_on(first)]
    assert drift_by_run(workspace, runs, [trained_on(first)], lambda *_: ANY_DRIFT) == {}
