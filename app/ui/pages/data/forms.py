"""The forms of the Data page but that of an upload: split, change labels, delete what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.services.data.datasets import (
    add_split,
    change_labels,
)
from app.services.project_deletion import delete_project, project_contents
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, apply_pending, select_next
from app.ui.widgets.texts import plain
from iris_core.data.datasets import DataSet

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_popover_container import PopoverContainer

NOISE_ROWS = 25
"""Labels to change, unless another number is entered."""
MAX_NAMED = 50
"""Changed rows that are named."""
MAX_SEED = 2**32 - 1


def popover(name: str, icon: str, key: str) -> PopoverContainer:
    """Return a button that opens a form; `key` is the session key of whether it is open."""
    apply_pending(key)
    return st.popover(name, icon=icon, key=key, on_change="rerun")


def split(workspace: Workspace, dataset: DataSet) -> None:
    """Make two data sets of one: to train on, and to test on."""
    st.caption("Two new data sets, each class in the same proportion in both.")
    share = st.slider(
        "Share to test on", 0.05, 0.95, 0.2, 0.05, key=state.SPLIT_SHARE, persist_state="session"
    )
    seed = _ask_seed(state.SPLIT_SEED, "The same seed gives the same split.")
    if st.button("Split", type="primary"):
        with error_display.show_errors():
            train, test = add_split(workspace, dataset, test_share=share, seed=seed)
            select_next(state.DATA_SET, test.id)
            select_next(state.TRAIN_ON, train.id)
            select_next(state.TEST_ON, test.id)
            finish(
                state.SPLIT_OPEN,
                f"Added {train.name} ({train.rows:,} rows) and {test.name} ({test.rows:,} "
                "rows). They are chosen on the Train and Test pages.",
            )


def change_some_labels(workspace: Workspace, dataset: DataSet) -> None:
    """Give some rows a wrong label, to see whether the loop finds them."""
    st.markdown("**Change labels on purpose**")
    st.caption(
        "Label noise: a new data set in which some rows, chosen at random, have a wrong label, to "
        "see whether the loop finds them."
    )
    rows = st.session_state.get(state.NOISE_ROWS, NOISE_ROWS)
    st.session_state[state.NOISE_ROWS] = min(rows, dataset.rows)
    rows = st.number_input(
        "Rows to change", 0, dataset.rows, key=state.NOISE_ROWS, persist_state="session"
    )
    seed = _ask_seed(state.NOISE_SEED, "The same seed changes the same rows.")
    if st.button("Change labels", type="primary"):
        with error_display.show_errors():
            noisy, changed = change_labels(workspace, dataset, rows=rows, seed=seed)
            select_next(state.DATA_SET, noisy.id)
            select_next(state.TEST_ON, noisy.id)
            positions = ", ".join(map(str, changed[:MAX_NAMED]))
            more = ", …" if len(changed) > MAX_NAMED else ""
            finish(
                state.NOISE_OPEN,
                f"Added {noisy.name}; it is chosen on the Test page. {len(changed):,} labels "
                f"were changed, in the rows (from 0) {positions or 'none'}{more}.",
            )


def delete(workspace: Workspace, dataset: DataSet) -> None:
    """Delete a data set, once that is confirmed; the last one can be restored."""
    runs = [run for run in workspace.journal.runs() if run.dataset == dataset.id]
    st.markdown(
        f"Delete **{plain(dataset.name)}** with its {dataset.rows:,} rows? It can be restored "
        "until another data set is deleted. Models that were trained on it stay."
    )
    if runs:
        users = f"{len(runs):,} test runs" if len(runs) > 1 else "A test run"
        st.warning(
            f"{users} used it. The records stay, but a run that was interrupted can no longer be "
            "completed, and no record be replayed.",
            icon=":material/history:",
        )
    if st.button(f"Yes, delete {plain(dataset.name)}", type="primary", key=state.DELETE):
        with error_display.show_errors():
            workspace.datasets.set_aside(dataset.id)
            st.session_state[state.DELETED_DATA] = (dataset.id, dataset.name)
            select_next(state.DATA_SET, NEWEST)
            select_next(state.DELETE_OPEN, value=False)
            st.rerun()


def undo_deletion(workspace: Workspace) -> None:
    """Say which data set was just deleted, and offer to restore it."""
    error_display.show_deferred_error(state.DELETED_DATA_FAULT)
    if state.DELETED_DATA not in st.session_state:
        return
    dataset_id, name = st.session_state[state.DELETED_DATA]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"Deleted {plain(name)}.")
        st.button("Undo", icon=":material/undo:", on_click=_restore, args=(workspace, dataset_id))


def _restore(workspace: Workspace, dataset_id: str) -> None:
    """Restore the data set that was deleted last."""
    with error_display.defer_errors(state.DELETED_DATA_FAULT):
        st.session_state.pop(state.DELETED_DATA, None)
        workspace.datasets.restore(dataset_id)
        select_next(state.DATA_SET, dataset_id)


def delete_whole_project(workspace: Workspace, project: str) -> None:
    """Delete a project with all that it has, once that is confirmed.

    Args:
        workspace: with the project.
        project: its id.
    """
    contents = project_contents(workspace, project)
    st.markdown(
        f"Delete the project **{plain(contents.name)}** for good: {contents.text}, with their "
        f"promotions and the choice of the rows that evaluate? {contents.runs_text.capitalize()}."
    )
    if contents.unreconciled:
        st.warning(
            "Complete the runs on the Test page first: expected all to be reconciled, found "
            f"{contents.unreconciled:,} that {'is' if contents.unreconciled == 1 else 'are'} not. "
            "Without the model and the data no record can be written again.",
            icon=":material/history:",
        )
    if st.button("Yes, delete the project", type="primary", key=state.DELETE_PROJECT):
        with error_display.show_errors():
            delete_project(workspace, project)
            # Undo would bring back a model without its project.
            for key in (state.DELETED, state.DELETED_DATA):
                st.session_state.pop(key, None)
            select_next(state.PROJECT, NEWEST)
            is_empty = not workspace.datasets.list().cards
            finish(
                state.DELETE_PROJECT_OPEN,
                f"Deleted the project {contents.name}: {contents.text}."
                + (" The default data are loaded again: nothing else is here." if is_empty else ""),
            )


def _ask_seed(key: str, help_text: str) -> int:
    """Ask for a seed, 0 by default."""
    return st.number_input("Seed", 0, MAX_SEED, 0, key=key, persist_state="session", help=help_text)


def finish(popover_key: str, notice: str) -> None:
    """Close a form and say what was done, on the page drawn anew."""
    select_next(popover_key, value=False)
    st.session_state[state.NOTICE] = notice
    st.rerun()
