"""The commands that write a report or a model's card into a file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from app.cli.answers import Answer, ExitStatus, save_file
from app.services.export.model_card import find_model, model_card, newest_test
from app.services.runs.downloads import run_report
from app.services.runs.history import newest_run
from app.services.runs.recovery import find_run
from app.services.workspace import Workspace
from iris_core.errors import NotFoundError


def report(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write the report on a run as HTML."""
    if options.run_id is not None:
        run = find_run(workspace, options.run_id)
    else:
        newest = newest_run(workspace, workspace.cloud(), options.project)
        if newest is None:
            raise NotFoundError("Test a model first: there is no run to report on.")
        run = newest
    save_file(options.out, run_report(workspace, run, made_at=datetime.now(UTC)))
    return ExitStatus.OK, {"run": run.id, "state": str(run.state), "out": str(options.out)}


def card(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write the card of a model as Markdown, with the figures of its newest noted run."""
    found = find_model(workspace, options.name)
    run = newest_test(workspace, found.id)
    text = model_card(workspace, found.id, run=run, made_at=datetime.now(UTC))
    save_file(options.out, text.encode())
    return ExitStatus.OK, {
        "model": found.id,
        "run": None if run is None else run.id,
        "out": str(options.out),
    }
