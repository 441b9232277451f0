"""The report on a test run: one HTML file that needs nothing else."""

from __future__ import annotations

from datetime import datetime
from html import escape

from app.services.baselines import finding_of_run
from app.services.export.html_page import facts, page, paragraph, section, table, wrapped
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.evaluation.threshold_curve import curve_of
from iris_core.model.models import ModelCard
from iris_core.records.calibration import Calibration
from iris_core.records.run import Run
from iris_core.records.run_metrics import ThresholdCounts

MAX_NAMED = 50
"""Classes, labels or columns that a table lists."""
SHOWN_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


def report_html(
    run: Run,
    *,
    made_at: datetime,
    card: ModelCard | None = None,
) -> str:
    """Return the report on a run; what is not given, or was not measured, is left out.

    Args:
        run: the run, with its metrics.
        made_at: when the report is made, with a time zone.
        card: of the model that was tested.
    """
    title = f"Test of {run.model} on {run.dataset_name}"
    sections = (
        _figures(run),
        _classes(run),
        _confusion(run),
        _remarks(run),
        _calibration(run.metrics.calibration),
        _thresholds(run.metrics.thresholds),
        _reconciliation(run),
        _model(card),
    )
    origin = f"Run {run.id}, {run.state}. Report of {made_at.isoformat(timespec='seconds')}."
    return page(title, paragraph(origin) + "".join(sections))


def _figures(run: Run) -> str:
    """Return the run's figures, the accuracy with its interval."""
    rows: list[tuple[str, object]] = [
        ("Records", f"{run.rows:,}"),
        ("Tested", f"{run.tested:,}"),
        ("Data set", f"{run.dataset_name} ({run.dataset})"),
        ("Threshold", run.threshold),
    ]
    if (interval := run.accuracy_interval) is not None:
        rows.append(
            (
                "Accuracy",
                f"{run.accuracy:.2%}, 95% interval {interval.low:.2%} to {interval.high:.2%}",
            )
        )
    if (found := finding_of_run(run)) is not None:
        where = "Accuracy, unseen rows" if run.metrics.seen else "Accuracy"
        rows.append((f"{where} (baselines)", f"{found.accuracy}. {found.advice}"))
    for name, share in (
        ("Balanced accuracy", run.metrics.balanced_accuracy),
        ("Macro F1", run.metrics.macro_f1),
    ):
        if share is not None:
            rows.append((name, f"{share:.2%}"))
    if run.loss is not None:
        rows.append(("Loss (cross-entropy, nats)", f"{run.loss:.4f}"))
    if run.seconds is not None:
        rows.append(("Seconds", f"{run.seconds:,.1f}"))
    if run.note:
        rows.append(("Note", run.note))
    return section("Figures", facts(rows))


def _classes(run: Run) -> str:
    """Return the figures of each class."""
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
    """Return the confusion matrix."""
    names, counts = run.metrics.class_names, run.metrics.confusion
    if not names or not counts:
        return ""
    listed = names[:MAX_NAMED]
    actual = [*zip(listed, counts, strict=False)]
    if any(counts[-1]):
        actual.append((UNSEEN_LABEL, counts[-1]))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *listed))
    body = ""
    for name, row in actual:
        cells = "".join(
            f'<td class="number{" right" if name == predicted else ""}">{int(count):,}</td>'
            for predicted, count in zip(listed, row, strict=False)
        )
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n'
    caption = f"A row for each actual class, a column for each predicted one. {_of(len(names), '')}"
    return section("Confusion matrix", wrapped(caption, head, body))


def _remarks(run: Run) -> str:
    """Return what the model had not seen in training, or does not use."""
    rows: list[tuple[str, object]] = []
    metrics = run.metrics
    for counts, words in (
        (metrics.unseen_labels, "Rows with a label the model never saw"),
        (metrics.unseen_categories, "Cells with a category the model never saw"),
        (metrics.missing, "Missing values, imputed"),
    ):
        rows += [(words, f"{name}: {count:,}") for name, count in list(counts.items())[:MAX_NAMED]]
    ignored = metrics.ignored
    rows += [("Column the model does not use", name) for name in ignored[:MAX_NAMED]]
    return section("Remarks on the data", facts(rows)) if rows else ""


