"""The drift of the columns of two data sets: how far each, and one of them in detail."""

from __future__ import annotations

import streamlit as st

from app.ui.figures.drift import DRIFT_COLUMNS, drift_bars, drifted_column
from app.ui.widgets import pictures
from iris_core.exploration.drift import DRIFT_ABOVE, MODERATE_FROM, DriftComparison, by_drift


def what_the_index_says(plural: str) -> str:
    """Return from which population stability index on it is drift.

    Args:
        plural: what has drifted, such as `columns`.
    """
    return (
        f"A population stability index from {MODERATE_FROM} is moderate drift, above {DRIFT_ABOVE} "
        f"it is drift; {plural} where chance alone could pass {MODERATE_FROM} have too few rows to "
        "say."
    )


def drifted_columns(
    comparison: DriftComparison,
    first: str,
    second: str,
    *,
    noun: str,
    key: str,
    files: tuple[str, str],
) -> None:
    """Draw how far each column has drifted, and beside it one that can be chosen.

    Args:
        comparison: of columns that both data sets have, one at least.
        first: name of the reference.
        second: name of the data that are compared with it.
        noun: what a column is called, such as `input`.
        key: the session key of the chosen one.
        files: names of the files in which the numbers of both figures can be downloaded.
    """
    ranked = by_drift(comparison)
    left, right = st.columns(2, gap="large")
    with left:
        pictures.show(drift_bars(comparison), name=files[0])
        if len(ranked) > DRIFT_COLUMNS:
            st.caption(f"The first {DRIFT_COLUMNS} of {len(ranked)} {noun}s.")
    with right:
        by_name = {column.name: column for column in ranked}
        if st.session_state.get(key) not in by_name:
            st.session_state.pop(key, None)
        chosen = by_name[
            st.selectbox(
                f"{noun.capitalize()}, largest drift first",
                list(by_name),
                format_func=lambda name: f"{name} · {by_name[name].psi:.3f}",
                key=key,
            )
        ]
        pictures.show(drifted_column(chosen, first, second), name=files[1])
        st.caption(
            f"Index {chosen.psi:.3f}: {chosen.level}. Between data sets of these sizes without "
            f"any drift, one comparison in 20 exceeds {chosen.critical_value:.3f}."
        )
