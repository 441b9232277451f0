"""The report on a test run: one HTML file that needs nothing else. Knows no screen."""

from __future__ import annotations

from datetime import datetime
from html import escape

from app.services.html_page import facts, page, paragraph, section, table, wrapped
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.evaluation.threshold_curve import curve_of
from iris_core.model.models import ModelCard
from iris_core.records.calibration import Calibration
from iris_core.records.interval import wilson_interval
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.run import Run
from iris_core.records.run_metrics import ThresholdCounts

MAX_NAMED = 50
"""Classes, labels or columns that a table lists."""
SHOWN_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


def report_html(
    run: Run,
    *,
    made: datetime,
    card: ModelCard | None = None,
    reconciliation: Reconciliation | None = None,
) -> str:
    """Return the report on a run; what is not given, or not known of the run, is left out.

    Args:
        run: the run, with its metrics.
        made: when the report is made, with a time zone.
        card: of the model that was tested.
        reconciliation: what the run's tables say now; by default what the run says they said.
    """
    title = f"Test of {run.model} on {run.dataset_name}"
    sections = (
        _figures(run),
        _classes(run),
        _confusion(run),
        _remarks(run),
        _calibration(run.metrics.calibration),
        _thresholds(run.metrics.thresholds),
        _reconciliation(run, reconciliation),
        _model(card),
    )
    told = f"Run {run.id}, {run.state}. Report of {made.isoformat(timespec='seconds')}."
    return page(title, paragraph(told) + "".join(sections))


def _figures(run: Run) -> str:
    """What the run came to, the accuracy with its interval."""
    rows: list[tuple[str, object]] = [
        ("Records", f"{run.rows:,}"),
        ("Tested", f"{run.tested:,}"),
        ("Data set", f"{run.dataset_name} ({run.dataset})"),
        ("Threshold", run.threshold),
    ]
    if run.accuracy is not None:
        interval = wilson_interval(round(run.accuracy * run.tested), run.tested)
        shown = f"{run.accuracy:.2%}, 95% interval {interval.low:.2%} to {interval.high:.2%}"
        rows.append(("Accuracy", shown))
    if run.loss is not None:
        rows.append(("Loss (cross-entropy, nats)", f"{run.loss:.4f}"))
    if run.seconds is not None:
        rows.append(("Seconds", f"{run.seconds:,.1f}"))
    if run.note:
        rows.append(("Note", run.note))
    return section("Figures", facts(rows))


def _classes(run: Run) -> str:
    """The figures of each class."""
    classes = run.metrics.classes
    if not classes:
        return ""
    rows = [
        (
            entry.name,
            *(f"{share:.1%}" for share in (entry.precision, entry.recall, entry.f1)),
            f"{entry.support:,}",
        )
        for entry in classes[:MAX_NAMED]
    ]
    header = ("Class", "Precision", "Recall", "F1", "Rows")
    return section("Classes", table(header, rows, caption=_of(len(classes), "classes")))


def _confusion(run: Run) -> str:
    """Which class was taken for which."""
    names, counts = run.metrics.class_names, run.metrics.confusion
    if not names or not counts:
        return ""
    shown = names[:MAX_NAMED]
    actual = [*zip(shown, counts, strict=False)]
    if any(counts[-1]):
        actual.append((UNSEEN_LABEL, counts[-1]))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *shown))
    body = ""
    for name, row in actual:
        cells = "".join(
            f'<td class="number{" right" if name == predicted else ""}">{int(count):,}</td>'
            for predicted, count in zip(shown, row, strict=False)
        )
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n'
    caption = f"A row for each actual class, a column for each predicted one. {_of(len(names), '')}"
    return section("Confusion matrix", wrapped(caption, head, body))


def _remarks(run: Run) -> str:
    """What was unusual about the data."""
    rows: list[tuple[str, object]] = []
    metrics = run.metrics
    for counts, words in (
        (metrics.unseen_labels, "Rows with a label the model never saw"),
        (metrics.unseen_categories, "Cells with a category the model never saw"),
        (metrics.missing, "Missing cells"),
    ):
        rows += [(words, f"{name}: {count:,}") for name, count in list(counts.items())[:MAX_NAMED]]
    ignored = metrics.ignored
    rows += [("Column the model does not look at", name) for name in ignored[:MAX_NAMED]]
    return section("Remarks on the data", facts(rows)) if rows else ""


