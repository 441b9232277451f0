"""Data and models of the same columns are one project, with one frozen evaluation set."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.services.data.datasets import change_labels, import_table
from app.services.model.training import load_model, train_model
from app.services.project_data import (
    bring_evaluation,
    evaluation_set,
    evaluation_split,
    plan_data,
    use_data,
)
from app.services.projects import find_project, lineage, projects
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.data.datasets import DataSet
from iris_core.data.splitting import split
from iris_core.errors import DataError, NotFoundError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.storage.cards import Change
from tests.iris_core.samples import flowers
from tests.using import used

QUICK = TrainOptions(epochs=1, validation_share=0)
SMALL = ModelSpec(units=(4,))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, Settings())


def known_by(dataset: DataSet) -> set[int]:
    return set(dataset.fingerprints.tolist())


def test_same_columns_are_one_project_whatever_their_order(workspace: Workspace) -> None:
    workspace.datasets.add(flowers(30))
    turned = flowers(60).frame[["species", "soil", "colour", "width", "length"]]
    workspace.datasets.add(DataSet("turned", "species", turned))
    other = flowers(30).frame.rename(columns={"width": "breadth"})
    workspace.datasets.add(DataSet("other", "species", other))
    known = projects(workspace)
    assert [len(project.datasets) for project in known] == [1, 2]
    assert known[1].name == "flowers · species"
    assert find_project(workspace, known[1].id) == known[1]
    with pytest.raises(NotFoundError, match=r"Known: .*flowers"):
        find_project(workspace, "tulips")


def test_every_training_leaves_out_the_evaluation_set(workspace: Workspace) -> None:
    dataset = flowers(120)
    workspace.datasets.add(dataset)
    first = train_model(workspace, dataset, SMALL, options=QUICK)
    evaluation = evaluation_set(workspace, dataset.columns.project)
    assert evaluation.rows == 24
    assert first.card.metrics["test_rows"] == 24
    again = train_model(
        workspace, dataset, SMALL, options=TrainOptions(epochs=1, seed=7), parent=first.card.id
    )
    for model in (first, again):
        trained_on = load_model(workspace, model.card.id).trained_on
        assert trained_on is not None
        assert not set(trained_on.tolist()) & known_by(evaluation)
        assert len(trained_on) == 96


def test_later_data_add_to_the_evaluation_set_and_correct_its_labels(workspace: Workspace) -> None:
    dataset = flowers(90)
    workspace.datasets.add(dataset)
    used(workspace, dataset)
    before = evaluation_set(workspace, dataset.columns.project)
    frame = pd.concat([dataset.frame, flowers(300, seed=5).frame], ignore_index=True)
    is_first = frame["length"] == before.frame["length"][0]
    frame.loc[is_first, "species"] = "virginica"
    later = dataset.with_rows("later", frame)
    workspace.datasets.add(later)
    training, evaluation = used(workspace, later)
    assert evaluation is not None
    assert known_by(before) < known_by(evaluation)
    assert evaluation.frame["species"][0] == "virginica"
    assert training.rows + evaluation.rows == later.rows
    card = workspace.datasets.card(evaluation.id)
    assert (card.change, card.parent) == (Change.EVALUATION, later.id)


def test_labels_that_are_changed_on_purpose_do_not_reach_the_evaluation_set(
    workspace: Workspace,
) -> None:
    dataset = flowers(90)
    workspace.datasets.add(dataset)
    used(workspace, dataset)
    before = evaluation_set(workspace, dataset.columns.project)
    noisy, _ = change_labels(workspace, dataset, rows=90, seed=1)
    training, evaluation = used(workspace, noisy)
    assert evaluation is not None
    assert evaluation.id == before.id
    assert [card.change for card in lineage(workspace, noisy.id)] == [
        Change.LABEL_NOISE,
        Change.UPLOADED,
    ]
    assert training.frame["species"].tolist() != dataset.frame["species"].tolist()


def test_evaluation_set_that_was_brought_is_the_one(workspace: Workspace) -> None:
    own, rest = split(flowers(90), test_share=0.3, seed=2)
    bring_evaluation(workspace, rest)
    training, evaluation = used(workspace, flowers(90))
    assert evaluation is not None
    assert evaluation.frame.equals(rest.frame)
    assert known_by(training) == known_by(own)
    bring_evaluation(workspace, rest)
    with pytest.raises(DataError, match="decided once"):
        bring_evaluation(workspace, own)


def test_of_two_first_trainings_at_once_one_decides(workspace: Workspace) -> None:
    first, second = flowers(60), flowers(90, seed=3)
    plans = [plan_data(workspace, dataset) for dataset in (first, second)]
    use_data(workspace, plans[0])
    with pytest.raises(DataError, match="Train again"):
        use_data(workspace, plans[1])
    assert evaluation_split(workspace, second).is_same(plans[0].split)


def test_project_without_a_training_has_no_evaluation_set(workspace: Workspace) -> None:
    workspace.datasets.add(flowers())
    with pytest.raises(DataError, match="expected an evaluation"):
        evaluation_set(workspace, flowers().columns.project)


def test_too_few_different_rows_have_no_evaluation_set(workspace: Workspace) -> None:
    frame = pd.DataFrame({"kind": ["a", "b"] * 10, "length": [1.0, 2.0] * 10})
    copies = DataSet("copies", "kind", frame.astype({"kind": "str"}))
    workspace.datasets.add(copies)
    training, evaluation = used(workspace, copies)
    assert (training.rows, evaluation) == (20, None)


def test_model_of_an_earlier_version_knows_its_rows_by_its_data(workspace: Workspace) -> None:
    dataset = flowers(90)
    workspace.datasets.add(dataset)
    fitted, _ = split(dataset, test_share=0.2, seed=3)
    model = train(fitted, SMALL, options=TrainOptions(epochs=1, validation_share=0, seed=3))
    card = model.card.__class__.from_dict({**model.card.to_dict(), "dataset_id": dataset.id})
    saved = workspace.models.save(Model(card, model.network))
    trained_on = load_model(workspace, saved.card.id).trained_on
    assert trained_on is not None
    assert set(trained_on.tolist()) == known_by(fitted)
    (workspace.home / "datasets" / dataset.id / "data.csv").write_bytes(b"")
    anew = Workspace(workspace.home, workspace.settings)
    assert load_model(anew, saved.card.id).trained_on is None
    workspace.datasets.delete(dataset.id)
    assert load_model(workspace, saved.card.id).trained_on is None


def test_codes_are_read_as_in_the_project(workspace: Workspace) -> None:
    known = b"species,zone\na,01\nb,x2\na,x4\nb,x3\n"
    first = import_table(workspace, known, name="first")
    later = import_table(workspace, b"species,zone\na,01\nb,02\n", name="later")
    assert later.columns.project == first.columns.project
    assert later.frame["zone"].tolist() == ["01", "02"]


class Trainings(RuleBasedStateMachine):
    """Any order of changes to the data: no row that evaluates is ever trained on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.workspace = Workspace(Path(self.folder.name), Settings())
        self.trained: set[int] = set()
        self.evaluated: set[int] = set()

    @initialize(rows=st.integers(6, 60), seed=st.integers(0, 9))
    def begin(self, rows: int, seed: int) -> None:
        self.dataset = flowers(rows, seed=seed)

    def change(self, frame: pd.DataFrame) -> None:
        changed = self.dataset.with_rows("changed", frame)
        if len(changed.classes) > 1:
            self.dataset = changed

    @rule(rows=st.integers(1, 40), seed=st.integers(10, 99))
    def append(self, rows: int, seed: int) -> None:
        self.change(pd.concat([self.dataset.frame, flowers(rows, seed=seed).frame]))

    @rule(seed=st.integers(0, 99))
    def relabel(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        labels = pd.Series(["setosa", "versicolor", "virginica"], dtype="str")
        chosen = labels.take(chance.integers(0, 3, self.dataset.rows))
        frame = self.dataset.frame.copy()
        frame["species"] = chosen.set_axis(frame.index)
        self.change(frame)

    @rule(seed=st.integers(0, 99))
    def drop(self, seed: int) -> None:
        self.change(self.dataset.frame.sample(frac=0.7, random_state=seed))

    @rule(seed=st.integers(0, 99))
    def reorder(self, seed: int) -> None:
        self.change(self.dataset.frame.sample(frac=1, random_state=seed))

    @rule(copies=st.integers(1, 3))
    def repeat(self, copies: int) -> None:
        self.change(pd.concat([self.dataset.frame, *[self.dataset.frame.head(5)] * copies]))

    @rule(further=st.booleans())
    def train(self, further: bool) -> None:
        self.workspace.datasets.add(self.dataset)
        training, evaluation = used(self.workspace, self.dataset)
        # A training further has its parent's rows too; all trainings before are its parents.
        self.trained = known_by(training) | (self.trained if further else set())
        if evaluation is not None:
            self.evaluated |= known_by(evaluation)

    @invariant()
    def no_row_is_on_both_sides(self) -> None:
        assert not self.trained & self.evaluated

    @invariant()
    def split_covers_what_was_evaluated(self) -> None:
        if self.evaluated:
            rows = np.array(sorted(self.evaluated), dtype=np.uint64)
            assert evaluation_split(self.workspace, self.dataset).evaluates(rows).all()

    def teardown(self) -> None:
        self.workspace.close()
        self.folder.cleanup()


TestTrainings = Trainings.TestCase
TestTrainings.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)
