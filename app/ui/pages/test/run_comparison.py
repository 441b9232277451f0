"""Two runs compared: is the one better than the other, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.services.baselines import baseline_accuracies
from app.services.runs.comparison import (
    ClassComparison,
    accuracy_difference,
    baseline_of,
    comparable_runs,
    compare_classes,
)
from app.services.runs.paired_runs import PairedRuns, can_be_paired, compare_runs, conclusion
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.evaluation import accuracies, class_shares
from app.ui.pages.test.corrected_accuracy import compare_corrected
from app.ui.pages.test.record_link import open_record
from app.ui.widgets import pictures
from app.ui.widgets.paired_table import classes_table, metrics_table
from app.ui.widgets.texts import percent, plain, run_name
from iris_core.evaluation.baselines import baselines_of
from iris_core.records.run import Run

FIRST, SECOND, BASELINE = "this run", "the other", "baseline"


def comparison(workspace: Workspace, run: Run, runs: Sequence[Run]) -> None:
    """Compare a run with another that was tested to its end."""
    others = {other.id: other for other in comparable_runs(run, runs)}
    if not others:
        st.info("There is no other run to compare with. Test another model, or on other data.")
        return
    if st.session_state.get(state.OTHER_RUN) not in others:
        st.session_state[state.OTHER_RUN] = baseline_of(run, list(others.values())).id
    other = others[
        st.selectbox(
            "Compare with",
            list(others),
            format_func=lambda id_: run_name(others[id_]),
            key=state.OTHER_RUN,
            persist_state="session",
        )
    ]
    if can_be_paired(run, other):
        with st.spinner("Comparing record by record…"):
            paired = _compare_runs(workspace, workspace.settings.target, run, other)
        compare_corrected(workspace, run, other)
        _on_same_records(paired)
        _facts({BASELINE: other, FIRST: run}, with_metrics=False)
    elif run.dataset == other.dataset:
        st.info("Complete both runs first: they are compared record by record.")
    else:
        _say_other_data(run, other)
        _on_other_data(run, other)


def _on_same_records(paired: PairedRuns) -> None:
    """Show two runs compared record by record."""
    st.info(plain(conclusion(paired.comparison)))
    metrics_table(paired.metrics)
    _changes(paired)
    with st.expander("Recall and precision of each class", icon=":material/category:"):
        classes_table(paired.metrics)


def _on_other_data(run: Run, other: Run) -> None:
    """Show the figures of two runs that have different records."""
    by_name = {FIRST: run, SECOND: other}
    left, right = st.columns(2, gap="large")
    with left:
        intervals = [
            (name, entry.accuracy or 0.0, interval)
            for name, entry in by_name.items()
            if (interval := entry.accuracy_interval) is not None
        ]
        pictures.show(accuracies(intervals), name="accuracies")
        _facts(by_name, with_metrics=True)
    with right:
        _classes(compare_classes(run, other))


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs={Run: lambda run: run.id})
def _compare_runs(_workspace: Workspace, _target: str, run: Run, other: Run) -> PairedRuns:
    """Compare two reconciled runs, whose records do not change any more."""
    return compare_runs(_workspace.cloud(), run, other)


def _changes(paired: PairedRuns) -> None:
    """List the fixed and the broken records, and open the one that is selected."""
    if not paired.changes:
        return
    frame = pd.DataFrame(
        {
            "Row": [change.row for change in paired.changes],
            "Change": ["fixed" if change.is_fixed else "broken" for change in paired.changes],
            "True label": [change.true_label for change in paired.changes],
            "The other predicts": [change.before for change in paired.changes],
            "This run predicts": [change.after for change in paired.changes],
        }
    )
    records = "record" if len(frame) == 1 else "records"
    with st.expander(f"The {len(frame):,} {records} that changed", icon=":material/difference:"):
        event = st.dataframe(
            frame,
            hide_index=True,
            placeholder="",
            key=state.CHANGES,
            on_select="rerun",
            selection_mode="single-row",
            alt="Records that this run fixes or breaks, in test order",
        )
        rows = [index for index in event.selection.rows if index < len(frame)]
        if rows:
            row = paired.changes[rows[0]].row
            st.button(f"Open row {row}", on_click=open_record, args=(row,))
        if paired.comparison.fixed + paired.comparison.broken > len(frame):
            st.caption(f"The first {len(frame):,} of them.")


def _say_other_data(run: Run, other: Run) -> None:
    """Say how the accuracies of two runs on different data differ."""
    result = accuracy_difference(run, other)
    if result is None:
        return
    if result.difference == 0:
        message = "Both have the same accuracy."
    else:
        points = f"{abs(100 * result.difference):.1f} percentage points"
        better = "more" if result.difference > 0 else "less"
        message = f"This run is {points} {better} accurate. " + (
            "The intervals overlap: that may be chance."
            if result.overlap
            else "The intervals do not overlap: that is hardly chance."
        )
    st.warning(
        f"{message} They were tested on different data, {plain(run.dataset_name)} and "
        f"{plain(other.dataset_name)}, so the difference may be that of the data."
    )


def _facts(by_name: Mapping[str, Run], *, with_metrics: bool) -> None:
    """List the figures of both runs side by side.

    Args:
        by_name: the runs.
        with_metrics: whether accuracy and calibration error are among them.
    """
    columns = {}
    for name, run in by_name.items():
        calibration = run.metrics.calibration
        metrics = {
            "Accuracy": percent(run.accuracy),
            "Calibration error": "unknown" if calibration is None else f"{calibration.error:.3f}",
        }
        columns[name.capitalize()] = {
            "Model": run.model,
            "Data": run.dataset_name,
            "Records": f"{run.tested:,}",
            **(metrics if with_metrics else {}),
            **{
                name: percent(share)
                for name, share in zip(
                    ("Majority class, accuracy", "Logistic regression, accuracy"),
                    baseline_accuracies(baselines_of(run.metrics)).values(),
                    strict=True,
                )
            },
            "Loss": f"{run.loss or 0:.4f}",
            "Threshold": run.threshold,
            "Candidates": f"{run.found:,}",
        }
    table = pd.DataFrame(columns).rename_axis("Figure").reset_index()
    st.dataframe(
        table, hide_index=True, placeholder="", alt="The figures of both runs side by side"
    )


def _classes(classes: Sequence[ClassComparison]) -> None:
    """Show the recall of each class in both runs, and how its figures differ."""
    recalls = [
        (FIRST, [entry.first.recall if entry.first else None for entry in classes]),
        (SECOND, [entry.second.recall if entry.second else None for entry in classes]),
    ]
    pictures.show(class_shares([entry.name for entry in classes], recalls, "recall"), name="recall")
    rows = []
    for entry in classes:
        row: dict[str, object] = {"Class": entry.name}
        for metric in ("precision", "recall", "f1"):
            row[f"Δ {metric.capitalize()}"] = (
                100 * (getattr(entry.first, metric) - getattr(entry.second, metric))
                if entry.first and entry.second
                else None
            )
        rows.append(row)
    points = st.column_config.NumberColumn(
        format="%+.1f", help="This run less the other, in percentage points"
    )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="",
        column_config=dict.fromkeys(("Δ Precision", "Δ Recall", "Δ F1"), points),
        alt="Differences of each class, this run less the other, in percentage points",
    )
