"""The runs of the project that is chosen."""

from __future__ import annotations

from app.services.projects import projects
from app.services.runs.history import project_of_run, recent_runs
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.choosers import chosen_project, follow_link, new_link
from aws.clients import Cloud
from iris_core.records.run import Run


def project_runs(workspace: Workspace, cloud: Cloud) -> list[Run]:
    """Return the newest runs of the project; a link to one of another project chooses that."""
    runs = recent_runs(workspace, cloud, chosen_project())
    link = new_link(state.RUN)
    if link and link not in {run.id for run in runs}:
        project = project_of_run(workspace, link)
        if project in {entry.id for entry in projects(workspace)}:
            follow_link(state.RUN, {link: project})
    return runs
