"""A model on data as they come: without labels, with one class, with labels in another writing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.services.data.datasets import import_table
from app.services.review.applying import apply_to_run
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.model.models import Model
from iris_core.records.reason import Reason

pytestmark = pytest.mark.cloud


def without_label(dataset: DataSet, rows: int = 400) -> bytes:
    """The first rows as a production system sends them: changed a little, and without a label."""
    frame = dataset.frame.head(rows).drop(columns=dataset.label)
    return str((frame * 1.001).round(4).to_csv(index=False)).encode()


def test_rows_without_labels_are_predicted_and_the_unsure_ones_are_candidates(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    columns = model.card.schema.columns
    arrived = import_table(workspace, without_label(dataset), name="arrived.csv", like=columns)
    assert not arrived.is_labelled
    assert workspace.datasets.card(arrived.id).project == columns.project
    outcome = run_test(workspace, model, arrived, threshold="0.97")
    run = outcome.run
    assert outcome.reconciliation.complete
    assert run.is_unlabelled
    assert (run.accuracy, run.loss, run.metrics.classes) == (None, None, ())
    found = list(retrain_table.candidates(workspace.cloud(), run))
    assert 0 < len(found) == run.expected < run.rows
    assert {candidate.reason for candidate in found} == {Reason.UNSURE}
    assert all(Decimal(candidate.record.prob_string) < Decimal("0.97") for candidate in found)
    # AND a reviewer gives one its label, with which it joins the data of the project
    first = found[0]
    given = first.record.class_string
    give_verdict(workspace, first, "relabel", label=given)
    applied = apply_to_run(workspace, run)
    assert applied.added == 1
    assert applied.dataset.frame[dataset.label].iloc[-1] == given
    assert applied.dataset.is_labelled


def test_rows_without_labels_cannot_be_trained_on(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    arrived = import_table(
        workspace, without_label(dataset), name="arrived.csv", like=model.card.schema.columns
    )
    with pytest.raises(DataError, match="test a model on it instead"):
        arrived.check_classes()


def test_one_class_or_one_row_can_be_tested(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    setosa = dataset.frame[dataset.frame[dataset.label] == "setosa"]
    for rows in (30, 1):
        content = to_csv(dataset.with_rows("few", setosa.head(rows)))
        few = import_table(workspace, content, name="few.csv", like=model.card.schema.columns)
        outcome = run_test(workspace, model, few)
        assert outcome.run.accuracy is not None
        assert outcome.run.tested == rows


def test_labels_in_another_writing_are_those_of_the_model_and_unknown_ones_an_error(
    workspace: Workspace, model: Model, dataset: DataSet
) -> None:
    columns = model.card.schema.columns
    content = to_csv(dataset.with_rows("w", dataset.frame.head(60)))
    same = content.replace(b"setosa", b" Setosa.").replace(b"virginica", b"VIRGINICA")
    read = import_table(workspace, same, name="written.csv", like=columns)
    assert set(read.classes) <= set(model.card.schema.classes)
    other = content.replace(b"setosa", b"setoza").replace(b"versicolor", b"tulip")
    unknown = import_table(
        workspace, other.replace(b"virginica", b"rose"), name="other.csv", like=columns
    )
    with pytest.raises(DataError, match=r"'setoza' \(nearest: 'setosa'\)"):
        run_test(workspace, model, unknown)
