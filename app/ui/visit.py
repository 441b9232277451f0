"""What a visit may use: the workspace, as far as its access goes."""

from __future__ import annotations

from app.services.workspace import ReadOnlyWorkspace, Workspace, process_workspace
from app.ui.access import Access, current_access
from aws.errors import NotPermittedError


def visit_workspace() -> Workspace:
    """Return this process's workspace, as far as the visit may use it.

    Every page asks here with every drawing, and so does every fragment and callback: who may only
    look gets what can only be read. Raises `VisitError` for a visit that may not come in.
    """
    granted = current_access()
    if not granted.inside:
        raise NotPermittedError("You may not come in (any more). Load the page again.")
    workspace = process_workspace()
    return ReadOnlyWorkspace(workspace) if granted is Access.READ_ONLY else workspace
