"""The champion of a project: the model in use, promoted and rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from app.services.model.training import load_model
from app.services.projects import Project, find_project, projects
from app.services.workspace import Workspace
from iris_core.errors import DataError, NotFoundError
from iris_core.model.models import Model, ModelCard
from iris_core.storage.promotion_log import Promotion

MAX_WHY = 500
"""Characters of the reason for a promotion."""


def champion(workspace: Workspace, project: Project) -> ModelCard | None:
    """Return the champion of a project; None without models.

    It is the model that was promoted last and is still there, else the project's first one. A
    broken promotion is passed over: `PromotionLog.broken` names it.
    """
    return champion_among(workspace, project.models)


def champion_among(workspace: Workspace, models: Sequence[ModelCard]) -> ModelCard | None:
    """Return the champion among all models of one project; None without models."""
    if not models:
        return None
    by_id = {card.id: card for card in models}
    entries = workspace.promotions.readable(models[0].schema.columns.project)
    for model_id in reversed(champion_line(entries)):
        if model_id in by_id:
            return by_id[model_id]
    return min(models, key=lambda card: (card.created, card.version))


def champion_line(entries: Sequence[Promotion]) -> list[str]:
    """Return the champions one after the other, without those that were rolled back."""
    line: list[str] = []
    for entry in entries:
        if entry.is_rollback and line:
            line.pop()
        else:
            line.append(entry.model)
    return line


def champion_model(workspace: Workspace, project: str | None = None) -> Model:
    """Return the champion of a project, or of the project that was worked on last.

    Raises:
        NotFoundError: there is no model, or no such project.
        StoreError: a promotion is broken, so that it is not certain which model is the champion.
    """
    if project is not None:
        candidates = [find_project(workspace, project)]
    else:
        candidates = [entry for entry in projects(workspace) if entry.models]
    if candidates:
        workspace.promotions.entries(candidates[0].id)
    card = champion(workspace, candidates[0]) if candidates else None
    if card is None:
        raise NotFoundError(
            "Train a model first, on the Train page or with `python cli.py train`: there is none."
        )
    return load_model(workspace, card.id)


def promote(workspace: Workspace, model_id: str, *, who: str, why: str = "") -> str:
    """Make a model the champion of its project; return the id of the one before.

    Args:
        workspace: that notes it.
        model_id: of the model.
        who: the person, or the account.
        why: for people; of a longer text the first `MAX_WHY` characters.

    Raises:
        NotFoundError: there is no such model.
        DataError: it is the champion already.
        StoreError: another model was promoted meanwhile, or it could not be noted.
    """
    card = workspace.models.card(model_id)
    project = find_project(workspace, card.schema.columns.project)
    entries = workspace.promotions.entries(project.id)
    before = champion(workspace, project)
    if before is None or before.id == model_id:
        raise DataError(f"Promote another model: {model_id} is the champion already.")
    if not entries:
        # The first model is the champion without a promotion: a roll back is to find it.
        first = Promotion(
            before.id, before.created, who="", why="the first model", is_rollback=False
        )
        workspace.promotions.add(project.id, first, after=0)
        entries = [first]
    entry = Promotion(model_id, _now(), who, why[:MAX_WHY], is_rollback=False)
    workspace.promotions.add(project.id, entry, after=len(entries))
    return before.id


def roll_back(
    workspace: Workspace, project: Project, *, who: str, why: str = ""
) -> tuple[str, str]:
    """Bring back the champion before the last one.

    Returns:
        The ids of the champion now, and of the one before the roll back.

    Raises:
        DataError: there was none before.
        NotFoundError: the model before was deleted.
        StoreError: another model was promoted meanwhile, or it could not be noted.
    """
    entries = workspace.promotions.entries(project.id)
    line = champion_line(entries)
    if len(line) < 2:
        raise DataError("Promote a model first: there is no champion before this one.")
    workspace.models.card(line[-2])
    entry = Promotion(line[-2], _now(), who, why[:MAX_WHY], is_rollback=True)
    workspace.promotions.add(project.id, entry, after=len(entries))
    return line[-2], line[-1]


def previous_champion(workspace: Workspace, project: Project) -> str | None:
    """Return the id of the model that a roll back would bring back, None if there is none."""
    line = champion_line(workspace.promotions.readable(project.id))
    return line[-2] if len(line) > 1 else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
