"""Retraining: the data set that comes of a run's reviewed records."""

from __future__ import annotations

from app.services.review import features
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.data.extending import extend
from iris_core.errors import DataError
from iris_core.records.run import Run


def reviewed_dataset(workspace: Workspace, run: Run) -> DataSet:
    """What the run's model is to be retrained on: its own data, and the run's reviewed records.

    A record judged `right` or `relabel` is added with the reviewer's label, one judged `drop` or
    not judged is not. Raises `DataError` when there is nothing to add, `SchemaError` when a record
    holds text where the data have numbers.
    """
    base = workspace.datasets.load(workspace.models.load(run.model).card.dataset_id)
    rows = [
        {**features(candidate), base.label: candidate.verdict.label}
        for candidate in retrain_table.candidates(workspace.cloud(), run)
        if candidate.verdict and candidate.verdict.decision != "drop"
    ]
    if not rows:
        raise DataError(
            f"Run {run.id}: expected reviewed candidates to learn from, found none. Decide on some "
            "on the Retrain page first."
        )
    lacking = [name for name in base.frame.columns if not any(name in row for row in rows)]
    if lacking:
        raise DataError(
            f"Run {run.id}: its records lack the columns {', '.join(lacking)} of {base.name}. Test "
            "the model on data with all its columns."
        )
    dataset = extend(base, f"{base.name} + {len(rows)} reviewed", rows)
    workspace.datasets.add(dataset)
    return dataset
