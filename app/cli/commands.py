"""The commands: each does one thing with the workspace's services and answers with plain values."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.cli.answers import Answer, ExitStatus, progress_line, save_file, say
from app.cli.tables import reading_options, role_choice, say_notes, say_torn_groups
from app.services.baselines import baseline_accuracies, card_baselines, finding_of_run
from app.services.data import datasets
from app.services.data.datasets import default_dataset, import_table
from app.services.model.champion import champion_model
from app.services.model.class_balance import imbalance
from app.services.model.training import load_model, train_model
from app.services.project_data import bring_evaluation, evaluation_set
from app.services.runs.expiry import expiry_note
from app.services.runs.pipeline import TestOutcome, run_test
from app.services.runs.recovery import find_run, lost_runs, replay
from app.services.runs.timeline import timeline
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from iris_core.data.csv_writing import to_csv
from iris_core.data.label_noise import add_label_noise
from iris_core.data.table_reading import read_table
from iris_core.evaluation.baselines import baselines_of
from iris_core.model.models import Model
from iris_core.model.recipes import DEFAULT, RECIPES
from iris_core.records.attributes import KEYS, LABEL, RULE, SCORE, VERDICT
from iris_core.records.run import RunState

_MAX_NAMED = 10
_CANDIDATE_COLUMNS = (*KEYS, *SCORE, *RULE, VERDICT, LABEL)


def train(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Train a model on a table."""
    began = time.perf_counter()
    dataset = import_table(
        workspace, options.data, options=reading_options(options), choice=role_choice(options)
    )
    say_notes(workspace, dataset)
    if options.evaluation:
        evaluation = import_table(
            workspace,
            options.evaluation,
            options=reading_options(options),
            like=dataset.columns,
        )
        bring_evaluation(workspace, evaluation)
    say_torn_groups(workspace, dataset)
    if not options.class_weights and (advice := imbalance(dataset)):
        say(f"{advice} (--class-weights)")
    model = _train_on(
        workspace,
        dataset.id,
        options.network,
        epochs=options.epochs,
        seed=options.seed,
        class_weights=options.class_weights,
    )
    return ExitStatus.OK, {
        "model": model.card.id,
        "dataset": dataset.id,
        "rows": dataset.rows,
        "network": options.network,
        "accuracy": model.card.metrics.get("test_accuracy"),
        **baseline_accuracies(card_baselines(model.card)),
        "balanced_accuracy": model.card.metrics.get("test_balanced_accuracy"),
        "macro_f1": model.card.metrics.get("test_macro_f1"),
        "seconds": round(time.perf_counter() - began, 3),
    }


