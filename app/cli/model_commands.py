"""The commands about models: retrain, compare, promote, roll back and explain."""

from __future__ import annotations

import argparse

from app.cli.account import account_name
from app.cli.answers import Answer, ExitStatus, progress_line
from app.services.baselines import baseline_accuracies, card_baselines
from app.services.model.champion import champion, champion_model, promote, roll_back
from app.services.model.comparing import compare_on_evaluation
from app.services.model.explaining import explain_model
from app.services.model.training import train_model
from app.services.projects import Project, find_project
from app.services.review.retraining import plan_retraining
from app.services.workspace import Workspace
from iris_core.errors import DataError
from iris_core.records.interval import wilson_interval

_DIGITS = 6
"""Decimals of a log loss: far below what its interval leaves open."""


def retrain(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Train a new version of the champion on the data as corrected."""
    model = champion_model(workspace, options.project).card
    plan = plan_retraining(
        workspace,
        model.id,
        dataset_id=options.dataset,
        further=options.further,
        seed=options.seed,
    )
    show_progress = progress_line()
    card = train_model(
        workspace,
        workspace.datasets.load(plan.dataset),
        model.spec,
        options=plan.options,
        parent=plan.parent,
        name=model.name,
        on_epoch=lambda epoch: show_progress("epoch", epoch.number, epoch.of),
        reviewed_weight=options.weight,
    ).card
    accuracy, rows = card.metrics.get("test_accuracy"), int(card.metrics.get("test_rows", 0))
    interval = None
    if accuracy is not None:
        wilson = wilson_interval(round(accuracy * rows), rows)
        interval = [wilson.low, wilson.high]
    return ExitStatus.OK, {
        "model": card.id,
        "parent": plan.parent,
        "dataset": plan.dataset,
        "rows": plan.rows,
        "evaluation_rows": rows,
        "accuracy": accuracy,
        **baseline_accuracies(card_baselines(card)),
        "balanced_accuracy": card.metrics.get("test_balanced_accuracy"),
        "macro_f1": card.metrics.get("test_macro_f1"),
        "interval": interval,
    }


def compare(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Compare two models on the evaluation set: by default the champion and the newest model."""
    project = _project(workspace, options)
    before = options.champion or champion_model(workspace, project.id).card.id
    challenger = options.challenger or next(
        (card.id for card in project.models if card.id != before), None
    )
    if challenger is None:
        raise DataError(
            "Train a second model first, such as with `python cli.py retrain`: there is nothing to "
            "compare the champion with."
        )
    compared = compare_on_evaluation(workspace, before, challenger)
    metrics = compared.metrics
    return ExitStatus.OK, {
        "champion": compared.champion,
        "challenger": compared.challenger,
        "rows": metrics.paired.rows,
        "seen": compared.seen,
        "champion_accuracy": metrics.accuracy.champion.value,
        "challenger_accuracy": metrics.accuracy.challenger.value,
        **baseline_accuracies(compared.baselines),
        "fixed": metrics.paired.fixed,
        "broken": metrics.paired.broken,
        "p_value": metrics.paired.p_value,
        "probability_better": metrics.paired.probability_better,
        "text": compared.text,
    }


def promote_model(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Make a model the champion of its project."""
    if options.project:
        project = find_project(workspace, options.project)
        if options.model not in {card.id for card in project.models}:
            raise DataError(
                f"Promote a model of project {project.id}: expected one of its own, received "
                f"{options.model}."
            )
    before = promote(workspace, options.model, who=account_name(), why=options.why)
    return ExitStatus.OK, {"champion": options.model, "before": before}


def rollback(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Bring back the champion before the last one."""
    project = _project(workspace, options)
    now, before = roll_back(workspace, project, who=account_name(), why=options.why)
    return ExitStatus.OK, {"champion": now, "before": before}


def models(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """List the models of a project, newest first, and which one is the champion."""
    project = _project(workspace, options)
    current = champion(workspace, project)
    return ExitStatus.OK, [
        {
            "id": card.id,
            "name": card.name,
            "champion": current is not None and card.id == current.id,
            "parent": card.parent,
            "dataset": card.dataset_id,
            "rows": card.rows,
            "accuracy": card.metrics.get("test_accuracy"),
            **baseline_accuracies(card_baselines(card)),
            "balanced_accuracy": card.metrics.get("test_balanced_accuracy"),
            "created": card.created,
        }
        for card in project.models
    ]


def explain(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Measure what shuffling each column costs a model."""
    cards = workspace.models.list().cards
    of_name = [card.id for card in cards if card.name == options.model]
    is_id = options.model in {card.id for card in cards}
    show_progress = progress_line()
    found = explain_model(
        workspace,
        options.model if is_id or not of_name else of_name[0],
        options.data,
        on_progress=lambda done, of: show_progress("columns", done, of),
    )
    importance = found.importance
    return ExitStatus.OK, {
        "model": found.model,
        "dataset": found.dataset,
        "metric": "log_loss",
        "rows": importance.rows,
        "repeats": importance.repeats,
        "seen": found.seen,
        "log_loss": round(importance.log_loss, _DIGITS),
        "guess_log_loss": round(importance.guess, _DIGITS),
        "columns": [
            {
                "column": entry.column,
                "importance": round(entry.log_loss.value, _DIGITS),
                "low": round(entry.log_loss.low, _DIGITS),
                "high": round(entry.log_loss.high, _DIGITS),
            }
            for entry in importance.columns
        ],
    }


def _project(workspace: Workspace, options: argparse.Namespace) -> Project:
    """Return the project that is named, else that of the champion."""
    if options.project:
        return find_project(workspace, options.project)
    card = champion_model(workspace).card
    return find_project(workspace, card.schema.columns.project)
