"""A project with groups: how its files are read, and which of their rows evaluate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.services.data.datasets import add_split, import_table, inspect_upload
from app.services.model.training import train_model
from app.services.project_data import (
    bring_evaluation,
    evaluation_set,
    evaluation_split,
    project_group,
    torn_groups,
)
from app.services.projects import narrower_projects
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.column_table import AS_IT_SAYS
from iris_core.data.datasets import DataSet
from iris_core.data.roles import Role, RoleChoice
from iris_core.errors import DataError
from iris_core.model.options import ModelSpec, TrainOptions

SPEC, QUICK = ModelSpec(units=(4,)), TrainOptions(epochs=1, validation_share=0)


def visits(first: int = 0, patients: int = 30, *, add: float = 0.0, group: bool = True) -> bytes:
    """Return a file of four visits of each patient, whose class is the patient's."""
    who = np.repeat(np.arange(first, first + patients), 4)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{number:03d}" for number in who],
            "pulse": np.sqrt(np.arange(len(who)) + 4 * first).round(6) + add,
            "label": np.where(who % 2, "well", "ill"),
        }
    )
    kept = frame if group else frame.drop(columns="patient_id")
    return str(kept.to_csv(index=False)).encode()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, Settings())


def patients(dataset: DataSet) -> set[str]:
    return set(dataset.frame["patient_id"])


def test_evaluation_set_has_whole_patients_and_gains_their_new_rows(workspace: Workspace) -> None:
    first = import_table(workspace, visits(), name="first.csv")
    assert workspace.datasets.card(first.id).notes[1] == (
        "Group: patient_id. 30 values, each in 4 rows on average: rows of one patient_id stay on "
        "one side of the split."
    )
    train_model(workspace, first, SPEC, options=QUICK)
    evaluation = evaluation_set(workspace, first.columns.project)
    assert (evaluation.group, evaluation.rows) == ("patient_id", 24)
    # WHEN new visits of the same patients come, and new patients
    later = import_table(workspace, visits(0, 60, add=50), name="later.csv")
    model = train_model(workspace, later, SPEC, options=QUICK)
    grown = evaluation_set(workspace, first.columns.project)
    assert patients(evaluation) < patients(grown)
    training, _ = evaluation_split(workspace, later).divide(later)
    assert not patients(grown) & patients(training)
    assert model.trained_on is not None
    assert not np.isin(grown.fingerprints, model.trained_on).any()


def test_file_is_read_with_the_group_of_its_project(workspace: Workspace) -> None:
    choice = RoleChoice(groups=("patient_id",))
    first = import_table(workspace, visits(0, 6), name="first.csv", choice=choice)
    assert project_group(workspace, first.columns.project) == "patient_id"
    # THEN one of the same columns is, though too few patients are in it to guess that
    assert import_table(workspace, visits(50, 3), name="same.csv").group == "patient_id"
    reading = inspect_upload(workspace, visits(60, 3), name="same.csv", options=AS_IT_SAYS)
    roles = {column.name: column.role for column in reading.columns}
    assert roles["patient_id"] == Role.GROUP
    # AND one that is read as a model knows the columns, which knows no group
    model = train_model(workspace, first, SPEC, options=QUICK)
    columns = model.card.schema.columns
    assert columns.group is None
    tested = import_table(workspace, visits(70, 3), name="tested.csv", like=columns)
    assert tested.group == "patient_id"
    ((_, left),) = narrower_projects(workspace, ["patient_id", "pulse", "label", "day"], "label")
    assert left == ("day",)


def test_group_on_both_sides_is_said_on_the_card(workspace: Workspace) -> None:
    first = import_table(workspace, visits(), name="first.csv")
    train_model(workspace, first, SPEC, options=QUICK)
    assert torn_groups(workspace, first) == ""
    training, evaluation = evaluation_split(workspace, first).divide(first)
    rows = pd.concat([training.frame[:2], evaluation.frame[:3]]).assign(patient_id="NEW")
    both = import_table(
        workspace,
        str(rows.to_csv(index=False)).encode(),
        name="both.csv",
        choice=RoleChoice(groups=("patient_id",)),
    )
    assert workspace.datasets.card(both.id).notes[-1] == torn_groups(workspace, both)
    assert torn_groups(workspace, both).startswith(
        "Look at the accuracy with care: 1 group of patient_id lie on both sides of the split, "
        "with 2 rows that train and 3 that evaluate."
    )


