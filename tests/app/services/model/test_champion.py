"""One champion a project: promoted, compared and rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from app.services.model.champion import champion, champion_model, promote, roll_back
from app.services.model.comparing import compare_on_evaluation
from app.services.model.training import train_model
from app.services.project_data import evaluation_set
from app.services.projects import Project, find_project
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError, OptionError, StoreError
from iris_core.evaluation.paired import mcnemar_p_value
from iris_core.evaluation.testing import test
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.prediction import predict
from iris_core.storage.promotion_log import Promotion, PromotionLog
from tests.iris_core.samples import flowers

SMALL = ModelSpec(units=(8,))
DATA = flowers(150)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path, Settings())
    made.datasets.add(DATA)
    yield made
    made.close()


def trained(workspace: Workspace, epochs: int, *, weight: int = 1) -> Model:
    options = TrainOptions(epochs=epochs, validation_share=0)
    return train_model(workspace, DATA, SMALL, options=options, reviewed_weight=weight)


def project_of(workspace: Workspace) -> Project:
    return find_project(workspace, DATA.columns.project)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_first_model_is_the_champion_until_another_is_promoted(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="Train a model first"):
        champion_model(workspace)
    first, second = trained(workspace, 1), trained(workspace, 2)
    assert champion_model(workspace).card.id == first.card.id
    assert promote(workspace, second.card.id, who="ada", why="fewer errors") == first.card.id
    assert champion_model(workspace, DATA.columns.project).card.id == second.card.id
    entry = workspace.promotions.entries(DATA.columns.project)[-1]
    assert (entry.model, entry.who, entry.why) == (second.card.id, "ada", "fewer errors")
    with pytest.raises(DataError, match="champion already"):
        promote(workspace, second.card.id, who="ada")


def test_roll_back_restores_the_old_champion_byte_for_byte(
    workspace: Workspace, tmp_path: Path
) -> None:
    first, second, third = (trained(workspace, epochs) for epochs in (1, 2, 3))
    before = files(tmp_path / "models" / first.card.id)
    promote(workspace, second.card.id, who="ada")
    promote(workspace, third.card.id, who="ada")
    assert roll_back(workspace, project_of(workspace), who="bob") == (
        second.card.id,
        third.card.id,
    )
    assert roll_back(workspace, project_of(workspace), who="bob", why="drift")[0] == first.card.id
    assert champion_model(workspace).card.id == first.card.id
    assert files(tmp_path / "models" / first.card.id) == before
    with pytest.raises(DataError, match="no champion before"):
        roll_back(workspace, project_of(workspace), who="bob")
    promote(workspace, third.card.id, who="ada")
    assert roll_back(workspace, project_of(workspace), who="bob")[0] == first.card.id


def test_champion_that_is_deleted_is_followed_by_the_one_before(workspace: Workspace) -> None:
    first, second = trained(workspace, 1), trained(workspace, 2)
    promote(workspace, second.card.id, who="ada")
    workspace.models.delete(second.card.id)
    current = champion(workspace, project_of(workspace))
    assert current is not None
    assert current.id == first.card.id
    workspace.models.restore(second.card.id)
    current = champion(workspace, project_of(workspace))
    assert current is not None
    assert current.id == second.card.id


def test_of_two_promotions_at_once_one_wins(tmp_path: Path) -> None:
    project = "0123456789ab"  # pragma: allowlist secret
    log = PromotionLog(tmp_path)

    def add(number: int) -> bool:
        entry = Promotion(f"m-v{number}", "2026-11-26T09:00:00+00:00", "ada", "", is_rollback=False)
        try:
            PromotionLog(tmp_path).add(project, entry, after=0)
        except StoreError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(add, range(20)))
    assert sum(won) == 1
    assert [entry.model for entry in log.entries(project)] == [f"m-v{won.index(True)}"]


def test_broken_promotion_is_named(tmp_path: Path) -> None:
    path = tmp_path / "promotions/0123456789ab/000001.json"  # pragma: allowlist secret
    path.parent.mkdir(parents=True)
    path.write_text('{"model": 1}')
    with pytest.raises(StoreError, match="000001"):
        PromotionLog(tmp_path).entries("0123456789ab")
    assert PromotionLog(tmp_path).entries("../models") == []


def test_models_are_compared_on_the_evaluation_set(workspace: Workspace) -> None:
    poor, good = trained(workspace, 1), trained(workspace, 40)
    compared = compare_on_evaluation(workspace, poor.card.id, good.card.id)
    evaluation = evaluation_set(workspace, DATA.columns.project)
    assert compared.metrics.paired.rows == evaluation.rows == 30
    labels = evaluation.frame["species"].to_numpy()
    right = [
        np.array(model.card.schema.classes)[predict(model, evaluation.frame).argmax(axis=1)]
        == labels
        for model in (poor, good)
    ]
    fixed, broken = int((~right[0] & right[1]).sum()), int((right[0] & ~right[1]).sum())
    paired = compared.metrics.paired
    assert (paired.fixed, paired.broken) == (fixed, broken)
    assert paired.p_value == pytest.approx(mcnemar_p_value(fixed, broken))
    assert len(compared.changes) == fixed + broken
    assert compared.text.startswith(f"The challenger fixes {fixed} records and breaks {broken}")
    assert compared.metrics.log_loss is not None
    report = test(good, evaluation, lambda _record: None)
    assert compared.metrics.log_loss.challenger.value == pytest.approx(report.loss, rel=1e-3)


def test_rows_that_a_model_was_trained_on_are_left_out(workspace: Workspace) -> None:
    first = trained(workspace, 1)
    evaluation = evaluation_set(workspace, DATA.columns.project)
    # A model of elsewhere, which had other rows to evaluate on.
    seen = np.unique(evaluation.fingerprints[:10])
    other = workspace.models.save(Model(first.card, first.network, seen))
    compared = compare_on_evaluation(workspace, first.card.id, other.card.id)
    assert (compared.seen, compared.metrics.paired.rows) == (10, 20)
    assert "10 rows are left out" in compared.text
    everything = workspace.models.save(
        Model(first.card, first.network, np.unique(evaluation.fingerprints))
    )
    with pytest.raises(DataError, match="neither model was trained on"):
        compare_on_evaluation(workspace, first.card.id, everything.card.id)


def test_model_of_another_project_is_refused(workspace: Workspace) -> None:
    first = trained(workspace, 1)
    frame = DATA.frame.rename(columns={"width": "breadth"})
    other_data = DataSet("other", "species", frame)
    workspace.datasets.add(other_data)
    other = train_model(workspace, other_data, SMALL, options=TrainOptions(epochs=1))
    with pytest.raises(DataError, match="models of one project"):
        compare_on_evaluation(workspace, first.card.id, other.card.id)
    with pytest.raises(NotFoundError):
        promote(workspace, "nobody-v1", who="ada")


def test_reviewed_rows_can_weigh_more(workspace: Workspace) -> None:
    with pytest.raises(OptionError, match="weight of reviewed rows"):
        trained(workspace, 1, weight=11)
    assert trained(workspace, 1, weight=3).card.rows == 150
