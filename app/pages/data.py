"""The Data page: choose, add, look at, split, hack and download data sets."""

from __future__ import annotations

from contextlib import AbstractContextManager

import streamlit as st

from app import state
from app.figures.data import class_balance, histogram
from app.pipeline import import_csv
from app.preparation import add_hacked, add_split, csv_columns
from app.services import Services, shared
from app.widgets import pictures, problems
from app.widgets.choosers import choose_data_set, granted, point_to
from app.widgets.texts import plain
from iris_core.csv_writing import to_csv
from iris_core.datasets import DataSet

HEADER_BYTES = 1_000_000
"""Of an upload, to find its columns in before all of it is read."""
SHOWN_ROWS = 10
HACKED_ROWS = 25


def upload(services: Services) -> None:
    """Add a CSV, its label column chosen."""
    number = st.session_state.get(state.UPLOADS, 0)
    file = st.file_uploader(
        "CSV file",
        type=["csv", "tsv", "txt"],
        key=state.uploader(number),
        help="UTF-8 text with a header; separated by commas, semicolons, tabs or bars.",
    )
    if file is None:
        return
    with problems.shown():
        columns = csv_columns(bytes(file.getbuffer()[:HEADER_BYTES]), name=file.name)
        label = st.selectbox(
            "Label column", columns, key=state.UPLOAD_LABEL, help="The column that holds the class."
        )
        if st.button("Add", type="primary"):
            added = import_csv(services, file.getvalue(), name=file.name, label=label)
            st.session_state[state.UPLOADS] = number + 1
            for key in (state.DATA_SET, state.TRAIN_ON, state.TEST_ON):
                point_to(key, added.id)
            finish(state.UPLOAD_OPEN, f"Added {added.name} with {added.rows:,} rows.")


def split(services: Services, dataset: DataSet) -> None:
    """Make two data sets of one: to train on, and to test on."""
    st.caption("Two new data sets, each class in the same proportion in both.")
    share = st.slider(
        "Share to test on", 0.05, 0.95, 0.2, 0.05, key=state.SPLIT_SHARE, persist_state="session"
    )
    seed = st.number_input(
        "Seed", 0, 2**32 - 1, 0, key=state.SPLIT_SEED, persist_state="session",
        help="The same seed gives the same split.",
    )  # fmt: skip
    if st.button("Split", type="primary"):
        with problems.shown():
            first, second = add_split(services, dataset, test_share=share, seed=seed)
            point_to(state.DATA_SET, second.id)
            point_to(state.TRAIN_ON, first.id)
            point_to(state.TEST_ON, second.id)
            finish(
                state.SPLIT_OPEN,
                f"Added {first.name} ({first.rows:,} rows) and {second.name} ({second.rows:,} "
                "rows). They are chosen on the Train and Test pages.",
            )


def hack(services: Services, dataset: DataSet) -> None:
    """Give some rows a wrong label, to see whether the loop finds them."""
    st.caption("A new data set in which some rows, chosen by chance, have a wrong label.")
    chosen = st.session_state.get(state.HACK_ROWS, HACKED_ROWS)
    st.session_state[state.HACK_ROWS] = min(chosen, dataset.rows)
    rows = st.number_input(
        "Rows to change", 0, dataset.rows, key=state.HACK_ROWS, persist_state="session"
    )
    seed = st.number_input(
        "Seed", 0, 2**32 - 1, 0, key=state.HACK_SEED, persist_state="session",
        help="The same seed changes the same rows.",
    )  # fmt: skip
    if st.button("Hack", type="primary"):
        with problems.shown():
            hacked, changed = add_hacked(services, dataset, rows=rows, seed=seed)
            point_to(state.DATA_SET, hacked.id)
            point_to(state.TEST_ON, hacked.id)
            named = ", ".join(map(str, changed[:50])) + (", …" if len(changed) > 50 else "")
            finish(
                state.HACK_OPEN,
                f"Added {hacked.name}; it is chosen on the Test page. {len(changed):,} labels "
                f"were changed, in the rows (from 0) {named or 'none'}.",
            )


def form(name: str, icon: str, key: str) -> AbstractContextManager[object]:
    """A button that opens a form."""
    granted(key)
    return st.popover(name, icon=icon, key=key, on_change="rerun")


def finish(popover: str, notice: str) -> None:
    """Close a form and say what was done, on the page drawn anew."""
    point_to(popover, value=False)
    st.session_state[state.NOTICE] = notice
    st.rerun()


def look(dataset: DataSet) -> None:
    """Show the rows, the classes, and how one column is spread."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Classes")
        pictures.show(class_balance(dataset))
    with right:
        st.subheader("One column")
        column = st.selectbox(
            "Column", dataset.features, key=state.HISTOGRAM_COLUMN, persist_state="session"
        )
        pictures.show(histogram(dataset, column))
    st.subheader("Rows")
    st.dataframe(
        dataset.frame,
        lazy=dataset.rows > 1_000 or None,
        height=35 * (SHOWN_ROWS + 1) + 3,
        alt=f"The {dataset.rows:,} rows of {dataset.name}",
    )


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Data")
    with problems.shown():
        chosen = choose_data_set(services, state.DATA_SET, "Data set")
        dataset = services.datasets.load(chosen.id)
        with st.container(horizontal=True):
            with form("Upload", ":material/upload:", state.UPLOAD_OPEN):
                upload(services)
            with form("Split", ":material/call_split:", state.SPLIT_OPEN):
                split(services, dataset)
            with form("Hack", ":material/bug_report:", state.HACK_OPEN):
                hack(services, dataset)
            st.download_button(
                "Download",
                lambda: to_csv(dataset),
                f"{dataset.name}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
        if notice := st.session_state.pop(state.NOTICE, None):
            st.success(plain(notice))
        st.caption(
            f"{dataset.rows:,} rows · {len(dataset.features)} features, of them "
            f"{len(dataset.categorical)} categorical · {len(dataset.classes)} classes of "
            f"**{plain(dataset.label)}**"
        )
        look(dataset)


page()
