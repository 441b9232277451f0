"""The course's lab 3 as this workspace has it: which of its steps are done."""

from __future__ import annotations

from dataclasses import dataclass

from app.services import overview
from app.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DashboardStep:
    """One step of lab 3.

    Attributes:
        what: is to be done, a sentence.
        page: the name of the page on which it is done.
        link: the label of the link that goes there.
        is_done: whether it is; None where nothing is kept of it.
        state: what there is of it, in words; empty before it is done.
    """

    what: str
    page: str
    link: str
    is_done: bool | None
    state: str = ""


def dashboard_steps(workspace: Workspace, project: str | None) -> tuple[DashboardStep, ...]:
    """Return the steps of lab 3, in their order; no cloud is asked.

    Args:
        workspace: with the data, the models and the notes of runs.
        project: id of the project that is looked at; None for all.
    """
    known = overview.from_workspace(workspace, project)
    run = known.newest_that_counts
    models = len(known.models)
    return (
        DashboardStep(
            "Look at the data: rows, columns, histogram, scatter.",
            "data",
            "Data",
            known.datasets > 0,
            f"{known.datasets:,} data sets." if known.datasets else "",
        ),
        DashboardStep(
            "Build a network and train it.",
            "train",
            "Train",
            models > 0,
            f"{models:,} models." if models else "",
        ),
        DashboardStep("Score a sample that you enter.", "score", "Score", None),
        DashboardStep(
            "Test the model on a test set; every record is handed to post_score.",
            "test",
            "Test",
            run is not None,
            f"{run.tested:,} records in the newest run." if run else "",
        ),
    )
