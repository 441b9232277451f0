"""The records behind a confusion matrix: a cell of it, its records, one of them in full."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.services.review import fields_of
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.evaluation import confusion
from app.ui.figures.picture import text
from app.ui.figures.scoring import deviation_bars
from app.ui.widgets import error_display, pictures
from app.ui.widgets.class_statistics import comparison_table, statistics_of_class
from app.ui.widgets.texts import plain, whole
from aws import score_records
from aws.score_records import Cell, RecordPage
from iris_core.errors import NotFoundError
from iris_core.evaluation.metrics import UNSEEN_LABEL
from iris_core.exploration.class_statistics import z_scores
from iris_core.records.keys import Key
from iris_core.records.record import Record
from iris_core.records.run import Run, RunState

PAGE = 50
LOOKED_AT = 20_000
"""Stored records that are looked through for one page: about two seconds."""
SHOWN_CELLS = 500


@st.fragment
def records(workspace: Workspace, run: Run) -> None:
    """The confusion matrix; a click on a cell, or its choice, shows its records and one in full."""
    with error_display.show_errors():
        names = list(run.metrics.class_names)
        cells = _cells(run)
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Confusion matrix**")
            clicked = _matrix(run, names)
            st.caption("Click a cell to see its records, or choose it from the list.")
        with right:
            cell_id = _choose_cell(workspace, run, names, cells, clicked)
            if cell_id is None:
                st.info("No records to show.")
                return
            found = _read(workspace, run, _cell(names, cell_id))
            record = _table(run, cell_id, found, cells[cell_id])
        linked = _linked(workspace, run)
        if linked is None and (row := st.query_params.get(state.RECORD)):
            st.warning(f"This run has no record in row {plain(row[:20])}.")
        record = linked or record
        if record is not None:
            _detail(workspace, run, record)


def _cells(run: Run) -> dict[str, int]:
    """The cells with records, by id `actual/predicted`: the mistakes first, the commonest ahead."""
    counts = {
        f"{row}/{column}": count
        for row, line in enumerate(run.metrics.confusion)
        for column, count in enumerate(line)
        if count
    }
    return dict(sorted(counts.items(), key=lambda entry: (_is_right(entry[0]), -entry[1])))


def _is_right(cell_id: str) -> bool:
    row, column = cell_id.split("/")
    return row == column


def _cell(names: Sequence[str], cell_id: str) -> Cell:
    row, column = map(int, cell_id.split("/"))
    return Cell(names[column], names[row] if row < len(names) else None, names)


def _matrix(run: Run, names: Sequence[str]) -> str | None:
    """Draw the matrix; the id of the cell that was clicked last."""
    unseen = _unseen(names)
    picture = confusion(run.metrics.confusion, names, unseen)
    event = pictures.choose(picture, key=state.part(state.CELL_CHART, run.id), name="confusion")
    rows = [text(name) for name in (*names, unseen)]
    for point in event:
        if point.get("x") in rows and point.get("y") in rows:
            return f"{rows.index(str(point['y']))}/{rows.index(str(point['x']))}"
    return None


def _unseen(names: Sequence[str]) -> str:
    """What labels are called that the model never saw: as no class is."""
    called = UNSEEN_LABEL
    while called in names:
        called = f"({called})"
    return called


def _choose_cell(
    workspace: Workspace,
    run: Run,
    names: Sequence[str],
    cells: dict[str, int],
    clicked: str | None,
) -> str | None:
    """The cell that was clicked or chosen, else that of the linked record, else the first."""
    options = list(cells)[:SHOWN_CELLS]
    if not options:
        return None
    current = st.session_state.get(state.CELL)
    # The chart tells its selection with every drawing: only a new one counts.
    if clicked != st.session_state.get(state.CELL_CLICKED):
        st.session_state[state.CELL_CLICKED] = clicked
        if clicked in options:
            current = clicked
            _forget_record()
        elif clicked is not None:
            st.toast("No record of the run is in that cell.")
    if current not in options:
        linked = _linked(workspace, run)
        at = _id_of(names, linked) if linked else None
        current = at if at in options else options[0]
    if st.session_state.get(state.CELL) != current:
        st.session_state[state.CELL] = current

    def told(cell_id: str) -> str:
        row, column = map(int, cell_id.split("/"))
        count = f"{cells[cell_id]:,}"
        if row == column:
            return f"{names[row]}, right · {count}"
        actual = names[row] if row < len(names) else _unseen(names)
        return f"{actual} taken for {names[column]} · {count}"

    return st.selectbox(
        "Records",
        options,
        format_func=told,
        key=state.CELL,
        persist_state="session",
        on_change=_forget_record,
    )


def _id_of(names: Sequence[str], record: Record) -> str | None:
    known = {name: place for place, name in enumerate(names)}
    column = known.get(record.class_string)
    return None if column is None else f"{known.get(record.actual_string, len(names))}/{column}"


def _forget_record() -> None:
    st.query_params.pop(state.RECORD, None)


def _linked(workspace: Workspace, run: Run) -> Record | None:
    """The record that the page's URL names, by its row in the run."""
    row = whole(st.query_params.get(state.RECORD, ""))
    if row is None or row >= run.rows:
        return None
    return score_records.load(workspace.cloud(), run, row)


