"""Review the rows of a data set that are no candidates, and correct the data by the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.services.job_starters import PERCENT, SEARCH_ROWS
from app.services.review.applying import apply_to_dataset
from app.services.review.data_rows import (
    OpenRows,
    give_row_verdicts,
    open_rows,
    own_reviews,
    undo_row_verdicts,
)
from app.services.review.label_search import Search
from app.services.review_jobs import start_row_search
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.pages.retrain.review_order import ORDERS
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.pages.retrain.selected_rows import ACCEPT, options_for, row_choices, verdict_name
from app.ui.pages.retrain.texts import applied_text
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_data_set, chosen_project, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import number_of, plain
from iris_core.data.csv_writing import to_csv
from iris_core.errors import NotFoundError
from iris_core.label_errors.suggestions import Suggestion
from iris_core.storage.cards import DataSetCard

LISTED = 50
"""Rows that are listed; the next ones follow when these are reviewed."""


def data_rows(workspace: Workspace) -> None:
    """Offer to look for label errors in the rows of the project's data, and to mend them."""
    with (
        lazy_expander(
            "Rows of the training data", key=state.DATA_ROWS_OPEN, icon=":material/table_rows:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if not is_open:
            return
        card = workspace.projects.card(chosen_project() or "")
        current = (card.data if card is not None else None) or ""
        chosen = choose_data_set(
            workspace, state.REVIEWED_DATA, "Data to review", first=current, purpose="train"
        )
        if chosen is not None:
            st.fragment(_rows)(chosen)


def _rows(card: DataSetCard) -> None:
    """Search the rows of a data set, and review them in the order to review."""
    workspace = visit_workspace()
    error_display.show_deferred_error(state.ROWS_FAULT)
    newest = workspace.jobs.latest(SEARCH_ROWS)
    job = newest if newest is not None and newest.subject == card.id else None
    found = workspace.jobs.finished(SEARCH_ROWS, card.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = next(iter(ORDERS))
        if found:
            order = st.selectbox(
                "Order",
                list(ORDERS),
                format_func=ORDERS.__getitem__,
                key=state.ROWS_ORDER,
                persist_state="session",
            )
        st.button(
            "Find label errors in the data",
            on_click=_search,
            args=(workspace, card.id),
            icon=":material/troubleshoot:",
            disabled=job is not None and not job.is_over,
            help="As for the candidates, but among all rows of the data, tested or not.",
        )
    if (job is not None and not job.is_over) or not found:
        job_panel(job, lines={PERCENT: "Percent"})
    with error_display.show_errors():
        if found:
            search: Search = found[0].result
            rows = open_rows(workspace, search, order, most=LISTED)
            _list(workspace, card, search, rows)
        _end(workspace, card)


def _list(workspace: Workspace, card: DataSetCard, search: Search, rows: OpenRows) -> None:
    """List the first rows to review, and offer a verdict on those that are selected."""
    st.caption(
        f"{rows.wrong:,} of {number_of(rows.rows, 'open row', 'open rows')} are likely "
        f"mislabelled; {rows.reviewed:,} have a verdict. The first {len(rows.suggestions):,} are "
        "listed; select some, or all with the box at the top."
    )
    features = search.ds.frame.drop(columns=search.ds.label)
    frame = pd.DataFrame(
        [
            {
                "Row": entry.row,
                "Label": entry.label,
                "Suggested": entry.suggested,
                "Probability": f"{entry.probability:.2f}",
                "Reason": entry.reason,
                **features.iloc[entry.row].to_dict(),
            }
            for entry in rows.suggestions
        ]
    )
    event = st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        on_select="rerun",
        selection_mode="multi-row",
        key=state.part(state.ROWS, card.id, st.session_state.get(state.ROWS_SELECTION, 0)),
        height=420,
        alt="Rows of the data in the order to review, with what is suggested and why",
    )
    selected = [rows.suggestions[at] for at in event.selection.rows if at < len(rows.suggestions)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        option = st.selectbox(
            f"{number_of(len(selected), 'row is', 'rows are')} selected",
            [ACCEPT, *options_for(card.classes)],
            format_func=verdict_name,
            key=state.ROWS_VERDICT,
            persist_state="session",
        )
        choices = row_choices(selected, option)
        st.button(
            f"Give {number_of(len(choices), 'verdict', 'verdicts')}",
            key=state.GIVE_ROWS,
            on_click=_give,
            args=(workspace, card.id, selected, option),
            disabled=not choices,
            type="primary",
        )


def _end(workspace: Workspace, card: DataSetCard) -> None:
    """Offer to undo, and to correct the data by the verdicts; say what came of it."""
    own = own_reviews(workspace, card.project, who=reviewer_name())
    with st.container(horizontal=True):
        last = len(own[-1].verdicts) if own else 0
        st.button(
            f"Undo the last {number_of(last, 'verdict', 'verdicts')}" if last else "Undo",
            key=state.UNDO_ROWS,
            on_click=_undo,
            args=(workspace, card.project),
            icon=":material/undo:",
            disabled=not last,
        )
        if st.button(
            "Correct the data",
            icon=":material/rule:",
            disabled=not own and not workspace.row_log.reviews(card.project),
            help="Makes a new version of the data set: rows are relabelled or dropped by all "
            "verdicts of the project. It is trained on from now on.",
        ):
            applied = apply_to_dataset(workspace, card.id)
            st.session_state[state.ROWS_NOTICE] = (applied.dataset.id, applied_text(applied))
            select_next(state.REVIEWED_DATA, applied.dataset.id)
            st.rerun()
    if (notice := st.session_state.get(state.ROWS_NOTICE)) is not None:
        _corrected(workspace, *notice)


def _corrected(workspace: Workspace, dataset_id: str, text: str) -> None:
    """Say what was corrected, and offer the new version."""
    try:
        name = workspace.datasets.card(dataset_id).name
    except NotFoundError:
        st.session_state.pop(state.ROWS_NOTICE)
        return
    st.success(plain(text))
    with st.container(horizontal=True):
        st.download_button(
            "Download it",
            lambda: to_csv(visit_workspace().datasets.load(dataset_id)),
            f"{name}.csv",
            "text/csv",
            key=state.part(state.ROWS_NOTICE, "file"),
            icon=":material/download:",
            on_click="ignore",
        )
        navigation.link(
            "train",
            label="Train on it",
            icon=":material/model_training:",
            query_params={state.TRAIN_ON: dataset_id},
        )
        navigation.link(
            "data",
            label="See what changed",
            icon=":material/difference:",
            query_params={state.DATA_SET: dataset_id},
        )


def _search(workspace: Workspace, dataset_id: str) -> None:
    """Search the rows."""
    with error_display.defer_errors(state.ROWS_FAULT):
        start_row_search(workspace, dataset_id)


def _give(
    workspace: Workspace, dataset_id: str, selected: Sequence[Suggestion], option: str
) -> None:
    """Give the verdicts, and select nothing."""
    with error_display.defer_errors(state.ROWS_FAULT):
        give_row_verdicts(workspace, dataset_id, row_choices(selected, option), who=reviewer_name())
        st.session_state[state.ROWS_SELECTION] = st.session_state.get(state.ROWS_SELECTION, 0) + 1


def _undo(workspace: Workspace, project: str) -> None:
    """Undo what this person gave together last."""
    with error_display.defer_errors(state.ROWS_FAULT):
        undo_row_verdicts(workspace, project, who=reviewer_name())
