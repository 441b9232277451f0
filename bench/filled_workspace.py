"""A workspace in which the loop was closed once, so that every view has something to show."""

from __future__ import annotations

from pathlib import Path

from app.services.data.datasets import change_labels, default_dataset
from app.services.model.champion import promote
from app.services.model.training import train_model
from app.services.review.applying import apply_to_run
from app.services.review.candidates import CandidateFilter, find
from app.services.review.retraining import plan_retraining
from app.services.review.verdicts import give_verdict
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws.settings import Settings
from iris_core.model.recipes import DEFAULT, RECIPES
from iris_core.records.reason import Reason

REVIEWED = 12
"""Candidates that are reviewed: about half of the labels that were changed."""


def fill_workspace(home: Path) -> None:
    """Train, test, review, retrain, promote and test again, on data with label noise."""
    workspace, recipe = Workspace(home, Settings()), RECIPES[DEFAULT]
    try:
        data = default_dataset(workspace)
        first = train_model(workspace, data, recipe.spec, options=recipe.options)
        run_test(workspace, first, data)
        noisy, _ = change_labels(workspace, data, rows=25, seed=0)
        run = run_test(workspace, first, noisy).run
        misclassified = CandidateFilter(reason=Reason.WRONG)
        found = find(workspace.cloud(), run, misclassified, limit=REVIEWED)
        for candidate in found.candidates:
            label = candidate.record.class_string
            give_verdict(workspace, candidate, "relabel", label=label)
        corrected = apply_to_run(workspace, run).dataset
        plan = plan_retraining(workspace, first.card.id)
        second = train_model(
            workspace, corrected, recipe.spec, options=plan.options, name=first.card.name
        )
        promote(workspace, second.card.id, who="Ada", why="Learnt from the review")
        for tested in (noisy, corrected):
            run_test(workspace, second, tested)
    finally:
        workspace.close()