def _calibration(calibration: Calibration | None) -> str:
    """Return the calibration, as a curve and as a table."""
    if calibration is None or not calibration.rows:
        return ""
    rows = [
        (
            f"{entry.low:.0%} to {entry.high:.0%}",
            f"{entry.rows:,}",
            f"{entry.confidence:.1%}",
            f"{entry.accuracy:.1%}",
            f"{entry.interval.low:.1%} to {entry.interval.high:.1%}",
        )
        for entry in calibration.bins
        if entry.rows
    ]
    header = ("Probability", "Rows", "Mean probability", "Accuracy", "95% interval")
    caption = (
        f"Expected calibration error {calibration.error:.3f} over {calibration.rows:,} records."
    )
    return section("Calibration", _diagram(calibration) + table(header, rows, caption=caption))


def _diagram(calibration: Calibration) -> str:
    """Return the calibration curve, with the line of a perfectly calibrated model."""
    size, width = 240, 240 / len(calibration.bins)
    bars = "".join(
        f'<rect class="bar" x="{30 + index * width + 1:.1f}" '
        f'y="{10 + size * (1 - entry.accuracy):.1f}" width="{width - 2:.1f}" '
        f'height="{size * entry.accuracy:.1f}"/>'
        for index, entry in enumerate(calibration.bins)
        if entry.accuracy is not None
    )
    label = f"Accuracy by probability; expected calibration error {calibration.error:.3f}."
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 290 290" width="290" '
        f'height="290">{bars}<path class="line" d="M30 10V250H270M30 250L270 10"/>'
        '<text x="0" y="15">100%</text><text x="14" y="254">0</text>'
        '<text x="105" y="275">probability</text></svg>\n'
    )


def _thresholds(counts: ThresholdCounts | None) -> str:
    """Return what some thresholds would have people review."""
    if counts is None:
        return ""
    curve = curve_of(counts)
    rows = [
        (
            f"{curve.thresholds[index]:.2f}",
            f"{curve.reviews[index]:,}",
            f"{curve.below[index]:,}",
            f"{curve.caught_share[index]:.1%}",
        )
        for index in range(len(curve.thresholds))
        if curve.thresholds[index] in SHOWN_THRESHOLDS
    ]
    header = ("Threshold", "Misclassified or below", "Below", "Errors among those below")
    caption = f"{curve.errors:,} of {curve.rows:,} records are misclassified."
    return section("Thresholds", table(header, rows, caption=caption))


def _reconciliation(run: Run) -> str:
    """Return whether every record and every candidate is accounted for."""
    rows: list[tuple[str, object]] = [
        ("Tested", f"{run.tested:,}"),
        ("Stored", f"{run.stored:,}"),
        ("Candidates expected", f"{run.expected:,}"),
        ("Candidates copied", f"{run.found:,}"),
        ("State", run.state),
    ]
    return section("Reconciliation", facts(rows))


def _model(card: ModelCard | None) -> str:
    """Return what the model is."""
    if card is None:
        return ""
    spec, options = card.spec, card.options
    rows: list[tuple[str, object]] = [
        ("Name", f"{card.name}, version {card.version}"),
        ("Id", card.id),
        ("Trained further from", card.parent or "none"),
        ("Created", card.created),
        ("Trained on", f"{card.dataset_name} ({card.dataset_id}), {card.rows:,} rows"),
        ("Hidden layers", spec.units_text),
        ("Linear path", "yes" if spec.has_linear_path else "no"),
        ("Activation", spec.activation),
        ("Dropout", spec.dropout),
        ("Optimiser", f"{spec.optimiser}, learning rate {spec.learning_rate:g}"),
        ("Epochs", f"{len(card.history):,} of {options.epochs:,}"),
        ("Batch size", f"{options.batch_rows(card.rows):,}"),
        ("Validation share", f"{options.validation_share:.0%}"),
        ("Class weights", "balanced" if options.class_weights else "none"),
        ("Seed", options.seed),
        ("Classes", f"{len(card.schema.classes):,}"),
        ("Columns", f"{len(card.schema.features):,}"),
    ]
    rows += [(f"Metric {name}", f"{value:.4f}") for name, value in card.metrics.items()]
    rows += [(f"Version of {name}", version) for name, version in card.libraries.items()]
    return section("Model", facts(rows))


def _of(number: int, what: str) -> str:
    """Return a sentence if not all are listed."""
    return (
        f"The first {MAX_NAMED} of {number:,} {what}".rstrip() + "." if number > MAX_NAMED else ""
    )
