"""The report on a test run: one HTML file that needs nothing else, to read, print and file."""

from __future__ import annotations

from datetime import datetime
from html import escape

from app.services.baselines import baseline_name, finding_of_run, share_text
from app.services.export import report_parts
from app.services.export.headline import headline_of
from app.services.export.html_page import (
    breakable,
    facts,
    headline,
    page,
    paragraph,
    remark,
    section,
    table,
    wrapped,
)
from app.services.export.report_sources import ReportSources
from app.services.export.svg import Dot, dots, short
from app.services.runs.class_figures import class_figures, weakest_first
from iris_core.evaluation.baselines import baselines_of
from iris_core.evaluation.class_means import balanced_accuracy_estimate, macro_f1_estimate
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.records.interval import Interval
from iris_core.records.run import Run

MAX_NAMED = 50
"""Classes, labels or columns that a table lists."""
MAX_MATRIX = 12
"""Classes of a confusion matrix that fits on paper."""
DRAWN_CLASSES = 15
_TITLE_LENGTH = 60


def report_html(run: Run, *, made_at: datetime, sources: ReportSources | None = None) -> str:
    """Return the report on a run; of what is gone or was not measured it says so.

    Args:
        run: the run, with its metrics.
        made_at: when the report is made, with a time zone.
        sources: what is known of the run beyond itself.
    """
    known = sources or ReportSources()
    found = headline_of(run)
    title = f"Test of {short(run.model, _TITLE_LENGTH)} on {short(run.dataset_name, _TITLE_LENGTH)}"
    origin = f"Run {run.id}, {run.state}. Report of {made_at.isoformat(timespec='seconds')}."
    parts = [remark(origin), headline(found.sentences, found.tone), _tested(run, known)]
    if not run.ended_early:
        parts += [
            _accuracy(run),
            _classes(run),
            _confusion(run),
            report_parts.mistakes(run, known.mistakes),
            report_parts.champion(known.champion),
            _remarks(run),
            report_parts.drift(known.drift),
            report_parts.calibration(run.metrics.calibration),
            report_parts.thresholds(run.metrics.thresholds),
        ]
    parts += [report_parts.reconciliation(run), report_parts.reproduction(run, known)]
    return page(title, "".join(parts))


def _tested(run: Run, known: ReportSources) -> str:
    """Return what was tested: the data, the model, the threshold, and when."""
    card, data = known.card, known.data
    columns = "" if data is None else f", {len(data.numeric) + len(data.categorical):,} features"
    rows: list[tuple[str, object]] = [
        ("Data set", f"{run.dataset_name} ({run.dataset}), {run.rows:,} rows{columns}"),
        (
            "Model",
            run.model if card is None else f"{card.name}, version {card.version} ({card.id})",
        ),
    ]
    if card is not None:
        rows += [
            ("Trained on", f"{card.dataset_name} ({card.dataset_id}), {card.rows:,} rows"),
            ("Classes", f"{len(card.schema.classes):,}, of the column {card.schema.label}"),
        ]
    rows += [
        ("Threshold", f"{run.threshold}: a less probable prediction goes to review"),
        ("Started", run.started.isoformat(timespec="seconds")),
        ("Took", "not known" if run.seconds is None else f"{run.seconds:,.1f} s"),
    ]
    if run.metrics.seen is not None:
        rows.append(("Rows the model was trained on", f"{run.metrics.seen:,} of {run.tested:,}"))
    gone = "".join(
        remark(f"The {what} is not in this workspace any more, so less is known of it.")
        for what, there in (("model", card), ("data set", data))
        if there is None
    )
    return section("What was tested", facts(rows) + gone)


def _accuracy(run: Run) -> str:
    """Return the accuracy beside its baselines, with intervals."""
    found = finding_of_run(run)
    if found is None or run.accuracy is None:
        return section(
            "Accuracy and baselines", paragraph("No accuracy was measured: no true labels.")
        )
    unseen = bool(run.metrics.seen) and run.unseen_interval is not None
    interval = run.unseen_interval if unseen else run.accuracy_interval
    share = (run.unseen_accuracy if unseen else run.accuracy) or 0.0
    name = "This model, unseen rows" if unseen else "This model"
    ends = (None, None) if interval is None else (interval.low, interval.high)
    entries = [Dot(name, share, *ends)]
    for entry in baselines_of(run.metrics):
        counts = entry.unseen if unseen and entry.unseen is not None else entry.counts
        entries.append(Dot(baseline_name(entry), counts.baseline_accuracy, is_reference=True))
    drawn = dots(
        entries, label=f"Accuracy with its 95 % interval beside its baselines: {found.accuracy}"
    )
    return section(
        "Accuracy and baselines",
        paragraph(f"{'Accuracy, unseen rows' if unseen else 'Accuracy'}: {found.accuracy}.")
        + drawn
        + facts(_figures(run)),
    )


