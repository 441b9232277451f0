"""The views of a data set: each draws one, from what was computed once for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures import data as figures
from app.ui.figures.picture import Picture, number
from app.ui.pages.data import exploration
from app.ui.widgets import pictures
from app.ui.widgets.choosers import apply_pending, choose_data_set, select_next
from app.ui.widgets.texts import plain
from iris_core.data.datasets import DataSet
from iris_core.exploration.distributions import BINS
from iris_core.exploration.profiling import ColumnProfile

MAX_BINS = 100
_ROW_HEIGHT = 35
_TABLE_ROWS = 14


def rows(_workspace: Workspace, dataset: DataSet) -> None:
    """The rows, all of them or those in which words occur."""
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
    found = exploration.search(dataset, " ".join(query.split()))
    here = len(found.frame)
    if query.strip():
        said = f"{found.matches:,} of {found.of:,} rows match"
    else:
        said = f"{found.of:,} rows"
    said += f"; the first {here:,} are shown." if here < found.matches else "."
    st.caption(said)
    if not here:
        st.info("No row matches. Take fewer words, or the beginning of a number.")
        return
    _table(found.frame, f"Rows of {dataset.name}: {said}")


def columns(_workspace: Workspace, dataset: DataSet) -> None:
    """What each column holds."""
    profiles = exploration.profile(dataset)
    gaps = sum(column.missing for column in profiles)
    cells = dataset.rows * len(profiles)
    st.caption(
        f"{len(profiles):,} columns; {gaps:,} of {cells:,} cells have no value. All figures are "
        "of all rows."
    )
    frame = pd.DataFrame([_profile_row(column, dataset.rows) for column in profiles])
    # A column that says nothing about any of this data set's columns is left out.
    frame = frame.dropna(axis="columns", how="all")
    _table(
        frame,
        f"Profile of the {len(profiles):,} columns of {dataset.name}",
        hide_index=True,
        placeholder="",
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


def one_column(_workspace: Workspace, dataset: DataSet) -> None:
    """How one column is spread over the classes."""
    left, right = st.columns(2, gap="medium")
    with left:
        column = _choose_column("Column", state.HISTOGRAM_COLUMN, dataset)
    counts_bins = column not in dataset.categorical
    with right:
        bins = st.slider(
            "Bins",
            5,
            MAX_BINS,
            BINS,
            5,
            key=state.BINS,
            persist_state="session",
            disabled=not counts_bins,
            help="Columns of categories have a bar for each, the commonest 30 at most.",
        )
    counts = exploration.spread(dataset, column, bins if counts_bins else BINS)
    _draw(figures.histogram(counts), f"{dataset.name}-histogram")
    if counts.missing:
        st.caption(f"{counts.missing:,} of {dataset.rows:,} rows have no value here.")
    _say_other_classes(counts.other_classes)


def two_columns(_workspace: Workspace, dataset: DataSet) -> None:
    """Two columns against each other by class, with the spread of each."""
    if len(dataset.features) < 2:
        st.info("This data set has one feature only: its histogram shows all there is.")
        _to_view("Histogram")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        x = _choose_column("Across", state.SCATTER_X, dataset)
    with right:
        y = _choose_column("Up", state.SCATTER_Y, dataset, place=1)
    points = exploration.points(dataset, x, y)
    if len(points.rows) < points.of:
        st.caption(
            f"A sample of {len(points.rows):,} of {points.of:,} rows, each class with its share; "
            "the bars at the edges count all rows."
        )
    else:
        st.caption(f"All {points.of:,} rows.")
    _draw(figures.scatter(points), f"{dataset.name}-scatter")
    _say_other_classes(points.x.other_classes)


def correlation(_workspace: Workspace, dataset: DataSet) -> None:
    """How the columns of numbers go together."""
    found = exploration.correlations(dataset)
    if len(found.columns) < 2:
        st.info(
            "Correlations are between columns of numbers, and this data set has "
            f"{'only one' if found.columns else 'none'}. Look at two columns of any kind instead."
        )
        _to_view("Scatter")
        return
    shown = min(figures.HEAT_COLUMNS, len(found.columns))
    of_all = f"{shown} of {len(found.columns)}, those that go together most; " * (
        shown < len(found.columns)
    )
    st.caption(
        f"Pearson's r of each two columns of numbers ({of_all}all rows): at 1 they rise together, "
        "at -1 one rises as the other falls."
        + " An empty cell has none: a column does not vary."
        * bool(np.isnan(found.values).any())
    )
    _draw(figures.correlation_map(found), f"{dataset.name}-correlation")


def classes(_workspace: Workspace, dataset: DataSet) -> None:
    """How many rows each class has."""
    counts = exploration.classes(dataset)
    rows_of = counts.counts[0, : len(counts.categories)].tolist()
    most, least = rows_of[0], rows_of[-1]
    st.caption(
        f"{len(dataset.classes):,} classes; the commonest has {most:,} rows, "
        f"{100 * most / dataset.rows:.1f} % of all: what a model that always says it gets right."
        + ("" if most == least else f" It has {most / least:.1f} times as many as the rarest one")
        + ("" if most == least else " shown." if counts.other_categories else ".")
    )
    _draw(figures.class_balance(counts), f"{dataset.name}-classes")


def compare(workspace: Workspace, dataset: DataSet) -> None:
    """Which columns are spread otherwise than in another data set."""
    if len(workspace.datasets.list().cards) < 2:
        st.info("There is no other data set to compare with. Split this one, or upload another.")
        with st.container(horizontal=True):
            for label, key in (("Split …", state.SPLIT_OPEN), ("Upload …", state.UPLOAD_OPEN)):
                if st.button(label):
                    select_next(key, value=True)
                    st.rerun()
        return
    other = choose_data_set(
        workspace,
        state.COMPARE_WITH,
        "Compare with",
        without=dataset.id,
        help_text="What is usual, such as the data a model was trained on. Its deciles are the "
        "bins in which both are counted.",
    )
    base = workspace.datasets.load(other.id)
    found = exploration.comparison(base, dataset)
    _say_what_lacks(found.only_first, f"Only {other.name} has")
    _say_what_lacks(found.only_second, f"Only {dataset.name} has")
    _say_what_lacks(found.other_kind, "Numbers on one side and text on the other:")
    ranked = figures.by_drift(found)
    if not ranked:
        st.info("The two have no column in common. Choose another data set to compare with.")
        return
    verdicts = [column.verdict for column in ranked]
    unsure = verdicts.count("too few rows to say")
    st.markdown(
        f"**{verdicts.count('shifted')}** columns shifted, **{verdicts.count('moderate')}** "
        f"moderately, **{verdicts.count('stable')}** stable"
        + (f"; of **{unsure}** there are too few rows to say." if unsure else ".")
    )
    st.caption(
        f"{plain(dataset.name)} ({dataset.rows:,} rows) beside {plain(base.name)} "
        f"({base.rows:,} rows). A population stability index from 0.1 is a moderate shift, above "
        "0.25 a shift; nothing is said where chance alone could pass 0.1."
    )
    left, right = st.columns(2, gap="large")
    with left:
        _draw(figures.drifts(found), f"{dataset.name}-shifts")
        if len(ranked) > figures.SHIFT_COLUMNS:
            st.caption(f"The first {figures.SHIFT_COLUMNS} of {len(ranked)} columns.")
    with right:
        names = [column.name for column in ranked]
        if st.session_state.get(state.DRIFTED_COLUMN) not in names:
            st.session_state.pop(state.DRIFTED_COLUMN, None)
        by_name = {column.name: column for column in ranked}
        chosen = st.selectbox(
            "Column, the most shifted first",
            names,
            format_func=lambda name: f"{name} · {by_name[name].psi:.3f}",
            key=state.DRIFTED_COLUMN,
        )
        column = by_name[chosen]
        _draw(
            figures.drifted_column(column, base.name, dataset.name),
            f"{dataset.name}-shifted-column",
        )
        st.caption(
            f"Index {column.psi:.3f}: {column.verdict}. Between data sets of these sizes without "
            f"any shift, one comparison in 20 exceeds {column.chance:.3f}."
        )


VIEWS: dict[str, Callable[[Workspace, DataSet], None]] = {
    "Rows": rows,
    "Columns": columns,
    "Histogram": one_column,
    "Scatter": two_columns,
    "Correlation": correlation,
    "Classes": classes,
    "Compare": compare,
}


def choose_view() -> str:
    """One of the views, the first unless another was chosen.

    By radio buttons: a segmented control writes what is chosen in the primary colour, which has
    too little contrast for a text on the dark theme.
    """
    apply_pending(state.VIEW)
    return st.radio(
        "View",
        list(VIEWS),
        key=state.VIEW,
        horizontal=True,
        label_visibility="collapsed",
        persist_state="session",
        bind="query-params",
    )


def _choose_column(label: str, key: str, dataset: DataSet, *, place: int = 0) -> str:
    """A feature, the same as before if this data set has it."""
    if st.session_state.get(key) not in dataset.features:
        st.session_state.pop(key, None)
    return st.selectbox(
        label,
        dataset.features,
        index=dataset.features.index(exploration.ranked_features(dataset)[place]),
        key=key,
        persist_state="session",
    )


def _to_view(name: str) -> None:
    """The way to another view."""
    if st.button(f"Show the {name.lower()}"):
        select_next(state.VIEW, name)
        st.rerun()


def _draw(picture: Picture, name: str) -> None:
    pictures.show(picture, name=name)


def _table(frame: pd.DataFrame, alt: str, **options: Any) -> None:
    """A table as high as its rows, up to a screenful."""
    height = _ROW_HEIGHT * (min(len(frame), _TABLE_ROWS) + 1) + 3
    st.dataframe(frame, height=height, alt=alt, **options)


def _profile_row(column: ColumnProfile, rows_: int) -> dict[str, object]:
    """One column of a data set as a row of a table."""
    common = ", ".join(f"{name} ({count:,})" for name, count in column.common[:3])
    return {
        "Column": column.name,
        "Type": column.kind,
        "Missing": column.missing,
        "Missing %": 100 * column.missing / rows_ if column.missing else None,
        "Distinct": column.distinct,
        "Smallest": column.minimum,
        "Largest": column.maximum,
        "Mean": None if column.mean is None else float(f"{column.mean:.6g}"),
        "Most common": common[:200] or None,
    }


def _say_other_classes(number_of: int) -> None:
    if number_of:
        st.caption(f"The {number(number_of)} rarer classes are shown together.")


def _say_what_lacks(names: tuple[str, ...], what: str) -> None:
    if names:
        listed = ", ".join(f"'{name}'" for name in names[:10])
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        st.caption(plain(f"{what} {listed}{more}."))
