"""Apply verdicts: the corrected version of the data, and of the evaluation set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.services.project_data import plan_data, use_data
from app.services.review.ledger import (
    note_verdicts_of_others,
    note_verdicts_of_run,
    row_of,
    row_verdicts,
)
from app.services.review.verdicts import features
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.extending import extend
from iris_core.data.fingerprints import as_letters, from_letters
from iris_core.errors import DataError, NotFoundError
from iris_core.records.run import Run
from iris_core.records.verdict import RowVerdict
from iris_core.storage.cards import Change, Origin

_SUFFIX = " (corrected)"


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying verdicts.

    Attributes:
        dataset: the corrected version; the data set itself if all its labels are right.
        relabelled: number of rows whose label changed.
        dropped: number of rows that are left out.
        added: number of reviewed rows that were not in the data.
        evaluation_rows: number of rows of the evaluation set, as corrected; 0 if there is none.
    """

    dataset: DataSet
    relabelled: int
    dropped: int
    added: int
    evaluation_rows: int


def apply_to_run(workspace: Workspace, run: Run) -> Applied:
    """Correct the data of a run's project by all verdicts, and work with the result from now on.

    If the tested data hold all rows that are trained on now, they are their newer version: it is
    the one that is corrected. Else the data that are trained on are, and the run's reviewed rows
    that they lack are added.

    Raises:
        DataError: nothing was reviewed, or the records lack columns of the data.
        SchemaError: a record holds text where the data have numbers.
        NotFoundError: the data are gone.
    """
    model = workspace.models.card(run.model)
    project = model.schema.columns.project
    cloud = workspace.cloud()
    note_verdicts_of_others(workspace, cloud, project)
    note_verdicts_of_run(workspace, cloud, run)
    verdicts = row_verdicts(workspace, project)
    if not verdicts:
        raise DataError(
            f"Review candidates of run {run.id} on the Retrain page first: expected verdicts, "
            "found none."
        )
    card = workspace.projects.card(project)
    trained_on = card.data if card is not None and card.data else model.dataset_id
    base = workspace.datasets.load(trained_on)
    tested = _tested(workspace, run)
    if tested is not None and tested.is_labelled and _holds(tested, base, verdicts):
        return _corrected(workspace, tested, verdicts, added=[])
    return _corrected(workspace, base, verdicts, _reviewed_rows(workspace, run, base, verdicts))


def apply_to_dataset(workspace: Workspace, dataset_id: str) -> Applied:
    """Correct a data set by all verdicts of its project, and work with the result from now on.

    Raises:
        DataError: nothing was reviewed.
        NotFoundError: there is no such data set.
    """
    dataset = workspace.datasets.load(dataset_id)
    project = dataset.columns.project
    note_verdicts_of_others(workspace, workspace.cloud(), project)
    verdicts = row_verdicts(workspace, project)
    if not verdicts:
        raise DataError("Review candidates first: expected verdicts in the project, found none.")
    return _corrected(workspace, dataset, verdicts, added=[])


def _corrected(
    workspace: Workspace,
    base: DataSet,
    verdicts: Mapping[str, RowVerdict],
    added: list[dict[str, object]],
) -> Applied:
    """Keep the corrected version of a data set with added rows, and work with it."""
    correction = correct(base, list(verdicts.values()))
    name = base.name.removesuffix(_SUFFIX) + _SUFFIX
    dataset = extend(correction.dataset, name, added) if added else correction.dataset
    dataset = replace(dataset, name=name)
    dataset.check_classes()
    if dataset.id == base.id:
        dataset = base
    else:
        workspace.datasets.add(dataset, Origin(Change.CORRECTED, base.id))
    plan = plan_data(workspace, dataset, verdicts=list(verdicts.values()))
    use_data(workspace, plan)
    evaluation = plan.evaluation
    return Applied(
        dataset,
        correction.relabelled,
        correction.dropped,
        len(added),
        evaluation.rows if evaluation is not None else 0,
    )


def _tested(workspace: Workspace, run: Run) -> DataSet | None:
    """Return the data set of a run, None if it is gone."""
    try:
        return workspace.datasets.load(run.dataset)
    except NotFoundError:
        return None


def _holds(tested: DataSet, base: DataSet, verdicts: Mapping[str, RowVerdict]) -> bool:
    """Return whether tested data hold all rows of others, but those that reviewers dropped."""
    if tested.columns.project != base.columns.project:
        return False
    lacking = base.fingerprints[~np.isin(base.fingerprints, tested.fingerprints)]
    return all(
        name in verdicts and verdicts[name].decision == "drop" for name in as_letters(lacking)
    )


def _reviewed_rows(
    workspace: Workspace, run: Run, base: DataSet, verdicts: Mapping[str, RowVerdict]
) -> list[dict[str, object]]:
    """Return the reviewed rows of a run that the data lack, each once, with the label it is given.

    Raises:
        DataError: the records lack columns of the data.
    """
    rows: dict[str, dict[str, object]] = {}
    for candidate in retrain_table.candidates(workspace.cloud(), run):
        row = row_of(workspace, run, candidate)
        verdict = verdicts.get(row.fingerprint) if row is not None else None
        if row is None or verdict is None or verdict.decision == "drop":
            continue
        if verdict.for_label(row.given) is not None and row.fingerprint not in rows:
            rows[row.fingerprint] = {**features(candidate), base.label: verdict.label}
    if not rows:
        return []
    known = np.isin(from_letters(list(rows)), base.fingerprints)
    added = [row for row, is_known in zip(rows.values(), known, strict=True) if not is_known]
    missing = [name for name in base.frame.columns if not any(name in row for row in added)]
    if added and missing:
        raise DataError(
            f"Run {run.id}: its records lack the columns {', '.join(missing)} of {base.name}. Test "
            "the model on data with all its columns."
        )
    return added