def test(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Test a model on a table, or on the evaluation set of its project, and reconcile."""
    if options.model:
        model = load_model(workspace, options.model)
    else:
        model = champion_model(workspace, options.project)
    columns = model.card.schema.columns
    if options.data:
        dataset = import_table(
            workspace, options.data, options=reading_options(options), like=columns
        )
    else:
        dataset = evaluation_set(workspace, columns.project)
    outcome = run_test(
        workspace,
        model,
        dataset,
        threshold=options.threshold,
        timeout=options.timeout,
        on_progress=progress_line(),
    )
    _say_remarks(outcome)
    return _test_answer(outcome)


def change_labels(_workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write a CSV with some labels changed on purpose."""
    dataset, _ = read_table(
        options.data, options=reading_options(options), choice=role_choice(options)
    )
    noisy, changed = add_label_noise(dataset, rows=options.rows, seed=options.seed)
    save_file(options.out, to_csv(noisy))
    return ExitStatus.OK, {"changed": list(changed), "out": str(options.out)}


def loop(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Run the whole loop on the default data."""
    dataset = default_dataset(workspace)
    if workspace.models.list().cards:
        model = champion_model(workspace)
    else:
        model = _train_on(workspace, dataset.id, DEFAULT)
    noisy, changed = datasets.change_labels(
        workspace, dataset, rows=options.rows, seed=options.seed
    )
    exit_status, answer = _test_answer(
        run_test(workspace, model, noisy, on_progress=progress_line())
    )
    return exit_status, {**answer, "changed": list(changed)}


def runs(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """List the test runs, newest first; with `--check` a newest run that is worse is status 1."""
    columns = (
        "id",
        "model",
        "dataset",
        "dataset_name",
        "state",
        "rows",
        "tested",
        "stored",
        "expected",
        "found",
        "threshold",
        "accuracy",
        "loss",
        "seconds",
        "note",
    )
    listed = list(run_table.runs(workspace.cloud()))
    points = timeline(listed)
    worse = {point.run.id for point in points if point.is_worse}
    rows: list[Mapping[str, Any]] = [
        {
            **{name: run.to_dict()[name] for name in columns},
            **baseline_accuracies(baselines_of(run.metrics)),
            "balanced_accuracy": run.metrics.balanced_accuracy,
            "macro_f1": run.metrics.macro_f1,
            "worse": run.id in worse,
        }
        for run in listed
    ]
    if options.check and points and points[-1].is_worse:
        say(f"{points[-1].run.id}: {points[-1].why}")
        return ExitStatus.DIFFERS, rows
    return ExitStatus.OK, rows


def candidates(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """List the candidates of a run, or of all."""
    cloud = workspace.cloud()
    chosen = [find_run(workspace, options.run_id)] if options.run_id else run_table.runs(cloud)
    rows: list[Mapping[str, Any]] = []
    for run in chosen:
        for candidate in retrain_table.candidates(cloud, run):
            item = candidate.to_item()
            rows.append({name: item.get(name, "") for name in _CANDIDATE_COLUMNS})
    return ExitStatus.OK, rows


def replay_runs(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Complete a run, or all that need it."""
    if options.run_id:
        run_ids = [options.run_id]
    else:
        unfinished = [
            run.id for run in run_table.runs(workspace.cloud()) if run.state != RunState.RECONCILED
        ]
        run_ids = sorted({*unfinished, *(run.id for run in lost_runs(workspace))})
    rows: list[Mapping[str, Any]] = []
    complete = True
    for run_id in run_ids:
        run, result = replay(workspace, run_id, on_progress=progress_line())
        complete = complete and result.complete
        rows.append(
            {
                "run": run.id,
                "state": run.state,
                "tested": result.tested,
                "stored": result.stored,
                "expected": result.expected,
                "found": result.found,
                "expired": result.expired,
            }
        )
        if run.records_expired():
            say(f"{run.id}: {expiry_note(run)}")
    return ExitStatus.OK if complete else ExitStatus.DIFFERS, rows


def _train_on(
    workspace: Workspace,
    dataset_id: str,
    network: str,
    *,
    epochs: int | None = None,
    seed: int = 0,
    class_weights: bool = False,
) -> Model:
    """Train a network by its name, with its epochs counted on standard error."""
    recipe = RECIPES[network]
    options = replace(recipe.options, seed=seed, class_weights=class_weights)
    if epochs is not None:
        options = replace(options, epochs=epochs)
    show_progress = progress_line()
    dataset = workspace.datasets.load(dataset_id)
    return train_model(
        workspace,
        dataset,
        recipe.spec_for(dataset.rows),
        options=options,
        on_epoch=lambda epoch: show_progress("epoch", epoch.number, epoch.of),
    )


def _say_remarks(outcome: TestOutcome) -> None:
    """Say on standard error what the data hold that the model does not know."""
    report = outcome.report
    if report.accuracy is None:
        say("The rows have no labels: no accuracy, and candidates by their probability alone.")
    for counts, text in (
        (report.unseen_labels, "Labels that the model never saw, counted as misclassified"),
        (report.unseen_categories, "Cells with a category that the model never saw"),
        (report.missing, "Missing cells"),
    ):
        if counts:
            named = sorted(counts.items(), key=lambda entry: -entry[1])
            listed = ", ".join(f"{name} ({count:,})" for name, count in named[:_MAX_NAMED])
            more = f" and {len(named) - _MAX_NAMED:,} more" if len(named) > _MAX_NAMED else ""
            say(f"{text}: {listed}{more}.")
    if report.ignored:
        say(f"Columns that the model does not use: {', '.join(report.ignored[:_MAX_NAMED])}.")


def _test_answer(outcome: TestOutcome) -> tuple[ExitStatus, dict[str, Any]]:
    run, result = outcome.run, outcome.reconciliation
    found = finding_of_run(run)
    answer = {
        "run": run.id,
        "model": run.model,
        "tested": result.tested,
        "stored": result.stored,
        "expected": result.expected,
        "found": result.found,
        "reviewed": outcome.reviewed,
        "missing": [str(key) for key in result.missing],
        "unexpected": [str(key) for key in result.unexpected],
        "accuracy": run.accuracy,
        "seen": run.metrics.seen,
        "accuracy_unseen": run.unseen_accuracy,
        "unseen_labels": dict(outcome.report.unseen_labels),
        "unseen_categories": dict(outcome.report.unseen_categories),
        "missing_cells": dict(outcome.report.missing),
        "ignored": list(outcome.report.ignored),
        **baseline_accuracies(baselines_of(run.metrics)),
        "balanced_accuracy": run.metrics.balanced_accuracy,
        "macro_f1": run.metrics.macro_f1,
        "beats_baselines": None if found is None else found.beats,
        "seconds": round(run.seconds or 0.0, 3),
    }
    return ExitStatus.OK if result.complete else ExitStatus.DIFFERS, answer
