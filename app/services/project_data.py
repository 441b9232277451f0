"""What a project trains on and evaluates on: planned from a data set, and used from then on.

Whether a row trains or evaluates is decided by the first data set that a model of the project is
trained on, and never changes. The evaluation set is a data set of its own; it gains the rows of
later data that evaluate, and takes over corrected labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from app.services.projects import EVALUATION_SUFFIX, lineage
from app.services.workspace import Workspace
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.data.merging import merge
from iris_core.errors import DataError, NotFoundError, StoreError
from iris_core.records.verdict import RowVerdict
from iris_core.storage.cards import Change, Origin
from iris_core.storage.project_store import ProjectCard


@dataclass(frozen=True, slots=True, eq=False)
class DataPlan:
    """What to train on and what to evaluate on.

    Attributes:
        dataset: id of the data set that both come from.
        split: which rows evaluate.
        training: the rows to train on.
        evaluation: the evaluation set; None if there are too few rows for one.
    """

    dataset: str
    split: EvaluationSplit
    training: DataSet
    evaluation: DataSet | None


def evaluation_split(workspace: Workspace, dataset: DataSet) -> EvaluationSplit:
    """Return which rows of a data set's project evaluate; if undecided, which the data set makes.

    With groups, all rows of the data set are among those that it has. Nothing is decided by asking.

    Raises:
        DataError: the groups are too few for two sides.
    """
    split = workspace.projects.split(dataset.columns.project)
    if split is None:
        return EvaluationSplit.of(dataset)
    if split.group is None and dataset.group is None:
        return split
    if split.group is None:
        for earlier in _worked_with(workspace, dataset.columns.project):
            split = split.as_it_is(earlier)
    return split.extended(dataset)


def project_group(workspace: Workspace, project: str) -> str | None:
    """Return the column that says which rows of a project belong together; None without one."""
    decided = None
    # Its tables can be read though its split cannot.
    with suppress(StoreError):
        decided = workspace.projects.group(project)
    own = (card.group for card in workspace.datasets.list().cards if card.project == project)
    return decided or next(filter(None, own), None)


def torn_groups(workspace: Workspace, dataset: DataSet) -> str:
    """Return a sentence on the groups of a data set that are on both sides; "" if none is."""
    if dataset.group is None or workspace.projects.card(dataset.columns.project) is None:
        return ""
    groups, training, evaluation = evaluation_split(workspace, dataset).torn_rows(dataset)
    if not groups:
        return ""
    return (
        f"Look at the accuracy with care: {groups:,} group{'s' if groups > 1 else ''} of "
        f"{dataset.group} lie on both sides of the split, with {training:,} rows that train and "
        f"{evaluation:,} that evaluate. Each was decided before a row connected them, and stays."
    )


def bring_evaluation(workspace: Workspace, evaluation: DataSet) -> None:
    """Evaluate a project on a data set that was brought: all other rows train, now and later.

    Raises:
        DataError: the project has another evaluation set already.
    """
    project = evaluation.columns.project
    brought = EvaluationSplit.by(evaluation)
    before = workspace.projects.split(project)
    is_new = before is not None and not np.isin(brought.evaluation, before.evaluation).all()
    if is_new or not _decide(workspace, project, brought):
        raise DataError(
            f"{evaluation.name}: expected a project without an evaluation set, received one that "
            "has its own: which rows evaluate is decided once. Use other columns, or another "
            "workspace."
        )
    card = workspace.projects.card(project)
    if card is not None and card.evaluation is None:
        added = workspace.datasets.add(_named(evaluation), Origin(Change.EVALUATION, evaluation.id))
        workspace.projects.use(card, data=card.data, evaluation=added.id)


def plan_data(
    workspace: Workspace, dataset: DataSet, *, verdicts: Sequence[RowVerdict] = ()
) -> DataPlan:
    """Return what to train on and what to evaluate on; nothing is changed by asking.

    The evaluation set gains the rows that it does not have. For those that it has, the newer label
    counts, unless the data set's labels were changed on purpose. One that was deleted is made anew.

    Args:
        workspace: that keeps the data sets.
        dataset: in the workspace.
        verdicts: by which the evaluation set is corrected.
    """
    split = evaluation_split(workspace, dataset)
    training, own = split.divide(dataset)
    card = workspace.projects.card(dataset.columns.project)
    evaluation = _named(own)
    before = _current_evaluation(workspace, card)
    if before is not None:
        versions = lineage(workspace, dataset.id)
        noisy = any(version.change == Change.LABEL_NOISE for version in versions)
        evaluation = merge(before, own, relabel=not noisy)
    evaluation = correct(evaluation, verdicts).dataset
    has_classes = len(evaluation.classes) > 1
    return DataPlan(dataset.id, split, training, evaluation if has_classes else None)


def use_data(workspace: Workspace, plan: DataPlan) -> None:
    """Work with planned data from now on; the first plan of a project decides which rows evaluate.

    Raises:
        DataError: another training decided it meanwhile.
        StoreError: it could not be written.
    """
    project = plan.training.columns.project
    is_decided = _decide(workspace, project, plan.split)
    card = workspace.projects.card(project)
    if card is None or not is_decided:
        raise DataError(
            "Train again: another training has just decided which rows of the project evaluate."
        )
    evaluation = plan.evaluation
    if evaluation is not None:
        workspace.datasets.add(evaluation, Origin(Change.EVALUATION, plan.dataset))
    workspace.projects.use(
        card, data=plan.dataset, evaluation=evaluation.id if evaluation is not None else None
    )


def evaluation_set(workspace: Workspace, project: str) -> DataSet:
    """Return the evaluation set of a project.

    Raises:
        DataError: it has none, or it was deleted.
    """
    card = workspace.projects.card(project)
    evaluation = _current_evaluation(workspace, card) if card is not None else None
    if evaluation is None:
        raise DataError(
            "Name the data to test on, or train a model on more rows first: expected an evaluation "
            "set in the model's project, found none."
        )
    return evaluation


def _decide(workspace: Workspace, project: str, split: EvaluationSplit) -> bool:
    """Keep a split, and what it has in addition; return whether the project has it now."""
    workspace.projects.decide(project, split)
    if split.group is not None:
        return workspace.projects.remember(project, split)
    decided = workspace.projects.split(project)
    return decided is not None and decided.is_same(split)


def _worked_with(workspace: Workspace, project: str) -> Iterator[DataSet]:
    """Yield the data sets that models of a project were trained on, and its evaluation set."""
    card = workspace.projects.card(project)
    ids = {
        model.dataset_id
        for model in workspace.models.list().cards
        if model.schema.columns.project == project
    }
    if card is not None:
        ids |= {card.data or "", card.evaluation or ""}
    for dataset_id in sorted(ids):
        with suppress(NotFoundError, StoreError):
            yield workspace.datasets.load(dataset_id)


def _current_evaluation(workspace: Workspace, card: ProjectCard | None) -> DataSet | None:
    """Return the evaluation set of a project, None if it has none, or it was deleted."""
    if card is None or card.evaluation is None:
        return None
    try:
        return workspace.datasets.load(card.evaluation)
    except NotFoundError:
        return None


def _named(evaluation: DataSet) -> DataSet:
    """Return an evaluation set under the name that says so."""
    name = evaluation.name.removesuffix(EVALUATION_SUFFIX)
    return replace(evaluation, name=name + EVALUATION_SUFFIX)