def _calibration(found: Calibration | None) -> str:
    """Whether the model is right as often as it says."""
    if found is None or not found.rows:
        return ""
    rows = [
        (
            f"{entry.low:.0%} to {entry.high:.0%}",
            f"{entry.rows:,}",
            f"{entry.confidence:.1%}",
            f"{entry.accuracy:.1%}",
            f"{entry.interval.low:.1%} to {entry.interval.high:.1%}",
        )
        for entry in found.bins
        if entry.rows
    ]
    header = ("Probability", "Rows", "Mean probability", "Accuracy", "95% interval")
    caption = f"Expected calibration error {found.error:.3f} over {found.rows:,} records."
    return section("Calibration", _diagram(found) + table(header, rows, caption=caption))


def _diagram(found: Calibration) -> str:
    """The calibration curve: accuracy by probability, with the line of a model without fault."""
    size, width = 240, 240 / len(found.bins)
    bars = "".join(
        f'<rect class="bar" x="{30 + place * width + 1:.1f}" '
        f'y="{10 + size * (1 - entry.accuracy):.1f}" width="{width - 2:.1f}" '
        f'height="{size * entry.accuracy:.1f}"/>'
        for place, entry in enumerate(found.bins)
        if entry.accuracy is not None
    )
    label = f"Accuracy by probability; expected calibration error {found.error:.3f}."
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 290 290" width="290" '
        f'height="290">{bars}<path class="line" d="M30 10V250H270M30 250L270 10"/>'
        '<text x="0" y="15">100%</text><text x="14" y="254">0</text>'
        '<text x="105" y="275">probability</text></svg>\n'
    )


def _thresholds(counts: ThresholdCounts | None) -> str:
    """What some thresholds would have people review."""
    if counts is None:
        return ""
    curve = curve_of(counts)
    rows = [
        (
            f"{curve.thresholds[place]:.2f}",
            f"{curve.reviews[place]:,}",
            f"{curve.below[place]:,}",
            f"{curve.caught_share[place]:.1%}",
        )
        for place in range(len(curve.thresholds))
        if curve.thresholds[place] in SHOWN_THRESHOLDS
    ]
    header = ("Threshold", "Wrong or below", "Below", "Errors among those below")
    caption = f"{curve.errors:,} of {curve.rows:,} records are wrong."
    return section("Thresholds", table(header, rows, caption=caption))


def _reconciliation(run: Run, found: Reconciliation | None) -> str:
    """Whether every record and every candidate is accounted for."""
    counts = run if found is None else found
    rows: list[tuple[str, object]] = [
        ("Tested", f"{counts.tested:,}"),
        ("Stored", f"{counts.stored:,}"),
        ("Candidates expected", f"{counts.expected:,}"),
        ("Candidates found", f"{counts.found:,}"),
    ]
    if found is not None:
        rows += [
            ("Candidates missing", f"{len(found.missing):,}"),
            ("Candidates not expected", f"{len(found.unexpected):,}"),
            ("Complete", "yes" if found.complete else "no"),
        ]
    return section("Reconciliation", facts(rows))


def _model(card: ModelCard | None) -> str:
    """What the model is."""
    if card is None:
        return ""
    spec, options = card.spec, card.options
    rows: list[tuple[str, object]] = [
        ("Name", f"{card.name}, version {card.version}"),
        ("Id", card.id),
        ("Trained further from", card.parent or "none"),
        ("Created", card.created),
        ("Trained on", f"{card.dataset_name} ({card.dataset_id}), {card.rows:,} rows"),
        ("Hidden layers", ", ".join(map(str, spec.units)) or "none"),
        ("Activation", spec.activation),
        ("Dropout", spec.dropout),
        ("Optimiser", f"{spec.optimiser}, learning rate {spec.learning_rate:g}"),
        ("Epochs", f"{len(card.history):,} of {options.epochs:,}"),
        ("Batch size", f"{options.batch_size:,}"),
        ("Held back to watch the training", f"{options.validation_share:.0%}"),
        ("Seed", options.seed),
        ("Classes", f"{len(card.schema.classes):,}"),
        ("Columns", f"{len(card.schema.features):,}"),
    ]
    rows += [(f"Metric {name}", f"{value:.4f}") for name, value in card.metrics.items()]
    rows += [(f"Version of {name}", version) for name, version in card.libraries.items()]
    return section("Model", facts(rows))


def _of(number: int, what: str) -> str:
    """Say so when not all are listed."""
    return (
        f"The first {MAX_NAMED} of {number:,} {what}".rstrip() + "." if number > MAX_NAMED else ""
    )
