"""The view that compares a data set with another one: which columns have drifted."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.drift import LEVELS
from app.ui.pages.data import exploration
from app.ui.widgets.choosers import choose_data_set, select_next
from app.ui.widgets.drifted_columns import drifted_columns, what_the_index_says
from app.ui.widgets.texts import plain
from iris_core.data.datasets import DataSet
from iris_core.exploration.drift import (
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
    drifted_columns(
        comparison,
        reference.name,
        dataset.name,
        noun="column",
        key=state.DRIFTED_COLUMN,
        files=(f"{dataset.name}-drift", f"{dataset.name}-drifted-column"),
    )


def _summarise(ranked: list[ColumnDrift], reference: DataSet, dataset: DataSet) -> None:
    """Say how many columns have drifted how far, and what that means."""
    counts = Counter(column.level for column in ranked)
    *measured, unknown = LEVELS
    levels = [*measured, unknown] if counts[unknown] else measured
    summary = ", ".join(f"**{counts[level]}** {level}" for level in levels)
    st.markdown(f"Columns: {summary}.")
    st.caption(
        f"{plain(dataset.name)} ({dataset.rows:,} rows) compared with {plain(reference.name)} "
        f"({reference.rows:,} rows). {what_the_index_says('columns')}"
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
