"""The parts of a report that stand on more than the run: what is missing is said in a sentence."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from app.services.baselines import share_text
from app.services.export.champion_runs import ComparedWithChampion
from app.services.export.html_page import (
    commands,
    facts,
    paragraph,
    remark,
    section,
    subsection,
    table,
)
from app.services.export.report_sources import Mistakes, ReportSources
from app.services.export.reproducing import FILE_NOTE, model_facts, test_command, train_command
from app.services.export.svg import bars, calibration_diagram, short
from app.services.runs.confusion_cells import cell_counts, is_correct, row_and_column
from app.services.runs.paired_metrics import metric_rows
from app.services.runs.run_drift import RunDrift
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.threshold_curve import curve_of
from iris_core.exploration.drift import DRIFT_ABOVE, MODERATE_FROM
from iris_core.records.calibration import Calibration
from iris_core.records.reason import title_of
from iris_core.records.run import Run
from iris_core.records.run_metrics import ThresholdCounts

SHOWN_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
MAX_CONFUSIONS = 10
MAX_ROWS = 12
"""Row numbers that are named of an input."""
MAX_COLUMNS = 20
"""Columns of which the drift is listed, those that drifted most."""
MAX_DRAWN = 12
MAX_TEXT = 60
"""Characters of a value or a name in a table."""


def mistakes(run: Run, found: Mistakes | str) -> str:
    """Return which classes are confused, examples, and why records are candidates."""
    errors = run.metrics.errors
    if errors is None:
        return section("Mistakes", paragraph("The mistakes were not counted in this run."))
    parts = [paragraph(f"{errors:,} of {run.tested:,} records are misclassified.")]
    if not errors:
        parts = [paragraph(f"None of {run.tested:,} records is misclassified.")]
    else:
        parts.append(_confusions(run))
    if isinstance(found, str):
        return section("Mistakes", "".join(parts) + paragraph(found))
    counts = sorted(found.reasons.items(), key=lambda entry: -entry[1])
    reasons = [(title_of(reason), f"{count:,}") for reason, count in counts]
    some = f", of the first {sum(found.reasons.values()):,} of them" if found.is_part else ""
    caption = f"Why records are candidates for review{some}."
    parts.append(table(("Reason", "Candidates"), reasons, caption=caption))
    if found.examples:
        rows = [
            (
                entry.row,
                short(entry.actual, MAX_TEXT),
                short(entry.predicted, MAX_TEXT),
                entry.probability,
                title_of(entry.reason),
                *(short(value, MAX_TEXT) for value in entry.values),
            )
            for entry in found.examples
        ]
        header = ("Row", "True label", "Predicted", "Probability", "Reason", *found.columns)
        caption = (
            f"The mistakes of which the model was most certain, {len(rows)} of {errors:,}, with "
            "the columns that say most of the label. Rows are counted from 0."
        )
        parts.append(table(header, rows, caption=caption, words=(1, 2, 4)))
    return section("Mistakes", "".join(parts))


def _confusions(run: Run) -> str:
    """Return the most frequent confusions."""
    names, confusion = run.metrics.class_names, run.metrics.confusion
    wrong = [(cell, n) for cell, n in cell_counts(confusion).items() if not is_correct(cell)]
    rows = []
    for cell, count in wrong[:MAX_CONFUSIONS]:
        row, column = row_and_column(cell)
        actual = names[row] if row < len(names) else UNSEEN_LABEL
        of = sum(confusion[row])
        rows.append((actual, names[column], f"{count:,}", f"{share_text(count, of)} of {of:,}"))
    some = f", {len(rows)} of {len(wrong):,}" if len(wrong) > len(rows) else ""
    header = ("True label", "Predicted", "Records", "Share of the true label")
    caption = f"Which class is predicted instead of the true label, the most frequent first{some}."
    return table(header, rows, caption=caption, words=(1,))


def champion(found: ComparedWithChampion | str) -> str:
    """Return how the run compares with the champion's, record by record."""
    title = "Compared with the champion"
    if isinstance(found, str):
        return section(title, paragraph(found))
    which = "the champion before" if found.was_before else "the champion"
    rows = [
        (
            entry.name,
            _figure(entry.comparison.champion, is_share=entry.is_share),
            _figure(entry.comparison.challenger, is_share=entry.is_share),
            _difference(entry.comparison.difference, is_share=entry.is_share),
            f"{entry.records:,}",
        )
        for entry in metric_rows(found.paired.metrics)
    ]
    header = ("Figure", short(found.other), "This run", "Difference, 95 % interval", "Records")
    caption = f"On the same records; {found.other} is {which} (run {found.run_id})."
    return section(title, paragraph(found.text) + table(header, rows, caption=caption))


