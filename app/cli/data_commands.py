"""The commands about data sets: which there are, where one comes from, and a project deleted."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.cli.answers import Answer, ExitStatus
from app.services.data.lineage import origin_of
from app.services.project_deletion import delete_project, project_contents
from app.services.projects import find_project, projects
from app.services.workspace import Workspace
from iris_core.errors import OptionError


def list_datasets(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """List the data sets of a project, or of all, newest first."""
    known = [find_project(workspace, options.project)] if options.project else projects(workspace)
    rows: list[Mapping[str, Any]] = []
    for project in known:
        rows += [
            {
                "id": dataset.id,
                "name": dataset.name,
                "project": project.id,
                "label": dataset.label,
                "rows": dataset.rows,
                "change": str(dataset.change),
                "parent": dataset.parent,
                "trained_on_now": project.trained_on == dataset.id,
                "created": dataset.created,
            }
            for dataset in project.datasets
        ]
    return ExitStatus.OK, rows


def show_dataset(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Show where a data set comes from, and what changed from its parent, row by row."""
    origin = origin_of(workspace, options.dataset)
    card = origin.versions[0]
    return ExitStatus.OK, {
        "id": card.id,
        "name": card.name,
        "project": card.project,
        "label": card.label,
        "rows": card.rows,
        "classes": list(card.classes),
        "group": card.group,
        "notes": [*card.notes],
        "change": str(card.change),
        "created": card.created,
        "parent": card.parent,
        "lineage": [
            {"id": version.id, "name": version.name, "change": str(version.change)}
            for version in origin.versions
        ],
        **origin.counts,
        "changes": [asdict(change) for change in origin.changes or ()],
    }


def delete_whole_project(
    workspace: Workspace, options: argparse.Namespace
) -> tuple[ExitStatus, Answer]:
    """Delete a project with its data sets and models; its runs stay."""
    contents = project_contents(workspace, options.project)
    if not options.yes:
        raise OptionError(
            f"Add --yes to delete the project {contents.name} for good: {contents.text}; "
            f"{contents.runs_text}. Expected --yes, received none; nothing was deleted."
        )
    deleted = delete_project(workspace, contents.id)
    return ExitStatus.OK, {
        "project": deleted.id,
        "datasets": len(deleted.datasets),
        "models": len(deleted.models),
        "runs_kept": deleted.runs,
    }