def _figures(run: Run) -> list[tuple[str, object]]:
    """Return the figures over all classes."""
    rows: list[tuple[str, object]] = []
    metrics = run.metrics
    if (interval := run.accuracy_interval) is not None:
        hits = round((run.accuracy or 0.0) * run.tested)
        rows.append(
            (
                "Accuracy, all rows",
                f"{share_text(run.accuracy or 0.0)}, {_ends(interval)}, {hits:,} of {run.tested:,}",
            )
        )
    if metrics.classes:
        for name, estimate in (
            ("Balanced accuracy", balanced_accuracy_estimate(metrics.classes)),
            ("Macro F1", macro_f1_estimate(metrics.confusion, metrics.classes)),
        ):
            ends = _ends(Interval(estimate.low, estimate.high))
            rows.append((name, f"{share_text(estimate.value)}, {ends}"))
    if run.loss is not None:
        rows.append(("Loss (cross-entropy, nats)", f"{run.loss:.4f}"))
    return rows


def _classes(run: Run) -> str:
    """Return the figures of each class."""
    figures = class_figures(run.metrics)
    if not figures:
        return section("Classes", paragraph("No figures by class were kept with this run."))
    many = len(figures) > MAX_NAMED
    listed = weakest_first(figures)[:MAX_NAMED] if many else figures
    rows = [
        (
            entry.name,
            f"{entry.support:,}",
            f"{share_text(entry.recall)}",
            _span(entry.recall_interval) if entry.support else "no rows",
            f"{share_text(entry.precision)}",
            _span(entry.precision_interval) if entry.predicted else "not known",
            f"{share_text(entry.f1)}",
        )
        for entry in listed
    ]
    header = ("Class", "Rows", "Recall", "95 % interval", "Precision", "95 % interval", "F1")
    caption = (
        f"The {MAX_NAMED} of {len(figures):,} classes with the lowest recall, the lowest first."
        if many
        else "Recall: of the rows of a class, how many are predicted as it. Precision: of those "
        "predicted as it, how many are of it."
    )
    drawn = [entry for entry in weakest_first(figures) if entry.support][:DRAWN_CLASSES]
    picture = dots(
        [
            Dot(entry.name, entry.recall, entry.recall_interval.low, entry.recall_interval.high)
            for entry in drawn
        ],
        label="Recall of each class with its 95 % interval, the lowest first",
    )
    return section("Classes", (picture if drawn else "") + table(header, rows, caption=caption))


def _confusion(run: Run) -> str:
    """Return the confusion matrix, if it fits on paper."""
    names, counts = run.metrics.class_names, run.metrics.confusion
    if not names or not counts:
        return ""
    if len(names) > MAX_MATRIX:
        text = f"With {len(names):,} classes the matrix fits on no page; the mistakes are below."
        return section("Confusion matrix", paragraph(text))
    actual = [*zip(names, counts, strict=False)]
    if any(counts[-1]) and len(counts) > len(names):
        actual.append((UNSEEN_LABEL, counts[-1]))
    head = '<th scope="col">True label</th>' + "".join(
        f'<th scope="col" class="number">{breakable(name)}</th>' for name in names
    )
    body = []
    for place, (name, row) in enumerate(actual):
        cells = "".join(
            f'<td class="number{" right" if place == column else ""}">{int(count):,}</td>'
            for column, count in enumerate(row)
        )
        body.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>\n')
    caption = "A row for each true label, a column for each predicted class."
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


def _ends(interval: Interval) -> str:
    """Write an interval in a sentence."""
    return f"95 % interval {_span(interval)}"


def _span(interval: Interval | None) -> str:
    """Write an interval in a table."""
    if interval is None:
        return "not known"
    return f"{share_text(interval.low)} to {share_text(interval.high)}"
