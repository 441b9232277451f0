"""The confusion matrix of a run, and the choice of one of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.services.runs.confusion_cells import (
    cell_id_of,
    is_correct,
    row_and_column,
    unseen_label_title,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.evaluation import confusion
from app.ui.figures.picture import text
from app.ui.pages.test.record_link import linked_record, unlink_record
from app.ui.widgets import pictures
from iris_core.records.run import Run

LISTED_CELLS = 500


def matrix(run: Run) -> str | None:
    """Draw the matrix; returns the id of the cell that was clicked last."""
    names = run.metrics.class_names
    unseen = unseen_label_title(names)
    picture = confusion(run.metrics.confusion, names, unseen)
    points = pictures.choose(picture, key=state.part(state.CELL_CHART, run.id), name="confusion")
    rows = [text(name) for name in (*names, unseen)]
    for point in points:
        if point.get("x") in rows and point.get("y") in rows:
            return f"{rows.index(str(point['y']))}/{rows.index(str(point['x']))}"
    return None


def choose_cell(
    workspace: Workspace, run: Run, counts: Mapping[str, int], clicked: str | None
) -> str | None:
    """Return the cell that was clicked or chosen, else that of the linked record, else the first.

    Args:
        workspace: with the run's records.
        run: whose matrix.
        counts: the cells with records by id, the first one first.
        clicked: the cell that was clicked last.
    """
    names = run.metrics.class_names
    options = list(counts)[:LISTED_CELLS]
    if not options:
        return None
    current = st.session_state.get(state.CELL)
    # The chart reports its selection with every drawing: only a new one counts.
    if clicked != st.session_state.get(state.CELL_CLICKED):
        st.session_state[state.CELL_CLICKED] = clicked
        if clicked in options:
            current = clicked
            unlink_record()
        elif clicked is not None:
            st.toast("No record of the run is in that cell.")
    if current not in options:
        record = linked_record(workspace, run)
        linked = cell_id_of(names, record) if record else None
        current = linked if linked in options else options[0]
    labels = {cell_id: f"{_title(names, cell_id)} · {counts[cell_id]:,}" for cell_id in options}
    # A browser goes by the label, which has another count in another run: set the cell again.
    label_key = state.option_label(state.CELL)
    changed = st.session_state.get(label_key) != labels[current]
    if st.session_state.get(state.CELL) != current or changed:
        st.session_state[state.CELL] = current
    st.session_state[label_key] = labels[current]
    return st.selectbox(
        "Records",
        options,
        format_func=labels.__getitem__,
        key=state.CELL,
        persist_state="session",
        on_change=unlink_record,
    )


def _title(names: Sequence[str], cell_id: str) -> str:
    """Return what is predicted as what in a cell."""
    row, column = row_and_column(cell_id)
    if is_correct(cell_id):
        return f"{names[row]}, correct"
    actual = names[row] if row < len(names) else unseen_label_title(names)
    return f"true {actual} → predicted {names[column]}"
