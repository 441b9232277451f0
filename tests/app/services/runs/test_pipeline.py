"""The whole loop: train, test, filter, reconcile, replay, review and retrain."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

import pytest

from app.services.data.datasets import DEFAULT_DATA
from app.services.model.champion import champion_model
from app.services.review.verdicts import give_verdict
from app.services.runs import pipeline
from app.services.runs.pipeline import TestOutcome, run_test
from app.services.runs.recovery import find_run, replay
from app.services.workspace import Workspace
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table, score_table
from aws.errors import CredentialsError, SettingsError
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.label_noise import add_label_noise
from iris_core.errors import Cancelled, NotFoundError, SchemaError
from iris_core.model.models import Model
from iris_core.records.keys import key_of, partitions
from iris_core.records.run import Run, RunState

pytestmark = pytest.mark.cloud


def stored_items(workspace: Workspace, run: Run) -> list[dict[str, str]]:
    cloud = workspace.cloud()
    return [
        item
        for name in partitions(run.id, run.rows)
        for item in score_table.read_partition(cloud, name)
    ]


@pytest.fixture(scope="module")
def tested(workspace: Workspace, model: Model, dataset: DataSet) -> TestOutcome:
    """The default data, tested once."""
    return run_test(workspace, model, dataset)


def test_model_is_measured_on_rows_it_never_saw(model: Model, dataset: DataSet) -> None:
    assert model.card.metrics["test_accuracy"] >= 0.95
    assert model.card.dataset_id == dataset.id
    assert model.card.metrics["test_rows"] == 240


def test_every_record_is_stored_and_accounted_for(tested: TestOutcome) -> None:
    result = tested.reconciliation
    assert result.complete
    assert result.tested == result.stored == 1200
    assert tested.run.state == RunState.RECONCILED


def test_stored_features_are_the_rows_of_the_csv(
    workspace: Workspace, tested: TestOutcome, model: Model
) -> None:
    items = stored_items(workspace, tested.run)
    with DEFAULT_DATA.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(items) == len(rows) == 1200
    for item, row in zip(items, rows, strict=True):
        features = ast.literal_eval(item["Features"])
        assert list(features) == list(row)
        assert features.pop("species") == item["Actual"] == row.pop("species")
        assert features == {name: float(text) for name, text in row.items()}
        assert item["Class"] in model.card.schema.classes


def test_item_of_the_extended_iris_set_is_at_most_one_write_unit(
    workspace: Workspace, tested: TestOutcome
) -> None:
    sizes = [score_table.item_size(item) for item in stored_items(workspace, tested.run)]
    assert max(sizes) <= 1024


@pytest.mark.parametrize("threshold", ["0", "1"])
def test_extreme_thresholds_find_what_the_stored_strings_say(
    workspace: Workspace, model: Model, dataset: DataSet, threshold: str
) -> None:
    noisy, _ = add_label_noise(dataset, rows=25, seed=3)
    outcome = run_test(workspace, model, noisy, threshold=threshold)
    assert outcome.reconciliation.complete

    wanted = {
        item["sort_key"]
        for item in stored_items(workspace, outcome.run)
        if item["Class"] != item["Actual"] or (threshold == "1" and item["Probability"] != "1.0")
    }
    cloud = workspace.cloud()
    found = {item.key.sort_key for item in retrain_table.candidates(cloud, outcome.run)}
    assert found == wanted
    assert len(found) >= 20


def test_changed_labels_become_candidates_unless_the_model_agrees_with_them(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    noisy, changed = add_label_noise(dataset, rows=25, seed=0)
    outcome = run_test(workspace, model, noisy, threshold="0.9")
    agreed = [
        item
        for item in stored_items(workspace, outcome.run)
        if int(item["sort_key"]) in changed and item["Class"] == item["Actual"]
    ]
    cloud = workspace.cloud()
    found = {item.key.row for item in retrain_table.candidates(cloud, outcome.run)}
    assert len(found & set(changed)) >= 25 - len(agreed)
    assert outcome.run.accuracy is not None
    assert outcome.run.accuracy < 0.99


def test_progress_has_three_lines_that_reach_their_ends(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    progress: dict[str, tuple[int, int]] = {}
    outcome = run_test(
        workspace,
        model,
        dataset,
        on_progress=lambda line, done, total: progress.update({line: (done, total)}),
    )
    assert progress["predicted"] == progress["stored"] == (1200, 1200)
    assert progress["filtered"] == (outcome.run.expected, outcome.run.expected)


def test_cancelled_run_says_so_and_can_be_completed(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    asked = iter([False])
    with pytest.raises(Cancelled):
        run_test(workspace, model, dataset, cancelled=lambda: next(asked, True))
    cancelled = next(run_table.runs(workspace.cloud()))
    assert cancelled.state == RunState.CANCELLED

    run, result = replay(workspace, cancelled.id)

    assert result.complete
    assert (run.state, run.tested, run.stored) == (RunState.RECONCILED, 1200, 1200)
    assert run.accuracy == pytest.approx(model.card.metrics["test_accuracy"], abs=0.05)


def test_failed_run_is_never_left_looking_as_if_it_went_on(
    workspace: Workspace, model: Model, dataset: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise SchemaError("said by the model")

    monkeypatch.setattr(pipeline, "test", fail)
    with pytest.raises(SchemaError):
        run_test(workspace, model, dataset)
    newest = next(run_table.runs(workspace.cloud()))
    assert (newest.state, newest.note) == (RunState.FAILED, "said by the model")


def test_runs_do_not_mix(workspace: Workspace, model: Model, dataset: DataSet) -> None:
    outcomes = [run_test(workspace, model, dataset) for _ in range(2)]
    cloud = workspace.cloud()
    keys = [{item.key for item in retrain_table.candidates(cloud, out.run)} for out in outcomes]
    assert {key.row for key in keys[0]} == {key.row for key in keys[1]}
    assert not keys[0] & keys[1]


def test_unknown_run_says_how_to_list_them(workspace: Workspace) -> None:
    with pytest.raises(SettingsError, match=r"cli\.py runs"):
        find_run(workspace, "20261122T093000.123456Z-0123456789abcdef")


def test_workspace_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Train a model first"):
        champion_model(Workspace(tmp_path, Settings()))


def test_aws_without_credentials_says_what_to_do(
    tmp_path: Path, model: Model, dataset: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsError, match="choose the local cloud"):
        run_test(Workspace(tmp_path, Settings(target="aws")), model, dataset)


def test_chosen_target_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRIS_HOME", str(tmp_path / "home"))
    workspace = visit_workspace()
    assert workspace.settings == Settings(region="us-east-1"), "of the environment"
    workspace.choose_target("aws")
    assert workspace.settings == Settings(region="us-east-1", target="aws")
    assert (tmp_path / "home" / "target.txt").read_text() == "aws"
    assert visit_workspace() is workspace


def test_verdict_torn_by_a_crash_is_passed_over(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    run = run_test(workspace, model, dataset).run
    candidate = next(retrain_table.candidates(workspace.cloud(), run))
    give_verdict(workspace, candidate, "right")
    path = next(workspace.home.glob(f"journal/local/{run.id}.verdicts.jsonl"))
    path.write_text(path.read_text() + '{"partition_key": "20')
    (noted,) = workspace.journal.verdicts(run.id)
    assert (noted.key, noted.decision) == (candidate.key, "right")
    assert key_of(run.id, candidate.key.row) == noted.key
