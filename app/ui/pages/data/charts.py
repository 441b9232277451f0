"""The views of a data set that are charts of its columns."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.correlation import HEAT_COLUMNS, correlation_map
from app.ui.figures.distributions import class_balance, histogram
from app.ui.figures.scatter import scatter
from app.ui.figures.values import number
from app.ui.pages.data import exploration
from app.ui.widgets import pictures
from app.ui.widgets.choosers import select_next
from iris_core.data.datasets import DataSet
from iris_core.exploration.distributions import BINS, CATEGORIES

MAX_BINS = 100


def show_histogram(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw how one column is distributed over the classes."""
    left, right = st.columns(2, gap="medium")
    with left:
        column = _choose_column("Column", state.HISTOGRAM_COLUMN, dataset)
    has_bins = column in dataset.numeric
    with right:
        bins = st.slider(
            "Bins",
            5,
            MAX_BINS,
            BINS,
            5,
            key=state.BINS,
            persist_state="session",
            disabled=not has_bins,
            help=f"Columns of categories have a bar for each of the {CATEGORIES} most common.",
        )
    counts = exploration.column_counts(dataset, column, bins if has_bins else BINS)
    pictures.show(histogram(counts), name=f"{dataset.name}-histogram")
    if counts.missing:
        st.caption(f"{counts.missing:,} of {dataset.rows:,} rows have no value here.")
    _mention_other_classes(counts.other_classes)


def show_scatter(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw two columns against each other by class, with the distribution of each."""
    if len(dataset.features) < 2:
        st.info("This data set has one feature only: its histogram shows all there is.")
        _offer_view("Histogram")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        x = _choose_column("X", state.SCATTER_X, dataset)
    with right:
        y = _choose_column("Y", state.SCATTER_Y, dataset, default=1)
    points = exploration.scatter_points(dataset, x, y)
    if len(points.rows) < points.total:
        st.caption(
            f"A sample of {len(points.rows):,} of {points.total:,} rows, each class with its "
            "share; the bars at the edges count all rows."
        )
    else:
        st.caption(f"All {points.total:,} rows.")
    pictures.show(scatter(points), name=f"{dataset.name}-scatter")
    _mention_other_classes(points.x.other_classes)


def show_correlation(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw how the columns of numbers are correlated."""
    correlations = exploration.correlations(dataset)
    count = len(correlations.columns)
    if count < 2:
        st.info(
            "Correlations are between columns of numbers, and this data set has "
            f"{'only one' if count else 'none'}. Look at two columns of any kind instead."
        )
        _offer_view("Scatter")
        return
    strongest = (
        f"{HEAT_COLUMNS} of {count}, those with the strongest correlations; "
        if count > HEAT_COLUMNS
        else ""
    )
    undefined = " An empty cell has none: a column does not vary."
    st.caption(
        f"Pearson's r of each pair of numeric columns ({strongest}all rows): at 1 they rise in "
        "step, at -1 one rises as the other falls."
        + (undefined if bool(np.isnan(correlations.values).any()) else "")
    )
    pictures.show(correlation_map(correlations), name=f"{dataset.name}-correlation")


def show_classes(_workspace: Workspace, dataset: DataSet) -> None:
    """Draw how many rows each class has."""
    counts = exploration.class_counts(dataset)
    rows = counts.counts[0, : len(counts.categories)].tolist()
    most, least = rows[0], rows[-1]
    ratio = ""
    if most != least:
        rarest = "rarest one shown" if counts.other_categories else "rarest one"
        ratio = f" The largest class has {most / least:.1f} times as many rows as the {rarest}."
    st.caption(
        f"{len(dataset.classes):,} classes. Majority-class baseline: "
        f"{100 * most / dataset.rows:.1f} % ({most:,} rows), the accuracy of a model that always "
        f"predicts the largest class.{ratio}"
    )
    pictures.show(class_balance(counts), name=f"{dataset.name}-classes")


def _choose_column(label: str, key: str, dataset: DataSet, *, default: int = 0) -> str:
    """Choose a feature: as before if this data set has it, else one of the best ranked."""
    if st.session_state.get(key) not in dataset.features:
        st.session_state.pop(key, None)
    return st.selectbox(
        label,
        dataset.features,
        index=dataset.features.index(exploration.ranked_features(dataset)[default]),
        key=key,
        persist_state="session",
    )


def _offer_view(name: str) -> None:
    """Offer another view instead."""
    if st.button(f"Show the {name.lower()}"):
        select_next(state.VIEW, name)
        st.rerun()


def _mention_other_classes(count: int) -> None:
    """Say how many classes are counted in one."""
    if count:
        st.caption(f"The {number(count)} rarer classes are counted as one.")