def test_project_that_had_no_groups_keeps_the_side_of_all_its_rows(workspace: Workspace) -> None:
    plain = import_table(workspace, visits(group=False), name="plain.csv")
    train_model(workspace, plain, SPEC, options=QUICK)
    more = import_table(workspace, visits(30, 200, group=False), name="more.csv")
    model = train_model(workspace, more, SPEC, options=QUICK)
    decided = evaluation_split(workspace, more).evaluates(more.fingerprints)
    known = import_table(workspace, visits(30, 200), name="known.csv")
    assert known.columns.project == plain.columns.project
    split = evaluation_split(workspace, known)
    assert (split.evaluates(known.fingerprints) == decided).all()
    train_model(workspace, known, SPEC, options=QUICK)
    assert project_group(workspace, plain.columns.project) == "patient_id"
    assert model.trained_on is not None
    evaluation = evaluation_set(workspace, plain.columns.project)
    assert not np.isin(evaluation.fingerprints, model.trained_on).any()
    # AND what was decided says how many patients are on both sides
    assert "groups of patient_id lie on both sides" in torn_groups(workspace, known)


def test_file_without_the_group_joins_the_project(workspace: Workspace) -> None:
    first = import_table(workspace, visits(), name="first.csv")
    train_model(workspace, first, SPEC, options=QUICK)
    before = evaluation_set(workspace, first.columns.project)
    plain = import_table(workspace, visits(0, 60, group=False), name="plain.csv")
    train_model(workspace, plain, SPEC, options=QUICK)
    grown = evaluation_set(workspace, first.columns.project)
    assert grown.rows > before.rows
    assert grown.frame["patient_id"].isna().sum() == grown.rows - before.rows
    # THEN the patients are known still, when a file names them again
    again = import_table(workspace, visits(0, 60), name="again.csv")
    sides = evaluation_split(workspace, again).divide(again)
    assert not patients(sides[0]) & patients(before)


def test_patients_of_an_evaluation_set_that_was_brought_never_train(workspace: Workspace) -> None:
    brought = import_table(workspace, visits(0, 20), name="brought.csv")
    bring_evaluation(workspace, brought)
    bring_evaluation(workspace, brought)
    data = import_table(workspace, visits(10, 40, add=50), name="data.csv")
    train_model(workspace, data, SPEC, options=QUICK)
    assert patients(evaluation_set(workspace, data.columns.project)) == patients(brought)
    other = import_table(workspace, visits(100, 30), name="other.csv")
    with pytest.raises(DataError, match="expected a project without an evaluation set"):
        bring_evaluation(workspace, other)


def test_two_parts_of_a_data_set_share_no_patient(workspace: Workspace) -> None:
    dataset = import_table(workspace, visits(), name="data.csv")
    train, test = add_split(workspace, dataset, test_share=0.3, seed=4)
    assert (train.rows, test.rows) == (88, 32)
    assert not patients(train) & patients(test)


def test_one_patient_a_class_is_a_sentence(workspace: Workspace) -> None:
    choice = RoleChoice(groups=("patient_id",))
    dataset = import_table(workspace, visits(0, 2), name="two.csv", choice=choice)
    with pytest.raises(DataError, match="choose another group column than 'patient_id'"):
        train_model(workspace, dataset, SPEC, options=QUICK)


def test_accuracy_on_labels_at_random_is_chance_with_the_role_alone(tmp_path: Path) -> None:
    """Measure what the role is for: visits of a patient are nearly alike, the label is drawn."""
    rng = np.random.default_rng(1)
    centres, labels = rng.normal(size=(400, 8)), rng.integers(0, 2, 400)
    who = np.repeat(np.arange(400), 10)
    frame = pd.DataFrame(centres[who] + rng.normal(0, 0.01, (len(who), 8))).add_prefix("x")
    frame["patient_id"] = who
    frame["label"] = np.array(["ill", "well"])[labels[who]]
    content = str(frame.to_csv(index=False)).encode()
    accuracy = {}
    for name, choice in (
        ("with", RoleChoice()),
        ("without", RoleChoice(ignored=("patient_id",))),
    ):
        own = Workspace(tmp_path / name, Settings())
        dataset = import_table(own, content, name="data.csv", choice=choice)
        options = TrainOptions(epochs=40, validation_share=0)
        model = train_model(
            own, dataset, ModelSpec(units=(64,), learning_rate=0.01), options=options
        )
        accuracy[name] = model.card.metrics["test_accuracy"]
    # 80 patients evaluate: three standard deviations of a fair coin are 0.17.
    assert abs(accuracy["with"] - 0.5) < 0.17
    assert accuracy["without"] > 0.95
