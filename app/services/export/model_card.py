"""The card of a model as Markdown, to be filed beside it.

Its parts are those of Mitchell and others, "Model cards for model reporting", 2019. What a tool
cannot know, such as what a model may be used for, is a line for its owner to fill in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from app.services.baselines import finding_of_card, finding_of_run, share_text
from app.services.export import markdown
from app.services.export.reproducing import FILE_NOTE, model_facts, test_command, train_command
from app.services.runs.class_figures import class_figures, weakest_first
from app.services.runs.run_drift import run_drift
from app.services.workspace import Workspace
from iris_core.errors import IrisError, NotFoundError
from iris_core.model.models import ModelCard
from iris_core.records.interval import Interval
from iris_core.records.run import Run

OWNER = "TO BE FILLED IN BY THE OWNER OF THE MODEL:"
FEW_ROWS = 100
"""Rows of a class below which its figures have wide intervals: at 90 % some six points each way."""
MAX_CLASSES = 50


def find_model(workspace: Workspace, name: str) -> ModelCard:
    """Return a model by its id, else the newest one of a name.

    Raises:
        NotFoundError: there is none.
    """
    with suppress(NotFoundError):
        return workspace.models.card(name)
    named = (card for card in workspace.models.list().cards if card.name == name)
    found = next(named, None)
    if found is None:
        raise NotFoundError(
            "Name a model by its id or its name, as `python cli.py models` lists them: there is "
            f"none called {name[:80]!r}."
        )
    return found


def newest_test(workspace: Workspace, model_id: str) -> Run | None:
    """Return the newest noted run that tested a model to its end with labels, if any."""
    for run in workspace.journal.newest_runs():
        if run.model == model_id and not run.ended_early and run.metrics.classes:
            return run
    return None


def model_card(workspace: Workspace, model_id: str, *, run: Run | None, made_at: datetime) -> str:
    """Return the card of a model.

    Args:
        workspace: with the model.
        model_id: of the model.
        run: of the model, whose figures the card has; None for those of its evaluation alone.
        made_at: when the card is made, with a time zone.

    Raises:
        NotFoundError: there is no such model.
    """
    card = workspace.models.card(model_id)
    lines = [
        f"# Model card: {markdown.text(card.name)}, version {card.version}",
        "",
        *markdown.paragraph(f"Made {made_at.isoformat(timespec='seconds')} of {card.id}."),
        *markdown.heading("Model details"),
        *markdown.table(("", ""), model_facts(card)),
        *markdown.heading("Intended use"),
        *_for_owner("what the model is for, who uses it, and what it must not be used for."),
        *markdown.heading("Factors"),
        *_factors(card),
        *markdown.heading("Training data"),
        *_training_data(card),
        *markdown.heading("Evaluation"),
        *_evaluation(card, run),
        *markdown.heading("Ethical considerations"),
        *_for_owner("whom a mistake concerns, what it costs them, and who answers for it."),
        *markdown.heading("Limits and recommendations"),
        *(f"- {markdown.text(limit)}" for limit in _limits(workspace, card, run)),
        "",
        *markdown.heading("How to reproduce it"),
        *markdown.code([train_command(card), *([test_command(run)] if run else [])]),
        FILE_NOTE,
    ]
    return "\n".join(lines).rstrip() + "\n"


def _for_owner(what: str) -> list[str]:
    """Return a line for what no tool knows."""
    return [f"**{OWNER}** {what}", ""]


def _factors(card: ModelCard) -> list[str]:
    """Return what the model takes and says."""
    kinds = (
        (len(card.schema.numeric), "numbers"),
        (len(card.schema.categorical), "categories"),
        (len(card.schema.dates), "dates"),
    )
    columns = ", ".join(f"{count:,} {kind}" for count, kind in kinds if count)
    return markdown.paragraph(
        f"It predicts the column {card.schema.label}, one of {len(card.schema.classes):,} classes, "
        f"from {len(card.schema.features):,} columns: {columns}."
    )


def _training_data(card: ModelCard) -> list[str]:
    """Return what the model was trained on."""
    lines = markdown.paragraph(
        f"{card.dataset_name}, fingerprint {card.dataset_id}, {card.rows:,} rows, of which those "
        "of the project's evaluation set were kept from training."
    )
    if card.class_counts is None:
        return lines + markdown.paragraph("How many rows each class had was not kept.")
    pairs = sorted(
        zip(card.schema.classes, card.class_counts, strict=True), key=lambda pair: pair[1]
    )
    some = f" ({MAX_CLASSES} of {len(pairs):,}, the rarest first)" if pairs[MAX_CLASSES:] else ""
    total = sum(card.class_counts)
    rows = [(name, f"{count:,}", share_text(count, total)) for name, count in pairs[:MAX_CLASSES]]
    return lines + markdown.table((f"Class{some}", "Rows trained on", "Share"), rows)


def _evaluation(card: ModelCard, run: Run | None) -> list[str]:
    """Return how well the model does, beside its baselines."""
    own = finding_of_card(card)
    lines = markdown.paragraph(
        "It was not measured when it was trained: there were too few rows for an evaluation set."
        if own is None
        else f"On its project's evaluation set: {own.accuracy}. {own.advice}"
    )
    if run is None:
        return lines + markdown.paragraph("There is no test run with figures by class.")
    tested = (
        f"Run {run.id} on {run.dataset_name} ({run.dataset}), {run.tested:,} rows, threshold "
        f"{run.threshold}"
    )
    found = finding_of_run(run)
    if found is None:
        return lines + markdown.paragraph(f"{tested}: no accuracy was measured.")
    lines += markdown.paragraph(f"{tested}: {found.accuracy}. {found.advice}")
    if run.metrics.calibration is not None:
        error, rows = run.metrics.calibration.error, run.metrics.calibration.rows
        lines += markdown.paragraph(f"Expected calibration error {error:.3f} of {rows:,} rows.")
    lines += markdown.paragraph(f"By class, over all {run.tested:,} rows of that run:")
    return lines + _classes(run)


def _classes(run: Run) -> list[str]:
    """Return the figures of each class."""
    figures = weakest_first(class_figures(run.metrics))
    rows = [
        (
            entry.name,
            f"{entry.support:,}",
            _with_ends(entry.recall, entry.recall_interval if entry.support else None),
            _with_ends(entry.precision, entry.precision_interval if entry.predicted else None),
            share_text(entry.f1),
        )
        for entry in figures[:MAX_CLASSES]
    ]
    some = f"Class, {MAX_CLASSES} of {len(figures):,}" if figures[MAX_CLASSES:] else "Class"
    header = (f"{some} (lowest recall first)", "Rows", "Recall", "Precision", "F1")
    return markdown.table(header, rows)


def _limits(workspace: Workspace, card: ModelCard, run: Run | None) -> Iterator[str]:
    """Yield what to keep in mind of the model."""
    yield (
        f"It knows {len(card.schema.classes):,} classes alone: a row of another one is predicted "
        "as one of them."
    )
    if run is None:
        yield "Test it before it is used: no run says how it does by class."
        return
    few = [entry for entry in class_figures(run.metrics) if entry.support < FEW_ROWS]
    if few:
        names = ", ".join(f"{entry.name} ({entry.support:,})" for entry in few[:10])
        more = f" and {len(few) - 10:,} more" if few[10:] else ""
        yield (
            f"Fewer than {FEW_ROWS} rows were tested of {names}{more}: their figures have wide "
            "intervals."
        )
    if run.metrics.seen:
        yield f"It was trained on {run.metrics.seen:,} of the {run.tested:,} tested rows."
    if run.metrics.unseen_labels:
        yield f"{sum(run.metrics.unseen_labels.values()):,} tested rows have a label it never saw."
    try:
        found = run_drift(workspace, run)
    except IrisError as error:
        yield f"The drift of the inputs is not known. {error}"
        return
    yield found.summary
    if found.unfamiliar:
        listed = ", ".join(f"{entry.name}: {len(entry.rows):,}" for entry in found.unfamiliar[:10])
        yield f"Rows outside of the training range or of a new category, by input: {listed}."


def _with_ends(share: float, interval: Interval | None) -> str:
    """Write a share with its interval."""
    if interval is None:
        return f"{share_text(share)} (no rows)"
    return f"{share_text(share)} ({share_text(interval.low)} to {share_text(interval.high)})"
