"""The views of a data set that are tables: its rows, and a profile of its columns."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data import exploration
from app.ui.widgets import pictures
from iris_core.data.datasets import DataSet
from iris_core.exploration.profiling import ColumnProfile

_ROW_PIXELS = 35
_ROWS_HIGH = 14


def table(frame: pd.DataFrame, alt: str, **options: Any) -> None:
    """Draw a table as high as its rows, up to a screenful."""
    height = _ROW_PIXELS * (min(len(frame), _ROWS_HIGH) + 1) + 3
    st.dataframe(frame, height=height, alt=alt, placeholder="", **options)


def show_rows(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw the rows, all of them or those that match a search."""
    query = st.text_input(
        "Search all columns",
        key=state.SEARCH,
        max_chars=200,
        placeholder="words or numbers",
        icon=":material/search:",
        persist_state="session",
        help="Rows in which each word occurs in some cell: a text that contains it, or a number "
        "that begins with it (5.1 finds 5.1 and 5.14).",
    )
    result = exploration.search(dataset, " ".join(query.split()))
    rows = len(result.frame)
    if query.strip():
        summary = f"{result.total_matches:,} of {result.total_rows:,} rows match"
    else:
        summary = f"{result.total_rows:,} rows"
    summary += f"; the first {rows:,} are shown." if rows < result.total_matches else "."
    st.caption(summary)
    if not rows:
        st.info("No row matches. Take fewer words, or the beginning of a number.")
        return
    table(result.frame, f"Rows of {dataset.name}: {summary}")


def show_columns(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw a profile of each column."""
    profiles = exploration.profile(dataset)
    missing = sum(column.missing for column in profiles)
    cells = dataset.rows * len(profiles)
    st.caption(
        f"{len(profiles):,} columns; {missing:,} of {cells:,} cells have no value. All figures are "
        "of all rows."
    )
    frame = pd.DataFrame([_profile_row(column, dataset.rows) for column in profiles])
    # A statistic that applies to none of this data set's columns is left out.
    frame = frame.dropna(axis="columns", how="all")
    table(
        frame,
        f"Profile of the {len(profiles):,} columns of {dataset.name}",
        hide_index=True,
        column_config={
            "Column": st.column_config.TextColumn("Column", width="medium"),
            "Most common": st.column_config.TextColumn("Most common", width="medium"),
            "Missing %": st.column_config.ProgressColumn(
                "Missing %", format="%.1f %%", min_value=0, max_value=100
            ),
        },
    )
    st.download_button(
        "Numbers as CSV",
        lambda: pictures.numbers_csv(frame),
        f"{dataset.name}-columns.csv",
        "text/csv",
        key=state.numbers("columns"),
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _profile_row(column: ColumnProfile, rows: int) -> dict[str, object]:
    """Return one column of a data set as a row of a table."""
    common = ", ".join(f"{name} ({count:,})" for name, count in column.common[:3])
    return {
        "Column": column.name,
        "Type": column.kind,
        "Missing": column.missing,
        "Missing %": 100 * column.missing / rows if column.missing else None,
        "Distinct": column.distinct,
        "Smallest": column.minimum,
        "Largest": column.maximum,
        "Mean": None if column.mean is None else float(f"{column.mean:.6g}"),
        "Most common": common[:200] or None,
    }
