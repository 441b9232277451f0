"""The workspace that a visit may use: all of it, or read-only."""

from __future__ import annotations

from app.services.workspace import ReadOnlyWorkspace, Workspace, process_workspace
from app.ui.access import Access, current_access
from aws.errors import NotPermittedError


def visit_workspace() -> Workspace:
    """Return this process's workspace, read-only for a visit that may not change anything.

    Every page asks here with every drawing, and so does every fragment and callback.

    Raises:
        NotPermittedError: the visit has no access.
    """
    access = current_access()
    if not access.is_permitted:
        raise NotPermittedError("Load the page again: this visit has no access, or no longer.")
    workspace = process_workspace()
    return ReadOnlyWorkspace(workspace) if access is Access.READ_ONLY else workspace
