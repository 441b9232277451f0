"""The model that a workspace got last."""

from __future__ import annotations

from app.services.model.training import load_model
from app.services.workspace import Workspace
from iris_core.model.models import Model


def newest_model(workspace: Workspace) -> Model:
    """Return the model that was trained or loaded last."""
    return load_model(workspace, workspace.models.list().cards[0].id)
