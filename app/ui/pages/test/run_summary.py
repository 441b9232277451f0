"""A test run on the screen: its reconciliation result, its figures, and all runs in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.services.baselines import baseline_accuracies, finding_of_run
from app.services.runs.expiry import expiry_note
from app.ui import state
from app.ui.widgets.accuracy import show_finding
from app.ui.widgets.run_state import NOT_RECONCILED
from app.ui.widgets.texts import counted, number_of, percent, plain, run_start, sentence
from aws import reconciliation, score_records
from aws.clients import Cloud
from iris_core.evaluation.baselines import baselines_of
from iris_core.evaluation.class_means import balanced_accuracy_estimate, macro_f1_estimate
from iris_core.records.interval import wilson_interval
from iris_core.records.reconciliation import Reconciliation
from iris_core.records.run import Run, RunState

BALANCED_HELP = (
    "Mean recall of the classes: of two, always saying the same one has 50 %, however rare the "
    "other is. Below it its 95 % interval, of the recalls' intervals (Zou and Donner)."
)
MACRO_HELP = (
    "Mean F1 of the classes. Below it its 95 % interval, of 1,000 resamples of the records of "
    "each class."
)
LISTED_KEYS = 100
AUTO_CHECK_RECORDS = 5_000
"""Records of a run that is checked unasked; it takes less than a second."""
TILE_WIDTH = 148
"""Pixels: five side by side on a screen, two on a phone."""


def reconciliation_result(cloud: Cloud, run: Run) -> None:
    """Say whether every record and every candidate of a run is accounted for; if not, which."""
    if run.records_expired():
        _counts(run, stored=run.stored, expected=run.expected, found=run.found)
        st.info(expiry_note(run))
        return
    if run.state == RunState.RECONCILED:
        _counts(run, stored=run.stored, expected=run.expected, found=run.found)
        if run.rows and score_records.load(cloud, run, 0) is None:
            candidates = number_of(run.found, "candidate", "candidates")
            st.info(
                "Test the data again if you need single records: those of this run are not in this "
                f"cloud. It was reconciled where it was tested: {run.stored:,} records and "
                f"{candidates}. Its figures stay, and so do its candidates with their verdicts."
            )
            return
        st.success(
            f"Reconciled: all {run.stored:,} records are stored, and the function copied exactly "
            f"the {run.found:,} candidates that the threshold {run.threshold} asks for."
        )
        return
    note = f" {sentence(run.note)}" if run.note else ""
    st.warning(f"Not reconciled: {NOT_RECONCILED.get(run.state, run.state)}.{note}")
    # Both tables are read for it, which takes a while for a long run.
    if run.rows <= AUTO_CHECK_RECORDS or st.toggle(
        "Check again", key=state.CHECK_AGAIN, persist_state="session"
    ):
        with st.spinner("Reading both tables…"):
            result = reconciliation.reconcile(cloud, run.id, run.rows, run.threshold)
        _counts(run, stored=result.stored, expected=result.expected, found=result.found)
        _missing(result)


def _counts(run: Run, *, stored: int, expected: int, found: int) -> None:
    """Show the accuracy beside its baseline, and how many records and candidates there are."""
    tiles = st.container(horizontal=True)
    if run.metrics.seen and run.unseen_interval is not None:
        _tile(
            tiles,
            "Accuracy, unseen",
            percent(run.unseen_accuracy),
            f"{percent(run.unseen_interval.low)} to {percent(run.unseen_interval.high)}",
            f"Of the {run.unseen_rows:,} rows that the model was not trained on: how it does on "
            "new rows.",
        )
    interval = run.accuracy_interval
    _tile(
        tiles,
        "Accuracy",
        percent(run.accuracy),
        None if interval is None else f"{percent(interval.low)} to {percent(interval.high)}",
        "Share of the records that the model predicted correctly. Below it the range that holds "
        "the true share in 95 of 100 cases (Wilson's interval): the fewer records, the wider.",
    )
    baseline = baseline_accuracies(baselines_of(run.metrics))["baseline_accuracy"]
    if baseline is not None:
        _tile(
            tiles,
            "Baseline",
            percent(baseline),
            "the largest class",
            "The accuracy of always predicting the class that most of the records have.",
        )
    _tile(tiles, "Stored", f"{stored:,}", f"of {run.rows:,} records", "In the score table")
    _tile(
        tiles,
        "Candidates",
        f"{found:,}",
        f"of {expected:,} expected",
        "In the retrain table; expected are the stored records that are misclassified, or less "
        f"probable than {run.threshold}.",
    )


def _tile(tiles: DeltaGenerator, label: str, value: str, below: str | None, help_text: str) -> None:
    """Draw one figure of a run, with what it is of below it."""
    tiles.metric(
        label,
        value,
        below,
        delta_color="off",
        delta_arrow="off",
        help=help_text,
        width=TILE_WIDTH,
    )


def _missing(result: Reconciliation) -> None:
    """List the records that are not accounted for."""
    rows = [
        *({"What": "not stored", "Record": f"row {row}"} for row in result.unstored),
        *({"What": "not copied", "Record": str(key)} for key in result.missing),
        *({"What": "copied, not expected", "Record": str(key)} for key in result.unexpected),
    ]
    if rows:
        listed = f", the first {LISTED_KEYS} of them" if len(rows) > LISTED_KEYS else ""
        st.caption(f"{len(rows):,} records are not accounted for{listed}:")
        st.dataframe(
            pd.DataFrame(rows[:LISTED_KEYS]),
            hide_index=True,
            placeholder="",
            alt="Records not accounted for",
        )


def class_table(run: Run) -> None:
    """Show how well each class was predicted in a run that was tested to its end."""
    metrics = run.metrics
    tiles = st.container(horizontal=True)
    for name, estimate, help_text in (
        ("Balanced accuracy", balanced_accuracy_estimate(metrics.classes), BALANCED_HELP),
        ("Macro F1", macro_f1_estimate(metrics.confusion, metrics.classes), MACRO_HELP),
    ):
        tiles.metric(
            name,
            percent(estimate.value),
            f"{percent(estimate.low)} to {percent(estimate.high)}",
            delta_color="off",
            delta_arrow="off",
            help=help_text,
            width=TILE_WIDTH,
        )
    frame = pd.DataFrame(map(asdict, metrics.classes)).rename(columns=str.capitalize)
    recalls = [wilson_interval(round(e.recall * e.support), e.support) for e in metrics.classes]
    frame["Recall, 95 % interval"] = [
        f"{percent(recall.low)} to {percent(recall.high)}" for recall in recalls
    ]
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
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
                "Majority class": baseline_accuracies(baselines_of(run.metrics))[
                    "baseline_accuracy"
                ],
                "Rows": run.rows,
                "Stored": run.stored,
                "Candidates expected": run.expected,
                "Candidates copied": run.found,
                "Threshold": run.threshold,
                "Seconds": run.seconds,
            }
            for run in runs
        ]
    )
    columns = {
        "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
        "Accuracy": st.column_config.NumberColumn(format="percent"),
        "Majority class": st.column_config.NumberColumn(
            format="percent", help="Accuracy of always saying the most frequent class"
        ),
        "Seconds": st.column_config.NumberColumn(format="%.1f"),
    }
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        column_config=columns,
        alt="All test runs, newest first",
    )


def beside_baselines(run: Run) -> None:
    """Show the accuracy beside its baselines, in green only where it beats them."""
    finding = finding_of_run(run)
    if finding is None:
        return
    show_finding(finding, "Accuracy, unseen rows" if run.metrics.seen else "Accuracy")


def without_labels(run: Run) -> None:
    """Say what a run on rows without labels is good for."""
    st.info(
        f"The rows have no labels, so no accuracy is known: {run.tested:,} predictions, of which "
        f"{run.expected:,} are less probable than {run.threshold} and can be given their label on "
        "the Retrain page."
    )


def data_remarks(run: Run) -> None:
    """Say which rows the model was trained on, and what in the data it had not seen."""
    metrics = run.metrics
    if metrics.seen and run.accuracy is not None:
        unseen = (
            f"its accuracy on the other {run.unseen_rows:,} is {percent(run.unseen_accuracy)}"
            if run.unseen_rows
            else "so the run does not say how it does on new ones. Test it on the evaluation set"
        )
        st.info(f"The model was trained on {metrics.seen:,} of the {run.rows:,} rows; {unseen}.")
    if metrics.unseen_labels:
        st.warning(
            "Labels that the model never saw, always counted as misclassified: "
            f"{plain(counted(metrics.unseen_labels))}."
        )
    if metrics.unseen_categories:
        st.warning(
            "Values of a category that the model never saw, encoded as no category, by column: "
            f"{plain(counted(metrics.unseen_categories))}."
        )
    if metrics.missing:
        st.info(
            "Missing values, imputed with the training mean (for categories: no category), by "
            f"column: {plain(counted(metrics.missing))}."
        )
    if metrics.ignored:
        st.info(f"Columns that the model does not use: {plain(', '.join(metrics.ignored[:20]))}.")
