"""The list of candidates on the screen: a page of them, and the way to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app.services.page_cursor import PageCursor
from app.services.review.candidates import MAX_EXPORTED, CandidateFilter, as_csv
from app.services.review.queue import PAGE_SIZE, CandidateListing
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain import candidate_panel, opinions_panel, review_path, selected_rows
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.visit import visit_workspace
from app.ui.widgets.page_buttons import page_buttons
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.reason import title_of
from iris_core.records.run import Run

VERDICT_WIDTH, MARK_WIDTH = 105, 30
"""Pixels."""
MARK = " "
"""The column that marks the record under review; it needs no title."""


def current_cursor(run: Run, candidate_filter: CandidateFilter, order: ReviewOrder) -> PageCursor:
    """Return the page that this session is on; another run, filter or order begins anew."""
    cursor: PageCursor | None = st.session_state.get(state.CANDIDATE_CURSOR)
    subject = (run.id, candidate_filter, order.subject)
    if cursor is None or cursor.subject != subject:
        if cursor is not None and cursor.subject[0] != run.id:
            review_path.deselect()
        cursor = PageCursor(subject)
        open_page(cursor)
    return cursor


def open_page(cursor: PageCursor) -> None:
    """List a page of candidates anew, with all that are there by now."""
    st.session_state[state.CANDIDATE_CURSOR] = cursor
    st.session_state.pop(state.LISTED_KEYS, None)


def listed_keys() -> tuple[Key, ...]:
    """Return the keys of the listed candidates; empty before a page was listed."""
    keys: tuple[Key, ...] = st.session_state.get(state.LISTED_KEYS, ())
    return keys


def keep_listed(listing: CandidateListing) -> None:
    """Keep what is listed until the page is opened anew."""
    st.session_state[state.LISTED_KEYS] = listing.keys


def table(
    workspace: Workspace,
    run: Run,
    candidates: Sequence[Candidate],
    cursor: PageCursor,
    *,
    shown: Key | None,
) -> None:
    """List the candidates of a page; a row that is selected becomes the one that the URL names.

    Several that are selected can be given one verdict.

    Args:
        workspace: whose cloud holds them.
        run: whose candidates they are.
        candidates: of the page.
        cursor: the page on the screen.
        shown: the key of the candidate that is under review, marked in the list.
    """
    # Another page does not begin with the row that was selected on this one.
    key = state.part(state.CANDIDATES, cursor.number, selected_rows.selection())
    frame = pd.DataFrame(
        [
            {
                MARK: "\u25ba" if candidate.key == shown else "",
                "Row": candidate.key.row,
                "Predicted": candidate.record.class_string,
                "True label": candidate.record.actual_string,
                "Probability": candidate.record.prob_string,
                "Verdict": "reviewed"
                if opinions_panel.is_second_look(candidate)
                else candidate_panel.verdict_text(candidate.verdict),
                # Last, for it is long: what is cut off on a narrow screen stands beside the list.
                "Reason": title_of(candidate.reason),
            }
            for candidate in candidates
        ]
    )
    if st.session_state.get(state.BLIND):
        frame = frame[[MARK, "Row", "Verdict"]]
    event = st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        on_select=partial(_select, key, [candidate.key for candidate in candidates]),
        selection_mode="multi-row",
        key=key,
        height=420,
        # Not fitted to its content, for the column is empty when the list is drawn first.
        column_config={
            MARK: st.column_config.TextColumn(width=MARK_WIDTH, help="Under review"),
            "Verdict": st.column_config.TextColumn(width=VERDICT_WIDTH),
        },
        alt="Candidates; select a row to see its record, or several for one verdict",
    )
    selected = [candidates[row] for row in event.selection.rows if row < len(candidates)]
    if len(selected) > 1:
        selected_rows.selected_verdict(workspace, run, selected)


def _select(table_key: str, keys: Sequence[Key]) -> None:
    """Name the record that alone is selected in the URL; of several it stays as it is."""
    rows = [row for row in st.session_state[table_key].selection.rows if row < len(keys)]
    if len(rows) == 1:
        review_path.select(keys[rows[0]])
    elif not rows:
        review_path.deselect()


def pagination(
    run: Run, candidate_filter: CandidateFilter, cursor: PageCursor, after: Key | None
) -> None:
    """Offer the pages before and behind, and the whole list as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons(cursor, after, open_page)
        st.download_button(
            "CSV",
            partial(as_csv, visit_workspace().cloud(), run, candidate_filter),
            "candidates.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            help=f"The candidates of this run that match the filter, at most {MAX_EXPORTED:,}, "
            "with their verdicts.",
        )
        st.caption(f"Page {cursor.number}, {PAGE_SIZE} candidates a page")
