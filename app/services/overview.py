"""The loop of a project at a glance: how far it is, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.services.journal import NotedVerdict
from app.services.model.champion import champion_among
from app.services.projects import datasets_of, models_of
from app.services.runs.history import runs_of
from app.services.workspace import Workspace
from iris_core.model.models import ModelCard
from iris_core.records.run import Run, RunState

SHOWN_RUNS = 50
"""The newest runs that are shown, however long the history is."""
MIN_VERDICTS_TO_RETRAIN = 10
"""Verdicts after which it is worth while to retrain, though more candidates wait."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How far the loop is.

    Attributes:
        datasets: how many there are.
        models: newest first.
        runs: newest first, `SHOWN_RUNS` at most.
        verdicts: those on the newest run that counts.
        champion: id of the model in use; empty without models.
        is_lost: whether the cloud does not have that run.
    """

    datasets: int
    models: tuple[ModelCard, ...]
    runs: tuple[Run, ...]
    verdicts: tuple[NotedVerdict, ...]
    champion: str = ""
    is_lost: bool = False

    @property
    def champion_card(self) -> ModelCard | None:
        """The model in use; None without models."""
        return next((card for card in self.models if card.id == self.champion), None)

    @property
    def newest_that_counts(self) -> Run | None:
        """The run that was started last of those that neither failed nor were cancelled."""
        return _newest_that_counts(self.runs)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next.

    Attributes:
        page: the name of the page on which to do it.
        label: of the button that goes there.
        why: for people.
    """

    page: str
    label: str
    why: str


def from_workspace(workspace: Workspace, project: str | None) -> Overview:
    """Return what the workspace itself notes: no cloud is asked, and none is started.

    Args:
        workspace: with the notes.
        project: id of the project whose loop it is; None for everything.
    """
    noted = runs_of(workspace, project, workspace.journal.newest_runs())
    runs = tuple(islice(noted, SHOWN_RUNS))
    models = models_of(project, workspace.models.list().cards)
    current = champion_among(workspace, models)
    return Overview(
        len(datasets_of(workspace, project, workspace.datasets.list().cards)),
        models,
        runs,
        _verdicts(workspace, _newest_that_counts(runs)),
        champion=current.id if project is not None and current is not None else "",
    )


def with_cloud_runs(workspace: Workspace, overview: Overview, runs: Sequence[Run]) -> Overview:
    """Return the overview with the cloud's runs, those of other workspaces among them.

    Args:
        workspace: with the notes of verdicts.
        overview: what the workspace knows.
        runs: of the same project, newest first.
    """
    by_id = {run.id: run for run in (*overview.runs, *runs)}
    newest = tuple(by_id[id_] for id_ in sorted(by_id, reverse=True)[:SHOWN_RUNS])
    counting = _newest_that_counts(newest)
    is_lost = counting is not None and counting.id not in {run.id for run in runs}
    return replace(overview, runs=newest, verdicts=_verdicts(workspace, counting), is_lost=is_lost)


def next_step(overview: Overview) -> Step:
    """Return the one thing to do next; runs that failed or were cancelled are passed over."""
    if not overview.datasets:
        return Step("data", "Add data", "Start with a labelled table, or with the iris set.")
    if not overview.models:
        return Step("train", "Train a model", "There is data, and no model of it yet.")
    run, model = overview.newest_that_counts, overview.models[0]
    if run is None:
        return Step("test", "Test the model", "It shows which records the model misclassifies.")
    if model.id not in {tested.model for tested in overview.runs if not tested.ended_early}:
        if overview.champion not in ("", model.id) and model.created > run.started.isoformat():
            return Step(
                "train",
                "Compare with the champion",
                "The newest model is not the champion: see whether it is better, and promote it.",
            )
        again = model.parent is not None
        return Step(
            "test",
            "Test again" if again else "Test the new model",
            "See whether the retrained model does better."
            if again
            else "The newest model was not tested yet.",
        )
    if overview.is_lost:
        return Step(
            "test",
            "Restore the newest run",
            "The cloud does not have its records: its tables were deleted, or it was stopped.",
        )
    if run.state != RunState.RECONCILED:
        return Step("test", "Complete the newest run", "Not all of its records are accounted for.")
    return _after_the_test(run, overview.verdicts)


def _after_the_test(run: Run, verdicts: tuple[NotedVerdict, ...]) -> Step:
    """Return what to do once the newest model was tested and its run is reconciled.

    Verdicts that come from earlier runs were applied then, or can be from any run.
    """
    new = sum(not verdict.carried_from for verdict in verdicts)
    left = max(0, run.found - len(verdicts))
    if not run.found:
        return Step("data", "Try other data", "The newest run has no candidates to review.")
    if left and new < MIN_VERDICTS_TO_RETRAIN:
        done = f"; {len(verdicts):,} are done" if verdicts else ""
        return Step(
            "retrain", "Review candidates", f"{left:,} candidates wait for a verdict{done}."
        )
    if new:
        rest = f" {left:,} more candidates wait." if left else ""
        return Step(
            "retrain", "Apply and retrain", f"{new:,} new verdicts can be learnt from.{rest}"
        )
    return Step("data", "Try other data", "All candidates of the newest run were reviewed before.")


def _newest_that_counts(runs: Sequence[Run]) -> Run | None:
    """Return the first run that neither failed nor was cancelled."""
    return next((run for run in runs if not run.ended_early), None)


def _verdicts(workspace: Workspace, run: Run | None) -> tuple[NotedVerdict, ...]:
    """Return the noted verdicts on a run."""
    return tuple(workspace.journal.verdicts(run.id)) if run else ()