def drift(found: RunDrift | str) -> str:
    """Return how the inputs differ from the training data."""
    title = "Drift of the inputs"
    if isinstance(found, str):
        return section(title, paragraph(found))
    columns = found.columns[:MAX_COLUMNS]
    parts = [paragraph(found.summary)]
    if columns:
        drawn = [entry for entry in columns[:MAX_DRAWN] if entry.psi >= MODERATE_FROM]
        if drawn:
            parts.append(
                bars(
                    [(entry.name, entry.psi, f"{entry.psi:.3f}, {entry.level}") for entry in drawn],
                    marks=(MODERATE_FROM, DRIFT_ABOVE),
                    label="Population stability index of the inputs that drifted most",
                )
            )
        others = len(found.columns) - len(columns)
        some = f" {others:,} more inputs drifted less." if others else ""
        rows = [
            (entry.name, f"{entry.psi:.3f}", f"{entry.critical_value:.3f}", entry.level)
            for entry in columns
        ]
        caption = (
            f"Population stability index: from {MODERATE_FROM:g} moderate, above {DRIFT_ABOVE:g} "
            f"drifted; so far it gets by chance in one comparison in 20.{some}"
        )
        header = ("Input", "Index", "By chance up to", "Level")
        parts.append(table(header, rows, caption=caption, words=(3,)))
    unfamiliar = [
        (entry.name, entry.expected, f"{len(entry.rows):,}", _rows(entry.rows.tolist()))
        for entry in found.unfamiliar[:MAX_COLUMNS]
    ]
    if unfamiliar:
        header = ("Input", "In training", "Other rows", "Which, from 0")
        caption = "Rows outside of the training range, or of a category that it did not have."
        parts.append(table(header, unfamiliar, caption=caption, words=(1, 3)))
    else:
        parts.append(paragraph("No row is outside of the training range or of a new category."))
    return section(title, "".join(parts))


def calibration(found: Calibration | None) -> str:
    """Return the calibration, as a diagram and as a table."""
    if found is None or not found.rows:
        return section("Calibration", paragraph("No calibration was measured in this run."))
    rows = [
        (
            f"{entry.low:.0%} to {entry.high:.0%}",
            f"{entry.rows:,}",
            f"{share_text(entry.confidence or 0.0)}",
            f"{share_text(entry.accuracy or 0.0)}",
            f"{share_text(entry.interval.low)} to {share_text(entry.interval.high)}",
        )
        for entry in found.bins
        if entry.rows
    ]
    header = ("Probability", "Rows", "Mean probability", "Accuracy", "95 % interval")
    caption = (
        f"Expected calibration error {found.error:.3f} over {found.rows:,} records: a calibrated "
        "model is right as often as it says, on the dashed line."
    )
    return section("Calibration", calibration_diagram(found) + table(header, rows, caption=caption))


def thresholds(counts: ThresholdCounts | None) -> str:
    """Return what some thresholds would have people review."""
    if counts is None:
        return ""
    curve = curve_of(counts)
    rows = [
        (
            f"{curve.thresholds[index]:.2f}",
            f"{curve.reviews[index]:,}",
            f"{curve.below[index]:,}",
            share_text(float(curve.caught_share[index])),
        )
        for index in range(len(curve.thresholds))
        if curve.thresholds[index] in SHOWN_THRESHOLDS
    ]
    header = ("Threshold", "Misclassified or below", "Below", "Errors among those below")
    caption = f"{curve.errors:,} of {curve.rows:,} records are misclassified."
    return section("Thresholds", table(header, rows, caption=caption))


def reconciliation(run: Run) -> str:
    """Return whether every record and every candidate is accounted for."""
    rows = [
        ("Records sent", f"{run.rows:,}", "rows of the data set"),
        ("Tested", f"{run.tested:,}", _missing(run.rows - run.tested, "not tested")),
        ("In the score table", f"{run.stored:,}", _missing(run.rows - run.stored, "missing")),
        ("Candidates expected", f"{run.expected:,}", "what the retrain rule asks for"),
        ("Candidates copied", f"{run.found:,}", _missing(run.expected - run.found, "missing")),
    ]
    caption = f"Every record from the data to the retrain table; the run is {run.state}."
    header = ("Step", "Records", "Accounted for")
    return section("Pipeline", table(header, rows, caption=caption, words=(2,)))


def reproduction(run: Run, known: ReportSources) -> str:
    """Return the identity of data and model, and the commands that do it again."""
    rows: list[tuple[str, object]] = [
        ("Data fingerprint", run.dataset),
        ("Run", run.id),
        ("Threshold", run.threshold),
    ]
    lines = [test_command(run), f"python cli.py data show {shlex.quote(run.dataset)}"]
    after = ""
    if known.card is not None:
        lines.insert(0, train_command(known.card))
        after = subsection("Model", facts(model_facts(known.card)))
    return section("How to reproduce it", facts(rows) + commands(lines) + remark(FILE_NOTE) + after)


def _missing(count: int, word: str) -> str:
    """Return how many records a step lacks."""
    return "all" if count <= 0 else f"{count:,} {word}"


def _rows(rows: Sequence[int]) -> str:
    """Return the numbers of rows, some of many."""
    listed = ", ".join(map(str, rows[:MAX_ROWS]))
    others = len(rows) - MAX_ROWS
    return f"{listed} and {others:,} others" if others > 0 else listed


def _figure(of: Estimate, *, is_share: bool) -> str:
    """Write a metric with its interval."""
    value, low, high = (
        share_text(end) if is_share else f"{end:.3f}" for end in (of.value, of.low, of.high)
    )
    return _with_interval(value, low, high)


def _difference(of: Estimate, *, is_share: bool) -> str:
    """Write a difference with its interval, that of shares in percentage points."""
    ends = (of.value, of.low, of.high)
    if not is_share:
        return _with_interval(*(f"{end:+.3f}" for end in ends))
    value, low, high = (f"{round(100 * end, 1) + 0.0:+.1f}" for end in ends)
    return _with_interval(f"{value} points", low, high)


def _with_interval(value: str, low: str, high: str) -> str:
    """Write a figure with its interval, and where that is a point, that there is none."""
    return f"{value} (no interval)" if low == high else f"{value} ({low} to {high})"