def _read(workspace: Workspace, run: Run, cell: Cell) -> RecordPage:
    """The page of a cell's records that this session has come to."""
    whose = (run.id, cell.actual, cell.predicted)
    place = st.session_state.get(state.CELL_CURSOR)
    if place is None or place[0] != whose:
        place = st.session_state[state.CELL_CURSOR] = (whose, (None,))
    after = place[1][-1]
    if run.state != RunState.RECONCILED:
        return _page(workspace, run, cell, after)
    # What is reconciled does not change any more.
    return _page_once(workspace, workspace.settings.target, run, cell, after)


def _page(workspace: Workspace, run: Run, cell: Cell, after: Key | None) -> RecordPage:
    return score_records.page(workspace.cloud(), run, cell, after=after, limit=PAGE, most=LOOKED_AT)


@st.cache_data(
    max_entries=50,
    ttl=300,
    show_spinner="Looking for the records…",
    hash_funcs={Run: lambda r: r.id},
)
def _page_once(
    _workspace: Workspace, _target: str, run: Run, cell: Cell, after: Key | None
) -> RecordPage:
    return _page(_workspace, run, cell, after)


def _turn(whose: tuple[str, str | None, str], keys: tuple[Key | None, ...]) -> None:
    st.session_state[state.CELL_CURSOR] = (whose, keys)
    _forget_record()


def _table(run: Run, cell_id: str, found: RecordPage, of: int) -> Record | None:
    """List the records of a page; the one that is selected, else the first."""
    whose, keys = st.session_state[state.CELL_CURSOR]
    if found.records:
        event = st.dataframe(
            pd.DataFrame(
                {
                    "Row": [record.row for record in found.records],
                    "Predicted": [record.class_string for record in found.records],
                    "Actual": [record.actual_string for record in found.records],
                    "Probability": [record.prob_string for record in found.records],
                }
            ),
            hide_index=True,
            on_select=_forget_record,
            selection_mode="single-row",
            height=250,
            key=state.part(state.RECORD_TABLE, run.id, cell_id, len(keys)),
            alt="Records of the cell; select a row to see its record",
        )
    elif found.after is None:
        st.info("No more records of this cell are stored.")
    else:
        st.info(f"None among the {LOOKED_AT:,} records looked through. Look further with Next.")
    if len(keys) > 1 or found.after is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Back", on_click=_turn, args=(whose, keys[:-1]), disabled=len(keys) == 1)
            st.button(
                "Next",
                on_click=_turn,
                args=(whose, (*keys, found.after)),
                disabled=found.after is None,
            )
            st.caption(f"Page {len(keys)} of {of:,} records, {PAGE} a page, in test order")
    if not found.records:
        return None
    rows = [row for row in event.selection.rows if row < len(found.records)]
    if rows:
        record = found.records[rows[0]]
        st.query_params[state.RECORD] = str(record.row)
        return record
    return found.records[0]


def _detail(workspace: Workspace, run: Run, record: Record) -> None:
    """One record in full, beside what its classes usually show."""
    st.markdown(
        f"**Row {record.row}**: predicted **{plain(record.class_string)}** with probability "
        f"{plain(record.prob_string)}, actual **{plain(record.actual_string)}**."
    )
    navigation.link(
        "score",
        label="Change its values and see what the model says",
        icon=":material/target:",
        query_params={state.RECORD: f"{run.dataset}:{record.row}"},
    )
    fields = fields_of(record.feature_string, f"Row {record.row} of run {run.id}")
    try:
        card = workspace.models.card(run.model)
    except NotFoundError:
        st.caption(f"The model {plain(run.model)} is not in this workspace any more.")
        comparison_table(fields, {})
        return
    by_class = {}
    for name in dict.fromkeys((record.actual_string, record.class_string)):
        if (typical := statistics_of_class(workspace, card, name)) is not None:
            by_class[name] = typical
    left, right = st.columns(2, gap="large")
    with left:
        if (of_actual := by_class.get(record.actual_string)) is not None:
            st.caption(
                f"How far its values are from what {plain(record.actual_string)} usually shows in "
                "the model's training data, in standard deviations; beyond 2 is unusual."
            )
            pictures.show(
                deviation_bars(z_scores(fields, of_actual), record.actual_string),
                name="deviations",
            )
    with right:
        comparison_table(fields, by_class)
