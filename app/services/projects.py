"""Projects: the data sets and models of the same label and columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.services.workspace import Workspace
from iris_core.data.columns import Columns
from iris_core.errors import NotFoundError, StoreError
from iris_core.model.models import ModelCard
from iris_core.storage.cards import Change, DataSetCard
from iris_core.storage.project_store import ProjectCard

EVALUATION_SUFFIX = " (evaluation)"
"""What the names of evaluation sets end with."""


@dataclass(frozen=True, slots=True)
class Project:
    """The data sets and models of the same label and columns.

    Attributes:
        id: made of the columns.
        datasets: newest first; of evaluation sets the current one alone, unless nothing else is
            left of the project.
        models: newest first.
        evaluation: the current evaluation set; None before a model was trained, or if the data
            have too few rows for one.
        trained_on: id of the data set that is trained on now; None before there is one.
    """

    id: str
    datasets: tuple[DataSetCard, ...]
    models: tuple[ModelCard, ...]
    evaluation: DataSetCard | None
    trained_on: str | None

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


def projects(workspace: Workspace) -> list[Project]:
    """Return the projects that have data or models, the one with the newest of them first.

    One whose card is broken is listed as if it were undecided: `ProjectStore.broken` names it.
    """
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
        f"Choose a project that is there: expected the id of one, received {project[:100]!r}. "
        f"Known: {names}."
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
        Each with the columns that it neither has nor has as its group; the project that has most
        columns first.
    """
    fits = []
    for project in projects(workspace):
        own, group = project.columns.names, project.columns.group
        if project.columns.label == label and own < set(columns):
            left = tuple(name for name in columns if name not in own and name != group)
            fits.append((project, left))
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
    card = _card(workspace, project)
    return card.evaluation if card is not None else None


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


def _card(workspace: Workspace, project: str) -> ProjectCard | None:
    """Return the card of a project, None if it is undecided, or broken."""
    try:
        return workspace.projects.card(project)
    except StoreError:
        return None


def _project(
    workspace: Workspace,
    project: str,
    datasets: tuple[DataSetCard, ...],
    models: tuple[ModelCard, ...],
) -> Project:
    """Return a project of all data sets and models."""
    own = datasets_of(workspace, project, datasets)
    own_models = models_of(project, models)
    if not own and not own_models:
        own = tuple(card for card in datasets if card.project == project)
    card = _card(workspace, project)
    current = card.evaluation if card is not None else None
    return Project(
        project,
        own,
        own_models,
        next((entry for entry in own if entry.id == current), None),
        card.data if card is not None else None,
    )
