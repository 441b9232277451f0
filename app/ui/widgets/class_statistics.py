"""A record compared with the classes in a model's training data: typical ranges and z-scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui.widgets.texts import plain
from iris_core.errors import IrisError, NotFoundError
from iris_core.exploration.class_statistics import ColumnStatistics, class_statistics, z_scores
from iris_core.model.models import ModelCard
from iris_core.records.record import Record
from iris_core.records.run import Run


def statistics_of_class(
    workspace: Workspace, card: ModelCard, of_class: str
) -> tuple[ColumnStatistics, ...] | None:
    """Return the statistics of a class in a model's training data.

    Args:
        workspace: that may have the training data.
        card: of the model.
        of_class: name of the class.

    Returns:
        The statistics of each column of numbers; None, with a sentence on the screen, if the
        data was deleted or has no such class.
    """
    try:
        return _statistics(workspace, card.dataset_id, of_class)
    except IrisError:
        st.caption(
            f"The typical range for {plain(of_class)} is not known: the training data of "
            f"{plain(card.name)} v{card.version} is not in this workspace, or has no such class."
        )
        return None


@st.cache_data(max_entries=200, show_spinner="Reading the training data…")
def _statistics(
    _workspace: Workspace, dataset_id: str, of_class: str
) -> tuple[ColumnStatistics, ...]:
    """Return the statistics of a class, computed once for each data set."""
    return class_statistics(_workspace.datasets.load(dataset_id), of_class)


def statistics_of_record(
    workspace: Workspace, run: Run, record: Record
) -> dict[str, tuple[ColumnStatistics, ...]]:
    """Return the statistics of a record's true and predicted class, by class.

    A class without statistics is left out, with a sentence why; so are both if the model is gone.
    """
    try:
        card = workspace.models.card(run.model)
    except NotFoundError:
        st.caption(f"The model {plain(run.model)} is not in this workspace any more.")
        return {}
    by_class = {}
    # Of a record without a label there is the predicted class alone.
    for name in dict.fromkeys(filter(None, (record.actual_string, record.class_string))):
        if (statistics := statistics_of_class(workspace, card, name)) is not None:
            by_class[name] = statistics
    return by_class


def comparison_table(
    fields: Mapping[str, object], by_class: Mapping[str, tuple[ColumnStatistics, ...]]
) -> None:
    """Draw a table of a record's fields with the z-score and typical range in some classes.

    Args:
        fields: values of the record by column.
        by_class: statistics of the classes to compare with, by their names.
    """
    frame = pd.DataFrame({"Field": list(fields), "Value": list(map(_cell, fields.values()))})
    columns: dict[str, Any] = {}
    ranges = {}
    for name, statistics in by_class.items():
        scores = {entry.statistics.column: entry for entry in z_scores(fields, statistics)}
        distances = [scores[field].z_score if field in scores else None for field in fields]
        score_name, range_name = f'z-score vs "{name}"', f"Typical range for {name}"
        # Rounded, and with 0.0 for the -0.0 that comes of it.
        frame[score_name] = pd.Series(distances, dtype="float64").round(1) + 0.0
        columns[score_name] = st.column_config.NumberColumn(
            format="%+.1f",
            help="Distance from the mean of the class in its standard deviations; beyond 2 is "
            "unusual",
        )
        ranges[range_name] = [
            _range(scores[field].statistics) if field in scores else "" for field in fields
        ]
        columns[range_name] = st.column_config.TextColumn(
            help="Nine in ten training rows of the class are in this range"
        )
    frame = frame.assign(**ranges)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=columns,
        height=400,
        placeholder="",
        alt="All fields of the record, with their z-scores and typical ranges",
    )


def _cell(value: object) -> str:
    """Return a value as a table shows it."""
    return "missing" if value is None else str(value)


def _range(statistics: ColumnStatistics) -> str:
    """Return the range in which nine in ten rows are."""
    return f"{statistics.quantiles[0]:.4g} to {statistics.quantiles[-1]:.4g}"
