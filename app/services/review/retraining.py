"""Retraining: the data set that comes of a run's reviewed records."""

from __future__ import annotations

from app.services.review.verdicts import features
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.data.extending import extend
from iris_core.errors import DataError
from iris_core.records.run import Run


def reviewed_dataset(workspace: Workspace, run: Run) -> DataSet:
    """Return what to retrain a run's model on: its own data, and the run's reviewed records.

    A record with the verdict `right` or `relabel` is added with the reviewer's label; one to `drop`
    and one without a verdict are not.

    Raises:
        DataError: there is nothing to add, or the records lack columns of the data.
        SchemaError: a record holds text where the data have numbers.
    """
    base = workspace.datasets.load(workspace.models.load(run.model).card.dataset_id)
    rows = [
        {**features(candidate), base.label: candidate.verdict.label}
        for candidate in retrain_table.candidates(workspace.cloud(), run)
        if candidate.verdict and candidate.verdict.decision != "drop"
    ]
    if not rows:
        raise DataError(
            f"Review candidates of run {run.id} on the Retrain page first: expected some that are "
            "kept or relabelled, found none."
        )
    missing = [name for name in base.frame.columns if not any(name in row for row in rows)]
    if missing:
        raise DataError(
            f"Run {run.id}: its records lack the columns {', '.join(missing)} of {base.name}. Test "
            "the model on data with all its columns."
        )
    dataset = extend(base, f"{base.name} + {len(rows)} reviewed", rows)
    workspace.datasets.add(dataset)
    return dataset
