"""A test run on the screen: its verdict, its figures, and all runs in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from app.ui import state
from app.ui.widgets.run_state import NOT_RECONCILED
from app.ui.widgets.texts import counted, percent, plain, run_start, sentence
from aws import reconciliation
from aws.clients import Cloud
from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.run import Run, RunState

SHOWN_KEYS = 100
CHECKED_AT_ONCE = 5_000
"""Records of a run that is looked through unasked; it takes less than a second."""
METRIC_WIDTH = 130
"""Pixels: five side by side on a screen, two on a phone."""


def reconciliation_result(cloud: Cloud, run: Run) -> None:
    """Say whether every record and every candidate of a run is accounted for; if not, which."""
    if run.state == RunState.RECONCILED:
        _counts(run, stored=run.stored, expected=run.expected, found=run.found)
        st.success(
            f"Reconciled: all {run.stored:,} records are stored, and the function copied exactly "
            f"the {run.found:,} candidates that the threshold {run.threshold} asks for."
        )
        return
    note = f" {sentence(run.note)}" if run.note else ""
    st.warning(f"Not reconciled: {NOT_RECONCILED.get(run.state, run.state)}.{note}")
    # Both tables are read for it, which takes a while for a long run.
    if run.rows <= CHECKED_AT_ONCE or st.toggle(
        "Look for what is missing now", key=state.CHECK_AGAIN, persist_state="session"
    ):
        with st.spinner("Looking for what is missing…"):
            result = reconciliation.reconcile(cloud, run.id, run.rows, run.threshold)
        _counts(run, stored=result.stored, expected=result.expected, found=result.found)
        _missing(result)


def _counts(run: Run, *, stored: int, expected: int, found: int) -> None:
    place = st.container(horizontal=True)
    span = accuracy_interval(run)
    place.metric(
        "Accuracy",
        percent(run.accuracy),
        None if span is None else f"{percent(span.low)} to {percent(span.high)}",
        delta_color="off",
        delta_arrow="off",
        help="Share of the records that the model got right. Below it the range that holds the "
        "true share in 95 of 100 cases (Wilson's interval): the fewer records, the wider.",
        width=METRIC_WIDTH,
    )
    for name, value, help_text in (
        ("Records", f"{run.rows:,}", "Records to test"),
        ("Stored", f"{stored:,}", "Records in the score table"),
        (
            "Expected",
            f"{expected:,}",
            f"Stored records that are wrong, or less probable than {run.threshold}",
        ),
        ("Found", f"{found:,}", "Records in the retrain table"),
    ):
        place.metric(name, value, help=help_text, width=METRIC_WIDTH)


def accuracy_interval(run: Run) -> Interval | None:
    """The range of a run's accuracy; None before it is known."""
    if run.accuracy is None or not run.tested:
        return None
    return wilson_interval(round(run.accuracy * run.tested), run.tested)


def _missing(result: Reconciliation) -> None:
    rows = [
        *({"What": "not stored", "Record": f"row {row}"} for row in result.unstored),
        *({"What": "not copied", "Record": str(key)} for key in result.missing),
        *({"What": "copied, not expected", "Record": str(key)} for key in result.unexpected),
    ]
    if rows:
        shown = f", the first {SHOWN_KEYS} of them" if len(rows) > SHOWN_KEYS else ""
        st.caption(f"{len(rows):,} records are not accounted for{shown}:")
        st.dataframe(
            pd.DataFrame(rows[:SHOWN_KEYS]), hide_index=True, alt="Records not accounted for"
        )


def class_table(run: Run) -> None:
    """Show how well each class was told in a run that was tested to its end."""
    frame = pd.DataFrame(map(asdict, run.metrics.classes)).rename(columns=str.capitalize)
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={"Precision": share, "Recall": share, "F1": share},
        alt="Precision, recall, F1 and number of records of each class",
    )
    st.caption(
        f"Loss {run.loss or 0:.4f} · threshold {run.threshold} · "
        + (f"{run.seconds:.1f} s" if run.seconds else "duration unknown")
    )


def history(runs: Sequence[Run]) -> None:
    """List runs, newest first."""
    frame = pd.DataFrame(
        [
            {
                "Started": run_start(run),
                "State": run.state,
                "Model": run.model,
                "Data": run.dataset_name,
                "Accuracy": run.accuracy,
                "Rows": run.rows,
                "Stored": run.stored,
                "Expected": run.expected,
                "Found": run.found,
                "Threshold": run.threshold,
                "Seconds": run.seconds,
            }
            for run in runs
        ]
    )
    columns = {
        "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
        "Accuracy": st.column_config.NumberColumn(format="percent"),
        "Seconds": st.column_config.NumberColumn(format="%.1f"),
    }
    st.dataframe(frame, hide_index=True, column_config=columns, alt="All test runs, newest first")


def remarks(run: Run) -> None:
    """Say what in the data the model had not seen in training."""
    metrics = run.metrics
    if unseen := metrics.unseen_labels:
        st.warning(
            f"Labels that the model never saw, always counted as wrong: {plain(counted(unseen))}."
        )
    if unseen := metrics.unseen_categories:
        st.warning(
            "Cells with a category that the model never saw, taken for none of those it knows, by "
            f"column: {plain(counted(unseen))}."
        )
    if missing := metrics.missing:
        st.info(
            "Missing cells, taken for the mean of the training data or for no category, by "
            f"column: {plain(counted(missing))}."
        )
    if ignored := metrics.ignored:
        st.info(f"Columns that the model does not look at: {plain(', '.join(ignored[:20]))}.")
