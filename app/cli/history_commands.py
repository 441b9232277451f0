"""The commands that take the history out of a cloud, and bring it into another one."""

from __future__ import annotations

import argparse

from app.cli.answers import Answer, ExitStatus, progress_line
from app.services.export.history_transfer import export_history, import_history
from app.services.workspace import Workspace


def export(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write all runs, candidates and verdicts of the cloud into a file."""
    counts = export_history(workspace, options.out)
    return ExitStatus.OK, {
        "out": str(options.out),
        "runs": counts.runs,
        "candidates": counts.candidates,
        "verdicts": counts.verdicts,
    }


def import_(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Bring the runs, candidates and verdicts of a file in; exit status 1 if some are in conflict.

    What the cloud has of them stays where it is newer, or another one.
    """
    done = import_history(workspace, options.file, on_progress=progress_line())
    return ExitStatus.DIFFERS if done.conflicts else ExitStatus.OK, {
        "runs": done.runs,
        "runs_there": done.runs_there,
        "candidates": done.candidates,
        "candidates_there": done.candidates_there,
        "in_conflict": done.conflicts,
        "conflicts": list(done.named),
    }
