"""What a report says of a run beyond its figures comes from the workspace and its cloud."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.services.export.champion_runs import ComparedWithChampion, compared_with_champion
from app.services.export.model_card import OWNER, find_model, model_card, newest_test
from app.services.export.report_sources import Mistakes, report_sources
from app.services.model.champion import promote
from app.services.runs.downloads import run_report
from app.services.runs.run_drift import RunDrift, run_drift
from app.services.workspace import Workspace
from aws import run_table
from iris_core.data.datasets import DataSet
from iris_core.errors import NotFoundError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import ClassMetrics, RunMetrics
from tests.app.services.export.test_report import MADE, Outline
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.loop import Loop

EVIL = "<script>alert(1)</script> | `x`"
METRICS = RunMetrics(
    classes=(
        ClassMetrics("versicolor", 1.0, 0.9, 0.947, 60),
        ClassMetrics("virginica", 0.0, 0.0, 0.0, 0),
    ),
    confusion=((54, 6), (0, 0), (0, 0)),
)


@pytest.fixture(scope="module")
def trained(trained_on: DataSet) -> Model:
    return train(trained_on, ModelSpec(units=(4,)), options=TrainOptions(epochs=1))


@pytest.fixture
def workspace(tmp_path: Path, trained: Model, trained_on: DataSet) -> WorkspaceOnCloud:
    """A workspace with two models of one project, and a reconciled run of the second one."""
    loop = Loop(60)
    loop.write()
    loop.mapping.deliver()
    made = WorkspaceOnCloud(tmp_path, loop.cloud)
    dataset = made.datasets.add(trained_on)
    card = replace(trained.card, dataset_id=dataset.id, dataset_name=EVIL, rows=dataset.rows)
    first, second = (made.models.save(replace(trained, card=card)).card for _ in range(2))
    run = replace(
        loop.run,
        model=second.id,
        dataset=dataset.id,
        dataset_name=EVIL,
        project=card.schema.columns.project,
        state=RunState.RECONCILED,
        tested=60,
        stored=60,
        accuracy=0.9,
        metrics=METRICS,
        found=len(loop.cloud.items(loop.cloud.settings.retrain_table)),
    )
    run_table.save(made.cloud(), run)
    made.journal.save(run)
    assert first.id != second.id
    return made


def newest(workspace: Workspace) -> Run:
    return next(workspace.journal.newest_runs())


def test_mistakes_come_with_their_reasons_and_the_most_informative_columns(
    workspace: WorkspaceOnCloud,
) -> None:
    found = report_sources(workspace, newest(workspace)).mistakes
    assert isinstance(found, Mistakes)
    assert found.columns[0] in ("length", "width")
    assert {entry.reason for entry in found.examples} <= {"wrong", "wrong and unsure"}
    assert {entry.row % 10 for entry in found.examples} == {0}
    confidence = [float(entry.probability) for entry in found.examples]
    assert confidence == sorted(confidence, reverse=True)
    assert sum(found.reasons.values()) == newest(workspace).found


def test_report_of_a_run_in_a_workspace_is_whole(workspace: WorkspaceOnCloud) -> None:
    text = Outline(run_report(workspace, newest(workspace), made_at=MADE).decode()).text
    assert "The mistakes of which the model was most certain" in text
    assert "Test flowers-v1, the champion, on the same data to compare both" in text
    assert f"Trained on{EVIL}" in text
    assert "of flowers)." in text


def test_run_is_compared_with_the_champions_and_the_champions_with_the_one_before(
    workspace: WorkspaceOnCloud,
) -> None:
    run, (second, first) = newest(workspace), workspace.models.list().cards
    earlier = replace(run, model=first.id)
    run_table.save(workspace.cloud(), earlier)
    assert earlier.model != second.id
    found = compared_with_champion(workspace, run)
    assert isinstance(found, ComparedWithChampion)
    assert (found.other, found.was_before) == (first.id, False)
    assert "fixes 0 records and breaks 0 of 60: no difference." in found.text
    promote(workspace, second.id, who="test")
    before = compared_with_champion(workspace, run)
    assert isinstance(before, ComparedWithChampion)
    assert (before.other, before.was_before) == (first.id, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": RunState.INCOMPLETE}, "once all its records are accounted for"),
        ({"rows": 1_000_000}, "a report compares up to 100,000 records"),
        ({"project": "gone"}, "could not be compared"),
    ],
)
def test_why_there_is_no_comparison_is_said(
    workspace: WorkspaceOnCloud, changes: dict[str, object], sentence: str
) -> None:
    run = replace(newest(workspace), **changes)  # type: ignore[arg-type]
    found = compared_with_champion(workspace, run)
    assert isinstance(found, str)
    assert sentence in found


def test_run_whose_model_and_data_are_gone_has_a_report(workspace: WorkspaceOnCloud) -> None:
    run = newest(workspace)
    workspace.models.delete(run.model)
    workspace.datasets.delete(run.dataset)
    text = Outline(run_report(workspace, run, made_at=MADE).decode()).text
    assert "Add the data again to see how the inputs differ from the training data" in text
    assert "The model is not in this workspace any more" in text


def moved(dataset: DataSet, rows: int) -> DataSet:
    """A data set of which so many rows have a length and a colour that nobody saw."""
    frame = dataset.frame.copy()
    frame.loc[: rows - 1, "length"] = 99.0
    frame.loc[: rows - 1, "colour"] = "mauve"
    return dataset.with_rows("moved", frame)


def test_drift_names_the_rows_outside_of_the_training_range(
    workspace: WorkspaceOnCloud, trained_on: DataSet
) -> None:
    tested = moved(trained_on, 40)
    workspace.datasets.add(tested)
    found = run_drift(workspace, replace(newest(workspace), dataset=tested.id))
    assert isinstance(found, RunDrift)
    assert {entry.name for entry in found.columns} == {*trained_on.features}
    rows = {entry.name: entry.rows.tolist() for entry in found.unfamiliar}
    assert rows["colour"] == [*range(40)]
    # The range is that of the rows that were fitted, so a row that was held back may be outside.
    assert {*rows["length"]} >= {*range(40)}
    assert not found.is_sampled
    assert (
        "have too few rows to say (90 tested rows of moved against 90 of flowers)" in found.summary
    )


def test_many_rows_are_compared_by_a_sample_and_it_is_said(
    workspace: WorkspaceOnCloud, trained_on: DataSet
) -> None:
    repeats = np.arange(200_100) % trained_on.rows
    tested = trained_on.with_rows("many", pd.DataFrame(trained_on.frame.iloc[repeats]))
    workspace.datasets.add(tested)
    found = run_drift(workspace, replace(newest(workspace), dataset=tested.id))
    assert found.is_sampled
    assert "of each a sample of 200,000 rows at most" in found.summary


def test_card_has_the_parts_of_mitchell_and_leaves_the_use_to_the_owner(
    workspace: WorkspaceOnCloud,
) -> None:
    run = newest(workspace)
    assert newest_test(workspace, run.model) == run
    text = model_card(workspace, run.model, run=run, made_at=MADE)
    for part in (
        "## Model details",
        f"## Intended use\n\n**{OWNER}**",
        "## Factors",
        "## Training data",
        "## Evaluation",
        "## Ethical considerations",
        "## Limits and recommendations",
        "## How to reproduce it",
        "| versicolor | 60 | 90.0 % (79.9 % to 95.3 %) | 100.0 % (93.4 % to 100.0 %) | 94.7 % |",
        "| virginica | 0 | 0.0 % (no rows) | 0.0 % (0.0 % to 39.0 %) | 0.0 % |",
        "Fewer than 100 rows were tested of versicolor (60)",
    ):
        assert part in text
    assert "<script>" not in text
    assert "\\<script\\>alert(1)\\</script\\> \\| \\`x\\`" in text


def test_card_of_a_model_that_was_not_tested_says_so(workspace: WorkspaceOnCloud) -> None:
    first = workspace.models.list().cards[1]
    assert newest_test(workspace, first.id) is None
    text = model_card(workspace, first.id, run=None, made_at=MADE)
    assert "There is no test run with figures by class." in text


def test_model_is_found_by_id_or_by_name_the_newest_first(workspace: WorkspaceOnCloud) -> None:
    second, first = workspace.models.list().cards
    assert find_model(workspace, first.id) == first
    assert find_model(workspace, first.name) == second
    with pytest.raises(NotFoundError, match="none called 'nobody'"):
        find_model(workspace, "nobody")
