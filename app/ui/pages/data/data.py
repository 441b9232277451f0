"""The Data page: choose, add, explore, split, change and download data sets."""

from __future__ import annotations

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data import first_model, forms
from app.ui.pages.data.upload import upload
from app.ui.pages.data.views import VIEWS
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_data_set, chosen_project
from app.ui.widgets.no_data import no_data
from app.ui.widgets.texts import plain
from app.ui.widgets.view_tabs import view_tabs
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet


def show_actions(workspace: Workspace, dataset: DataSet | None) -> None:
    """Draw what can be done with data and their project, each in a form below its button."""
    with st.container(horizontal=True):
        with forms.popover("Upload", ":material/upload:", state.UPLOAD_OPEN):
            upload(workspace)
        if dataset is not None:
            _show_actions_of(workspace, dataset)
        if project := chosen_project():
            name = "Delete project"
            key = state.DELETE_PROJECT_OPEN
            with forms.popover(name, ":material/delete_forever:", key) as popover:
                # All runs are counted for it.
                if popover.open:
                    forms.delete_whole_project(workspace, project)


def _show_actions_of(workspace: Workspace, dataset: DataSet) -> None:
    """Draw what can be done with a data set."""
    with forms.popover("Split", ":material/call_split:", state.SPLIT_OPEN):
        forms.split(workspace, dataset)
    with forms.popover("Change labels", ":material/shuffle:", state.NOISE_OPEN):
        forms.change_some_labels(workspace, dataset)
    st.download_button(
        "Download",
        lambda: to_csv(dataset),
        f"{dataset.name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    with forms.popover("Delete", ":material/delete:", state.DELETE_OPEN):
        forms.delete(workspace, dataset)


def _summary(dataset: DataSet) -> str:
    """Return how many rows, features and classes a data set has, in Markdown."""
    kinds = [
        f"{len(names):,} {kind if len(names) == 1 else kinds}"
        for names, kind, kinds in (
            (dataset.categorical, "categorical", "categorical"),
            (dataset.dates, "date", "dates"),
        )
        if names
    ]
    left_out = len(dataset.ignored)
    return (
        f"{dataset.rows:,} rows · {len(dataset.features):,} features"
        + (f", of them {' and '.join(kinds)}" if kinds else "")
        + (f" · {left_out:,} column{'s' if left_out > 1 else ''} left out" if left_out else "")
        + (f" · groups of **{plain(dataset.group)}**" if dataset.group else "")
        + f" · {len(dataset.classes):,} classes of **{plain(dataset.label)}**"
    )


@st.fragment
def show_view(dataset_id: str) -> None:
    """Draw one view of a data set: only that one is computed, and only it is drawn anew.

    By its id, for a fragment keeps its arguments: it would keep the rows in memory.
    """
    workspace = visit_workspace()
    with error_display.show_errors():
        view, tab = view_tabs(list(VIEWS), key=state.VIEW, in_address=True)
        with tab:
            VIEWS[view](workspace, workspace.datasets.load(dataset_id))


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    # The view stays in one position, whatever comes and goes above it.
    above, below = st.container(), st.container()
    with above, error_display.show_errors():
        chosen = choose_data_set(workspace, state.DATA_SET, "Data set")
        dataset = workspace.datasets.load(chosen.id) if chosen is not None else None
        show_actions(workspace, dataset)
        forms.undo_deletion(workspace)
        if notice := st.session_state.pop(state.NOTICE, None):
            st.success(plain(notice))
        if dataset is not None:
            first_model.offer(workspace, dataset)
        if dataset is None:
            no_data(link=False)
            return
        st.caption(_summary(dataset))
        with below:
            show_view(dataset.id)


page()
