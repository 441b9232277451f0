"""The Data page: choose, add, look at, split, hack and download data sets."""

from __future__ import annotations

from contextlib import AbstractContextManager

import streamlit as st

from app.services.datasets import (
    add_split,
    change_labels,
    csv_columns,
    default_dataset,
    import_csv,
    readable_name,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data.views import VIEWS, choose_view
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, apply_pending, choose_data_set, select_next
from app.ui.widgets.texts import plain
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet

HEADER_BYTES = 1_000_000
"""Of an upload, to find its columns in before all of it is read."""
HACKED_ROWS = 25


def upload(workspace: Workspace) -> None:
    """Add a CSV, its label column chosen; or the default data."""
    most = st.get_option("server.maxUploadSize")
    st.caption(
        f"At most {most} MB, UTF-8 text with a header, separated by commas, semicolons, tabs or "
        "bars. A row is a record, and one column names its class. A file that turns red was not "
        "taken: it is larger, or has another ending."
    )
    number = st.session_state.get(state.UPLOADS, 0)
    file = st.file_uploader(
        "CSV file",
        type=["csv", "tsv", "txt"],
        key=state.uploader(number),
    )
    if file is None:
        if st.button("Load the default data", help="The extended iris set, 1,200 flowers."):
            with error_display.show_errors():
                use(workspace, default_dataset(workspace))
        return
    with error_display.show_errors():
        name = readable_name(file.name)
        columns = csv_columns(bytes(file.getbuffer()[:HEADER_BYTES]), name=name)
        label = st.selectbox(
            "Label column", columns, key=state.UPLOAD_LABEL, help="The column that holds the class."
        )
        if st.button("Add", type="primary"):
            with st.spinner("Reading and keeping it …", show_time=True):
                added = import_csv(workspace, file.getvalue(), name=name, label=label)
            st.session_state[state.UPLOADS] = number + 1
            use(workspace, added)


def use(workspace: Workspace, added: DataSet) -> None:
    """Choose a data set on every page."""
    for key in (state.DATA_SET, state.TRAIN_ON, state.TEST_ON):
        select_next(key, added.id)
    called = workspace.datasets.card(added.id).name
    if called == added.name:
        finish(state.UPLOAD_OPEN, f"Added {called} with {added.rows:,} rows.")
    else:
        finish(state.UPLOAD_OPEN, f"The same data is there already, as {called}; it is chosen now.")


def split(workspace: Workspace, dataset: DataSet) -> None:
    """Make two data sets of one: to train on, and to test on."""
    st.caption("Two new data sets, each class in the same proportion in both.")
    share = st.slider(
        "Share to test on", 0.05, 0.95, 0.2, 0.05, key=state.SPLIT_SHARE, persist_state="session"
    )
    seed = st.number_input(
        "Seed",
        0,
        2**32 - 1,
        0,
        key=state.SPLIT_SEED,
        persist_state="session",
        help="The same seed gives the same split.",
    )
    if st.button("Split", type="primary"):
        with error_display.show_errors():
            first, second = add_split(workspace, dataset, test_share=share, seed=seed)
            select_next(state.DATA_SET, second.id)
            select_next(state.TRAIN_ON, first.id)
            select_next(state.TEST_ON, second.id)
            finish(
                state.SPLIT_OPEN,
                f"Added {first.name} ({first.rows:,} rows) and {second.name} ({second.rows:,} "
                "rows). They are chosen on the Train and Test pages.",
            )


def hack(workspace: Workspace, dataset: DataSet) -> None:
    """Give some rows a wrong label, to see whether the loop finds them."""
    st.caption("A new data set in which some rows, chosen by chance, have a wrong label.")
    chosen = st.session_state.get(state.NOISE_ROWS, HACKED_ROWS)
    st.session_state[state.NOISE_ROWS] = min(chosen, dataset.rows)
    rows = st.number_input(
        "Rows to change", 0, dataset.rows, key=state.NOISE_ROWS, persist_state="session"
    )
    seed = st.number_input(
        "Seed",
        0,
        2**32 - 1,
        0,
        key=state.NOISE_SEED,
        persist_state="session",
        help="The same seed changes the same rows.",
    )
    if st.button("Hack", type="primary"):
        with error_display.show_errors():
            hacked, changed = change_labels(workspace, dataset, rows=rows, seed=seed)
            select_next(state.DATA_SET, hacked.id)
            select_next(state.TEST_ON, hacked.id)
            named = ", ".join(map(str, changed[:50])) + (", …" if len(changed) > 50 else "")
            finish(
                state.NOISE_OPEN,
                f"Added {hacked.name}; it is chosen on the Test page. {len(changed):,} labels "
                f"were changed, in the rows (from 0) {named or 'none'}.",
            )


def form(name: str, icon: str, key: str) -> AbstractContextManager[object]:
    """A button that opens a form."""
    apply_pending(key)
    return st.popover(name, icon=icon, key=key, on_change="rerun")


def finish(popover: str, notice: str) -> None:
    """Close a form and say what was done, on the page drawn anew."""
    select_next(popover, value=False)
    st.session_state[state.NOTICE] = notice
    st.rerun()


def delete(workspace: Workspace, dataset: DataSet) -> None:
    """Remove a data set for good, once that is confirmed."""
    runs = [run for run in workspace.journal.runs() if run.dataset == dataset.id]
    st.markdown(
        f"Delete **{plain(dataset.name)}** with its {dataset.rows:,} rows for good? Models that "
        "were trained on it stay."
    )
    if runs:
        many = f"{len(runs):,} test runs" if len(runs) > 1 else "A test run"
        st.warning(
            f"{many} used it. The records stay, but a run that was broken off can no longer be "
            "completed, and no record be replayed.",
            icon=":material/history:",
        )
    if st.button(f"Yes, delete {plain(dataset.name)}", type="primary", key=state.DELETE):
        with error_display.show_errors():
            workspace.datasets.delete(dataset.id)
            select_next(state.DATA_SET, NEWEST)
            finish(state.DELETE_OPEN, f"Deleted {dataset.name}.")


@st.fragment
def look(dataset_id: str) -> None:
    """Show one view of a data set: only that one is computed, and only it is drawn anew.

    By its id, for a fragment keeps what it was given: it would keep the rows in memory.
    """
    workspace = visit_workspace()
    with error_display.show_errors():
        view = choose_view()
        VIEWS[view](workspace, workspace.datasets.load(dataset_id))


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Data")
    # What is looked at keeps its place, whatever is said above it.
    above, below = st.container(), st.container()
    with above, error_display.show_errors():
        chosen = choose_data_set(workspace, state.DATA_SET, "Data set")
        dataset = workspace.datasets.load(chosen.id)
        with st.container(horizontal=True):
            with form("Upload", ":material/upload:", state.UPLOAD_OPEN):
                upload(workspace)
            with form("Split", ":material/call_split:", state.SPLIT_OPEN):
                split(workspace, dataset)
            with form("Hack", ":material/bug_report:", state.NOISE_OPEN):
                hack(workspace, dataset)
            st.download_button(
                "Download",
                lambda: to_csv(dataset),
                f"{dataset.name}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
            with form("Delete", ":material/delete:", state.DELETE_OPEN):
                delete(workspace, dataset)
        if notice := st.session_state.pop(state.NOTICE, None):
            st.success(plain(notice))
        categories = len(dataset.categorical)
        st.caption(
            f"{dataset.rows:,} rows · {len(dataset.features):,} features"
            + (f", of them {categories:,} categorical" if categories else "")
            + f" · {len(dataset.classes):,} classes of **{plain(dataset.label)}**"
        )
        with below:
            look(dataset.id)


page()
