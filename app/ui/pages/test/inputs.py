"""How the inputs of a run differ from the training data, and rows that no training row was like."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.services.runs.run_drift import (
    LISTED_ROWS,
    RunDrift,
    UnfamiliarRow,
    run_drift,
    unfamiliar_rows,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.test.record_link import open_record
from app.ui.widgets.drifted_columns import drifted_columns, what_the_index_says
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import number_of, plain, sentence
from iris_core.errors import NotFoundError
from iris_core.records.run import Run


def inputs(workspace: Workspace, run: Run) -> None:
    """Show the drift of each input, and the rows outside of the training range."""
    try:
        found = _run_drift(workspace, run.model, run.dataset, run)
    except NotFoundError as error:
        st.info(sentence(str(error)))
        return
    st.markdown(plain(found.summary))
    st.caption(what_the_index_says("inputs"))
    if found.columns:
        drifted_columns(
            found.comparison,
            found.training,
            found.tested,
            noun="input",
            key=state.DRIFTED_INPUT,
            files=("input-drift", "drifted-input"),
        )
    _unfamiliar(workspace, run, found)


def inputs_folded(workspace: Workspace, run: Run) -> None:
    """Show the same of a run without labels, once it is unfolded."""
    with lazy_expander(
        "How the inputs differ from the training data",
        key=state.INPUTS_OPEN,
        icon=":material/move_down:",
    ) as is_open:
        if is_open:
            inputs(workspace, run)


@st.cache_data(max_entries=10, show_spinner="Comparing with the training data…")
def _run_drift(_workspace: Workspace, model: str, dataset: str, _run: Run) -> RunDrift:
    """Return how a run drifted, measured once for its model and its data."""
    del model, dataset
    return run_drift(_workspace, _run)


def _unfamiliar(workspace: Workspace, run: Run, found: RunDrift) -> None:
    """List the rows outside of the training range, and open the one that is selected."""
    by_name = {column.name: column for column in found.unfamiliar}
    if not by_name:
        st.caption("No row is outside the training range or has a category that is new.")
        return
    st.markdown("**Rows outside the training range, or with a category that is new**")
    if st.session_state.get(state.UNFAMILIAR_INPUT) not in by_name:
        st.session_state.pop(state.UNFAMILIAR_INPUT, None)
    chosen = by_name[
        st.selectbox(
            "Input, most rows first",
            list(by_name),
            format_func=lambda name: (
                f"{name} · {number_of(len(by_name[name].rows), 'row', 'rows')}"
            ),
            key=state.UNFAMILIAR_INPUT,
        )
    ]
    rows = unfamiliar_rows(workspace, run, chosen)
    first = f" Listed are the first {LISTED_ROWS:,}." if len(chosen.rows) > len(rows) else ""
    st.caption(f"In training {plain(chosen.name)} was {plain(chosen.expected)}.{first}")
    _row_table(chosen.name, rows)


def _row_table(column: str, rows: list[UnfamiliarRow]) -> None:
    """List rows, and open the one that is selected."""
    frame = pd.DataFrame(
        {
            "Row": [entry.row for entry in rows],
            "Value": [entry.value for entry in rows],
            "True label": [entry.label for entry in rows],
        }
    )
    event = st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        key=state.part(state.UNFAMILIAR_ROWS, column),
        on_select="rerun",
        selection_mode="single-row",
        alt="Rows with a value that training did not have",
    )
    selected = [index for index in event.selection.rows if index < len(rows)]
    if selected:
        row = rows[selected[0]].row
        st.button(f"Open row {row}", on_click=open_record, args=(row,))
