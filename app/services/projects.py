"""Projects: the data sets and models of the same label and columns, and their evaluation set.

Whether a row trains or evaluates is decided by the first data set that a model of the project is
trained on, and never changes. The evaluation set is a data set of its own; it gains the rows of
later data that evaluate, and takes over corrected labels.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.services.workspace import Workspace
from iris_core.data.columns import Columns
from iris_core.data.correcting import correct
from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import EvaluationSplit
from iris_core.data.merging import merge
from iris_core.errors import DataError, NotFoundError, StoreError
from iris_core.model.models import ModelCard
from iris_core.records.verdict import RowVerdict
from iris_core.storage.cards import Change, DataSetCard, Origin

EVALUATION_SUFFIX = " (evaluation)"
"""What the names of evaluation sets end with."""


@dataclass(frozen=True, slots=True)
class Project:
    """The data sets and models of the same label and columns.

    Attributes:
        id: made of the columns.
        datasets: newest first; of evaluation sets the current one alone.
        models: newest first.
        evaluation: the current evaluation set; None before a model was trained, or if the data
            have too few rows for one.
    """

    id: str
    datasets: tuple[DataSetCard, ...]
    models: tuple[ModelCard, ...]
    evaluation: DataSetCard | None

    @property
    def columns(self) -> Columns:
        """Its label and its features by kind."""
        if self.datasets:
            return self.datasets[0].columns_by_kind
        return self.models[0].schema.columns

    @property
    def name(self) -> str:
        """What people call it: the name of its oldest data set, and the label."""
        oldest = min(self.datasets, key=lambda card: card.created, default=None)
        if oldest is not None:
            return f"{oldest.name} · {oldest.label}"
        return f"{self.models[-1].dataset_name} · {self.models[-1].schema.label}"


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


def projects(workspace: Workspace) -> list[Project]:
    """Return the projects that have data or models, the one with the newest of them first."""
    datasets = workspace.datasets.list().cards
    models = workspace.models.list().cards
    newest = {card.schema.columns.project: card.created for card in reversed(models)}
    for card in reversed(datasets):
        newest[card.project] = max(card.created, newest.get(card.project, ""))
    ids = sorted(newest, key=lambda project: newest[project], reverse=True)
    return [_project(workspace, project, datasets, models) for project in ids]


def find_project(workspace: Workspace, project: str) -> Project:
    """Return a project by its id, or by its name if only one is called so.

    Raises:
        NotFoundError: there is none, or several of that name.
    """
    known = projects(workspace)
    matches = [entry for entry in known if project in (entry.id, entry.name)]
    if len(matches) == 1:
        return matches[0]
    names = "; ".join(f"{entry.id} ({entry.name})" for entry in known[:20]) or "none yet"
    raise NotFoundError(
        f"Expected the id of a project, received {project[:100]!r}. Known: {names}."
    )


def narrower_projects(
    workspace: Workspace, columns: Collection[str], label: str
) -> list[tuple[Project, tuple[str, ...]]]:
    """Return the projects that a table with more columns would fit if these were left out.

    Args:
        workspace: with the projects.
        columns: names of the table's columns, its label among them.
        label: the table's label.

    Returns:
        Each with the columns that it does not have; the project that has most columns first.
    """
    fits = []
    for project in projects(workspace):
        own = {project.columns.label, *project.columns.numeric, *project.columns.categorical}
        if project.columns.label == label and own < set(columns):
            fits.append((project, tuple(name for name in columns if name not in own)))
    return sorted(fits, key=lambda fit: len(fit[1]))


def datasets_of(
    workspace: Workspace, project: str | None, datasets: Sequence[DataSetCard]
) -> tuple[DataSetCard, ...]:
    """Return those of some data sets that a project has, of evaluation sets the current one alone.

    Args:
        workspace: with the project.
        project: id of the project; None for all data sets.
        datasets: to choose from; their order stays.
    """
    if project is None:
        return tuple(datasets)
    current = evaluation_id(workspace, project)
    return tuple(
        card
        for card in datasets
        if card.project == project and (card.change != Change.EVALUATION or card.id == current)
    )


def models_of(project: str | None, models: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
    """Return those of some models that a project (by its id; None for all) has, in their order."""
    return tuple(card for card in models if project in (None, card.schema.columns.project))


def evaluation_id(workspace: Workspace, project: str) -> str | None:
    """Return the id of a project's current evaluation set; None if its card names none."""
    try:
        card = workspace.projects.card(project)
    except StoreError:
        return None
    return card.evaluation if card is not None else None


def evaluation_split(workspace: Workspace, dataset: DataSet) -> EvaluationSplit:
    """Return which rows of a data set's project evaluate; if undecided, which the data set makes.

    Nothing is decided by asking.
    """
    return workspace.projects.split(dataset.columns.project) or EvaluationSplit.of(dataset)


def bring_evaluation(workspace: Workspace, evaluation: DataSet) -> None:
    """Evaluate a project on a data set that was brought: all other rows train, now and later.

    Raises:
        DataError: the project has another evaluation set already.
    """
    project = evaluation.columns.project
    brought = EvaluationSplit.by(evaluation)
    workspace.projects.decide(project, brought)
    decided = workspace.projects.split(project)
    if decided is None or not decided.is_same(brought):
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
    counts, unless the data set's labels were changed on purpose.

    Args:
        workspace: that keeps the data sets.
        dataset: in the workspace.
        verdicts: by which the evaluation set is corrected.
    """
    split = evaluation_split(workspace, dataset)
    training, own = split.divide(dataset)
    card = workspace.projects.card(dataset.columns.project)
    evaluation = _named(own)
    if card is not None and card.evaluation is not None:
        versions = lineage(workspace, dataset.id)
        noisy = any(version.change == Change.LABEL_NOISE for version in versions)
        before = workspace.datasets.load(card.evaluation)
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
    workspace.projects.decide(project, plan.split)
    decided, card = workspace.projects.split(project), workspace.projects.card(project)
    if card is None or decided is None or not decided.is_same(plan.split):
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
        DataError: it has none.
    """
    card = workspace.projects.card(project)
    if card is None or card.evaluation is None:
        raise DataError(
            "Name the data to test on, or train a model on more rows first: expected an evaluation "
            "set in the model's project, found none."
        )
    return workspace.datasets.load(card.evaluation)


def lineage(workspace: Workspace, dataset_id: str) -> list[DataSetCard]:
    """Return the card of a data set, its parent's and so on, as far as they are there."""
    cards: list[DataSetCard] = []
    next_id: str | None = dataset_id
    while next_id is not None and next_id not in {card.id for card in cards}:
        try:
            cards.append(workspace.datasets.card(next_id))
        except NotFoundError:
            break
        next_id = cards[-1].parent
    return cards


def _named(evaluation: DataSet) -> DataSet:
    """Return an evaluation set under the name that says so."""
    name = evaluation.name.removesuffix(EVALUATION_SUFFIX)
    return DataSet(name + EVALUATION_SUFFIX, evaluation.label, evaluation.frame)


def _project(
    workspace: Workspace,
    project: str,
    datasets: tuple[DataSetCard, ...],
    models: tuple[ModelCard, ...],
) -> Project:
    """Return a project of all data sets and models."""
    own = datasets_of(workspace, project, datasets)
    current = evaluation_id(workspace, project)
    return Project(
        project,
        own,
        models_of(project, models),
        next((entry for entry in own if entry.id == current), None),
    )
