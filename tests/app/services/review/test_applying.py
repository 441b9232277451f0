"""Verdicts hold for rows: they correct the data, and come along with every later run."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from app.services.data.datasets import change_labels
from app.services.journal import NotedVerdict
from app.services.model.training import train_model
from app.services.project_data import evaluation_set
from app.services.review.applying import apply_to_dataset, apply_to_run
from app.services.review.ledger import note_verdicts_of_run, row_verdicts
from app.services.review.rescoring import rescore
from app.services.review.retraining import plan_retraining, what_to_do_first
from app.services.review.undoing import undo
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import TestOutcome, run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import as_letters
from iris_core.errors import DataError
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from iris_core.storage.cards import Change

pytestmark = pytest.mark.cloud


def candidates(workspace: Workspace, run: Run) -> list[Candidate]:
    return list(retrain_table.candidates(workspace.cloud(), run))


def review_truly(workspace: Workspace, run: Run, truth: Sequence[str], rows: set[int]) -> None:
    """Give each of the rows the verdict of somebody who knows its true label."""
    for candidate in candidates(workspace, run):
        if candidate.key.row in rows:
            label = truth[candidate.key.row]
            if label == candidate.record.actual_string:
                give_verdict(workspace, candidate, "right")
            else:
                give_verdict(workspace, candidate, "relabel", label=label)


class Reviewed:
    """A run on labels of which 25 were changed, ten of those reviewed truly, and one dropped."""

    def __init__(self, workspace: Workspace, model: Model, dataset: DataSet) -> None:
        with pytest.raises(DataError, match="Review candidates of run"):
            apply_to_run(workspace, run_test(workspace, model, dataset).run)
        self.noisy, self.changed = change_labels(workspace, dataset, rows=25, seed=3)
        self.outcome: TestOutcome = run_test(workspace, model, self.noisy, threshold="0.9")
        found = {candidate.key.row: candidate for candidate in candidates(workspace, self.run)}
        wrong = [row for row in self.changed if row in found]
        self.relabelled, self.dropped = wrong[:10], wrong[10]
        truth = dataset.frame[dataset.label].tolist()
        review_truly(workspace, self.run, truth, set(self.relabelled))
        give_verdict(workspace, found[self.dropped], "drop", note="smudged label")

    @property
    def run(self) -> Run:
        return self.outcome.run


@pytest.fixture(scope="module")
def reviewed(workspace: Workspace, model: Model, dataset: DataSet) -> Reviewed:
    return Reviewed(workspace, model, dataset)


def test_verdicts_are_known_by_row(workspace: Workspace, reviewed: Reviewed) -> None:
    verdicts = row_verdicts(workspace, reviewed.noisy.columns.project)
    names = as_letters(reviewed.noisy.fingerprints)
    assert set(verdicts) == {names[row] for row in (*reviewed.relabelled, reviewed.dropped)}
    assert verdicts[names[reviewed.dropped]].note == "smudged label"
    assert reviewed.outcome.reviewed == 0


def test_later_run_on_the_same_rows_comes_reviewed(
    workspace: Workspace, model: Model, reviewed: Reviewed
) -> None:
    outcome = run_test(workspace, model, reviewed.noisy)
    assert outcome.reviewed == 11
    carried = [entry for entry in candidates(workspace, outcome.run) if entry.verdict]
    assert {entry.key.row for entry in carried} == {*reviewed.relabelled, reviewed.dropped}
    for entry in carried:
        assert entry.verdict is not None
        assert entry.verdict.carried_from == reviewed.run.id
    # What is carried counts as noted, so that a crash of the local cloud does not take it.
    assert len(workspace.journal.verdicts(outcome.run.id)) == 11
    assert outcome.reconciliation.complete


def test_verdict_that_is_taken_back_is_asked_again(
    workspace: Workspace, model: Model, reviewed: Reviewed
) -> None:
    outcome = run_test(workspace, model, reviewed.noisy)
    row = reviewed.relabelled[0]
    candidate = next(entry for entry in candidates(workspace, outcome.run) if entry.key.row == row)
    taken_back = give_verdict(workspace, candidate, "undecided")
    assert taken_back.verdict is None
    again = run_test(workspace, model, reviewed.noisy)
    assert again.reviewed == 10
    asked = next(entry for entry in candidates(workspace, again.run) if entry.key.row == row)
    assert candidate.verdict is not None
    give_verdict(workspace, asked, "relabel", label=candidate.verdict.label)


def test_undone_verdict_leaves_those_of_earlier_runs_on_its_row(
    workspace: Workspace, model: Model, reviewed: Reviewed
) -> None:
    # GIVEN a later run, and two of its rows labelled by a reviewer: one that comes reviewed, and
    # one whose verdict is on another label, so that it comes open
    project = reviewed.noisy.columns.project
    before = row_verdicts(workspace, project)
    carried, relabelled = reviewed.relabelled[2], reviewed.relabelled[3]
    frame = reviewed.noisy.frame.copy()
    found = {entry.key.row: entry for entry in candidates(workspace, reviewed.run)}
    verdict = found[relabelled].verdict
    assert verdict is not None
    taken = (verdict.label, found[relabelled].record.actual_string)
    third = next(name for name in reviewed.noisy.classes if name not in taken)
    frame.loc[relabelled, "species"] = third
    other = reviewed.noisy.with_rows("a third label", frame)
    workspace.datasets.add(other)
    run = run_test(workspace, model, other, threshold="1").run
    for row in (carried, relabelled):
        entry = next(entry for entry in candidates(workspace, run) if entry.key.row == row)
        assert bool(entry.verdict) is (row == carried)
        give_verdict(workspace, entry, "drop", who="ada")
        assert row_verdicts(workspace, project) != before
        # WHEN it is undone, THEN the row has the verdict of the earlier run again
        assert [key.row for key in undo(workspace, run, who="ada").undone] == [row]
        assert row_verdicts(workspace, project) == before
    # AND so a colleague knows it who only has the table's word for it
    path = workspace.home / "journal" / "local" / f"{run.id}.verdicts.jsonl"
    path.unlink()
    note_verdicts_of_run(workspace, workspace.cloud(), run)
    assert row_verdicts(workspace, project) == before


def test_verdict_on_another_label_is_asked_again(
    workspace: Workspace, model: Model, dataset: DataSet, reviewed: Reviewed
) -> None:
    row = reviewed.relabelled[1]
    frame = reviewed.noisy.frame.copy()
    truth, given = dataset.frame["species"][row], frame["species"][row]
    frame.loc[row, "species"] = next(name for name in dataset.classes if name not in (truth, given))
    outcome = run_test(workspace, model, reviewed.noisy.with_rows("other", frame))
    carried = {entry.key.row for entry in candidates(workspace, outcome.run) if entry.verdict}
    assert row not in carried
    assert len(carried) == 10


def test_applying_corrects_the_tested_data_and_leaves_the_rest(
    workspace: Workspace, model: Model, dataset: DataSet, reviewed: Reviewed
) -> None:
    applied = apply_to_run(workspace, reviewed.run)
    assert (applied.relabelled, applied.dropped, applied.added) == (10, 1, 0)
    assert applied.dataset.rows == 1199
    truth = dict(zip(as_letters(dataset.fingerprints), dataset.frame["species"], strict=True))
    labels = dict(
        zip(as_letters(applied.dataset.fingerprints), applied.dataset.frame["species"], strict=True)
    )
    assert sum(truth[name] != label for name, label in labels.items()) == 25 - 11
    card = workspace.datasets.card(applied.dataset.id)
    assert (card.change, card.parent) == (Change.CORRECTED, reviewed.noisy.id)
    assert workspace.projects.card(card.project).data == card.id  # type: ignore[union-attr]
    # The old run is scored against them too, by the predictions that are stored.
    rescored = rescore(workspace, workspace.cloud(), reviewed.run)
    assert (rescored.rows, rescored.relabelled, rescored.dropped) == (1199, 10, 1)
    assert rescored.differs
    assert rescored.baseline_accuracy == pytest.approx(1 / 3, abs=0.02)
    assert rescored.accuracy is not None
    assert reviewed.run.accuracy is not None
    assert rescored.accuracy > reviewed.run.accuracy
    assert rescored.interval.low < rescored.accuracy < rescored.interval.high
    # Applied again it changes nothing, and makes no second version.
    again = apply_to_run(workspace, reviewed.run)
    assert (again.relabelled, again.dropped, again.added) == (10, 1, 0)
    assert again.dataset.id == applied.dataset.id
    # The second test is scored against the corrected labels.
    second = run_test(workspace, model, applied.dataset)
    assert second.run.accuracy == pytest.approx(rescored.accuracy)

    evaluation = evaluation_set(workspace, card.project)
    assert what_to_do_first(workspace, model.card.id) == ""
    plan = plan_retraining(workspace, model.card.id)
    assert plan.dataset == applied.dataset.id
    assert plan.parent is None
    assert plan.options.epochs == model.card.options.epochs
    assert plan.options.patience == 10
    assert plan.rows + plan.evaluation_rows == 1199
    assert plan.evaluation_rows <= evaluation.rows
    retrained = train_model(
        workspace, workspace.datasets.load(plan.dataset), model.card.spec, options=plan.options
    )
    first = what_to_do_first(workspace, retrained.card.id)
    assert first.startswith("Apply the verdicts first, and review more candidates")
    assert retrained.card.id in first
    assert not set(retrained.trained_on.tolist()) & set(evaluation.fingerprints.tolist())  # type: ignore[union-attr]


def test_reviewed_rows_of_other_data_are_added(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    chance = np.random.default_rng(8)
    frame = dataset.frame.sample(60, random_state=8).reset_index(drop=True)
    for name in dataset.numeric:
        frame[name] = frame[name].astype("float64") * chance.uniform(0.7, 0.9, len(frame))
    batch = dataset.with_rows("batch", frame)
    workspace.datasets.add(batch)
    card = workspace.projects.card(dataset.columns.project)
    assert card is not None
    assert card.data is not None
    before = workspace.datasets.load(card.data)
    run = run_test(workspace, model, batch, threshold="1").run
    rows = {candidate.key.row for candidate in candidates(workspace, run)[:20]}
    review_truly(workspace, run, batch.frame["species"].tolist(), rows)
    applied = apply_to_run(workspace, run)
    assert (applied.added, applied.dataset.rows) == (20, before.rows + 20)
    added = applied.dataset.frame.iloc[-20:].reset_index(drop=True)
    expected = batch.frame.iloc[sorted(rows)].reset_index(drop=True)
    pd.testing.assert_frame_equal(added, expected, check_dtype=False)
    corrected = apply_to_dataset(workspace, batch.id)
    assert (corrected.relabelled, corrected.dropped, corrected.added) == (0, 0, 0)
    assert corrected.dataset.id == batch.id


def test_notes_of_an_earlier_version_are_found_by_their_data(
    workspace: Workspace, model: Model, reviewed: Reviewed
) -> None:
    run = run_test(workspace, model, reviewed.noisy).run
    path = workspace.home / f"journal/local/{run.id}.verdicts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    names = ("partition_key", "sort_key", "decision", "label", "version")
    earlier = [{name: line[name] for name in names} for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in earlier))
    verdicts = row_verdicts(workspace, reviewed.noisy.columns.project)
    known_by = as_letters(reviewed.noisy.fingerprints)
    assert {known_by[row] for row in reviewed.relabelled} <= set(verdicts)
    assert all(NotedVerdict(**line).fingerprint == "" for line in earlier)


def test_data_of_another_project_are_refused(workspace: Workspace, model: Model) -> None:
    other = DataSet(
        "other",
        "kind",
        pd.DataFrame({"kind": ["a", "b"] * 5, "size": range(10)}).astype({"kind": "str"}),
    )
    workspace.datasets.add(other)
    with pytest.raises(DataError, match="of its own project"):
        plan_retraining(workspace, model.card.id, dataset_id=other.id)
    with pytest.raises(DataError, match="expected verdicts in the project"):
        apply_to_dataset(workspace, other.id)


def test_further_training_keeps_the_options_of_the_model(
    workspace: Workspace, dataset: DataSet
) -> None:
    options = TrainOptions(epochs=7, batch_size=64, validation_share=0.2, patience=3)
    made = train_model(workspace, dataset, ModelSpec(units=(8,)), options=options)
    plan = plan_retraining(workspace, made.card.id, further=True, seed=5)
    assert plan.parent == made.card.id
    assert plan.options == TrainOptions(
        epochs=7, batch_size=64, validation_share=0.2, patience=3, seed=5
    )


def test_verdicts_of_a_process_that_died_before_it_noted_them_are_applied(
    workspace: Workspace, model: Model, reviewed: Reviewed
) -> None:
    run = run_test(workspace, model, reviewed.noisy).run
    first, second = [entry for entry in candidates(workspace, run) if not entry.version][:2]
    dropped = retrain_table.save_verdict(workspace.cloud(), first, "drop")
    given = retrain_table.save_verdict(workspace.cloud(), second, "drop")
    back = retrain_table.save_verdict(workspace.cloud(), given, "undecided")
    applied = apply_to_run(workspace, run)
    known_by = set(as_letters(applied.dataset.fingerprints))
    assert first.record.fingerprint not in known_by
    assert second.record.fingerprint in known_by
    # THEN both are noted with their own time
    noted = {entry.key: entry for entry in workspace.journal.verdict_notes(run.id)}
    assert dropped.verdict is not None
    assert noted[first.key].at == dropped.verdict.at
    assert (noted[second.key].decision, noted[second.key].at) == ("undecided", back.taken_back_at)
