"""The view that compares a data set with another one: which columns have drifted."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.drift import DRIFT_COLUMNS, LEVELS, drift_bars, drifted_column
from app.ui.pages.data import exploration
from app.ui.widgets import pictures
from app.ui.widgets.choosers import choose_data_set, select_next
from app.ui.widgets.texts import plain
from iris_core.data.datasets import DataSet
from iris_core.exploration.drift import (
    DRIFT_ABOVE,
    MODERATE_FROM,
    ColumnDrift,
    DriftComparison,
    by_drift,
)

MAX_NAMED = 10
"""Columns that one data set lacks which are named."""


def show_comparison(workspace: Workspace, dataset: DataSet) -> None:
    """Draw which columns have drifted from another data set, and one of them in detail."""
    card = choose_data_set(
        workspace,
        state.COMPARE_WITH,
        "Compare with",
        without=dataset.id,
        help_text="The reference, such as the data a model was trained on. Its deciles are the "
        "bins in which both are counted.",
    )
    if card is None:
        st.info("There is no other data set to compare with. Split this one, or upload another.")
        with st.container(horizontal=True):
            for label, key in (("Split …", state.SPLIT_OPEN), ("Upload …", state.UPLOAD_OPEN)):
                if st.button(label):
                    select_next(key, value=True)
                    st.rerun()
        return
    reference = workspace.datasets.load(card.id)
    comparison = exploration.comparison(reference, dataset)
    _mention_differences(comparison, reference.name, dataset.name)
    ranked = by_drift(comparison)
    if not ranked:
        st.info("The two have no column in common. Choose another data set to compare with.")
        return
    _summarise(ranked, reference, dataset)
    left, right = st.columns(2, gap="large")
    with left:
        pictures.show(drift_bars(comparison), name=f"{dataset.name}-drift")
        if len(ranked) > DRIFT_COLUMNS:
            st.caption(f"The first {DRIFT_COLUMNS} of {len(ranked)} columns.")
    with right:
        _show_column(ranked, reference.name, dataset.name)


def _summarise(ranked: list[ColumnDrift], reference: DataSet, dataset: DataSet) -> None:
    """Say how many columns have drifted how far, and what that means."""
    counts = Counter(column.level for column in ranked)
    *measured, unknown = LEVELS
    levels = [*measured, unknown] if counts[unknown] else measured
    summary = ", ".join(f"**{counts[level]}** {level}" for level in levels)
    st.markdown(f"Columns: {summary}.")
    st.caption(
        f"{plain(dataset.name)} ({dataset.rows:,} rows) compared with {plain(reference.name)} "
        f"({reference.rows:,} rows). A population stability index from {MODERATE_FROM} is "
        f"moderate drift, above {DRIFT_ABOVE} it is drift; columns where chance alone could pass "
        f"{MODERATE_FROM} have too few rows to say."
    )


def _show_column(ranked: list[ColumnDrift], reference: str, name: str) -> None:
    """Draw one column in both data sets, which can be chosen."""
    names = [column.name for column in ranked]
    if st.session_state.get(state.DRIFTED_COLUMN) not in names:
        st.session_state.pop(state.DRIFTED_COLUMN, None)
    by_name = {column.name: column for column in ranked}
    chosen = st.selectbox(
        "Column, largest drift first",
        names,
        format_func=lambda name: f"{name} · {by_name[name].psi:.3f}",
        key=state.DRIFTED_COLUMN,
    )
    column = by_name[chosen]
    pictures.show(drifted_column(column, reference, name), name=f"{name}-drifted-column")
    st.caption(
        f"Index {column.psi:.3f}: {column.level}. Between data sets of these sizes without "
        f"any drift, one comparison in 20 exceeds {column.critical_value:.3f}."
    )


def _mention_differences(comparison: DriftComparison, reference: str, name: str) -> None:
    """Name the columns that cannot be compared."""
    for columns, what in (
        (comparison.only_first, f"Only {reference} has"),
        (comparison.only_second, f"Only {name} has"),
        (comparison.other_kind, "Numbers on one side and text on the other:"),
    ):
        if columns:
            quoted = ", ".join(f"'{column}'" for column in columns[:MAX_NAMED])
            count = len(columns) - MAX_NAMED
            more = f" and {count} more" if count > 0 else ""
            st.caption(plain(f"{what} {quoted}{more}."))
