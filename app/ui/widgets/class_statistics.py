"""What a model's classes usually show, and how far the values of one record are from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui.widgets.texts import plain
from iris_core.errors import IrisError
from iris_core.exploration.class_statistics import ColumnStatistics, class_statistics, z_scores
from iris_core.model.models import ModelCard


def statistics_of_class(
    workspace: Workspace, card: ModelCard, of_class: str
) -> tuple[ColumnStatistics, ...] | None:
    """What a class of the model's training data usually shows.

    None, and a sentence why, when the data is not there any more or has no such class.
    """
    try:
        return _usual(workspace, card.dataset_id, of_class)
    except IrisError:
        st.caption(
            f"What {plain(of_class)} usually shows is not known: the training data of "
            f"{plain(card.name)} v{card.version} is not in this workspace, or has no such class."
        )
        return None


@st.cache_data(max_entries=200, show_spinner="Reading the training data…")
def _usual(_workspace: Workspace, dataset_id: str, of_class: str) -> tuple[ColumnStatistics, ...]:
    return class_statistics(_workspace.datasets.load(dataset_id), of_class)


def comparison_table(
    fields: Mapping[str, object], by_class: Mapping[str, tuple[ColumnStatistics, ...]]
) -> None:
    """Show a record's fields beside what some classes usually show."""
    frame = pd.DataFrame({"Field": list(fields), "Value": list(map(_told, fields.values()))})
    columns: dict[str, Any] = {}
    ranges = {}
    for name, typical in by_class.items():
        found = {entry.typical.column: entry for entry in z_scores(fields, typical)}
        away = [found[column].z_score if column in found else None for column in fields]
        # Rounded, and with 0.0 for the -0.0 that comes of it.
        frame[f"From {name}"] = pd.Series(away, dtype="float64").round(1) + 0.0
        columns[f"From {name}"] = st.column_config.NumberColumn(
            format="%+.1f",
            help="Distance from what the class shows on average, in its standard deviations; "
            "beyond 2 is unusual",
        )
        ranges[f"Usual for {name}"] = [
            _range(found[column].typical) if column in found else "" for column in fields
        ]
        columns[f"Usual for {name}"] = st.column_config.TextColumn(
            help="Nine in ten of its training rows are in this range"
        )
    frame = frame.assign(**ranges)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=columns,
        height=400,
        placeholder="",
        alt="All fields of the record, beside what its classes usually show",
    )


def _told(value: object) -> str:
    return "missing" if value is None else str(value)


def _range(typical: ColumnStatistics) -> str:
    return f"{typical.quantiles[0]:.4g} to {typical.quantiles[-1]:.4g}"
