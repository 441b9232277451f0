"""A run in a few sentences: does its model beat its baselines, and is every record there?"""

from __future__ import annotations

from dataclasses import dataclass

from app.services.baselines import finding_of_run, share_text
from app.services.export.html_page import Tone
from iris_core.records.run import Run, RunState


@dataclass(frozen=True, slots=True)
class Headline:
    """What matters most of a run.

    Attributes:
        sentences: the first one is the verdict.
        tone: whether it is as it should be.
    """

    sentences: tuple[str, ...]
    tone: Tone


def headline_of(run: Run) -> Headline:
    """Return a run in a few sentences."""
    if run.ended_early or run.state == RunState.RUNNING:
        return _unfinished(run)
    pipeline = _pipeline(run)
    if run.accuracy is None or not run.tested:
        rows = f"{run.tested:,} records were tested whose true labels nobody knows"
        return Headline((f"No accuracy is known: {rows}.", pipeline), "neutral")
    found = finding_of_run(run)
    beats = found.beats if found is not None else None
    words = {
        True: "The model beats its baselines",
        False: "The model does not beat its baselines",
        None: "The baselines of the model are not known",
    }[beats]
    advice = (found.advice,) if found is not None else ()
    complete = run.state == RunState.RECONCILED
    tone: Tone = "good" if beats and complete else "warning"
    return Headline((f"{words}: {_correct(run)}.", *advice, pipeline), tone)


def _unfinished(run: Run) -> Headline:
    """Return what is said of a run that says nothing of the model."""
    what = {
        RunState.CANCELLED: "was cancelled",
        RunState.FAILED: "failed",
        RunState.RUNNING: "is under way, or was interrupted",
    }[run.state]
    sentences = [
        f"The run {what} after {run.tested:,} of {run.rows:,} records.",
        "It says nothing of the model.",
        "Test the model again for its figures.",
    ]
    if run.note:
        sentences.append(f"What was noted: {run.note}")
    return Headline(tuple(sentences), "warning")


def _correct(run: Run) -> str:
    """Return which share of which records is predicted correctly."""
    unseen, correct = run.unseen_rows, run.metrics.unseen_correct
    if run.metrics.seen and unseen and correct is not None:
        return (
            f"{share_text(correct, unseen)} of the {unseen:,} records that it was not trained on "
            f"are predicted correctly"
        )
    text = f"{share_text(run.accuracy or 0.0)} of {run.tested:,} records are predicted correctly"
    if run.metrics.seen and not unseen:
        text += ", but it was trained on all of them, so that says nothing of new ones"
    return text


def _pipeline(run: Run) -> str:
    """Return whether every record and candidate is accounted for."""
    if run.state == RunState.RECONCILED:
        return (
            f"All {run.stored:,} records are in the score table, and the function copied exactly "
            f"the {run.found:,} candidates that the threshold {run.threshold} asks for."
        )
    return (
        f"Not every record is accounted for: {run.stored:,} of {run.rows:,} are in the score "
        f"table, {run.found:,} of {run.expected:,} candidates were copied. Complete the run on the "
        f"Test page, or with `python cli.py replay --run {run.id}`."
    )
