"""The form that adds a table: how it is read, the role of each column, and its project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.services.data.datasets import (
    default_dataset,
    import_table,
    inspect_upload,
    readable_name,
)
from app.services.projects import narrower_projects
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data.forms import finish
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, distinct, select_next
from app.ui.widgets.texts import plain
from iris_core.data.column_table import ReadingOptions, TableReading
from iris_core.data.columns import Columns
from iris_core.data.datasets import DataSet
from iris_core.data.roles import Role, RoleChoice

ENCODINGS = {
    None: "UTF-8",
    "cp1252": "Windows, Western European (cp1252)",
    "latin-1": "ISO 8859-1 (Latin 1)",
    "cp1250": "Windows, Central European (cp1250)",
    "cp1251": "Windows, Cyrillic (cp1251)",
    "gb18030": "Chinese (GB 18030)",
}
"""Encodings that can be chosen, and what people call them."""
HEADERS = {None: "Find out", True: "Names the columns", False: "Is data"}
DECIMALS = {None: "Find out", ".": "Point: 1,234.5", ",": "Comma: 1.234,5"}
DATE_ORDERS = {
    None: "Find out",
    "dmy": "Day, month, year: 31/12/2024",
    "mdy": "Month, day, year: 12/31/2024",
    "ymd": "Year, month, day: 2024/12/31",
}
MAX_COLUMNS = 8
"""Columns that an upload leaves out which are named."""
_TYPES = ["csv", "tsv", "txt", "data", "xlsx", "parquet"]
_ROLES = {
    Role.NUMBER: "number",
    Role.CATEGORY: "category",
    Role.DATE: "date",
    Role.IGNORED: "left out",
    Role.GROUP: "group",
}


def upload(workspace: Workspace) -> None:
    """Add a table, its columns' roles chosen; or the default data."""
    megabytes = st.get_option("server.maxUploadSize")
    st.caption(
        f"A CSV file, an Excel workbook or a Parquet file. At most {megabytes} MB. A row is a "
        "record, and one column names its class. A file that turns red was refused: it is larger, "
        "or has another ending."
    )
    number = st.session_state.get(state.UPLOADS, 0)
    file = st.file_uploader("File", type=_TYPES, key=state.uploader(number))
    if file is None:
        if st.button("Load the default data", help="The extended iris set, 1,200 flowers."):
            with error_display.show_errors():
                _choose_everywhere(workspace, default_dataset(workspace))
        return
    name = readable_name(file.name)
    options = _ask_reading(name)
    with error_display.show_errors():
        content, key = file.getvalue(), f"{file.file_id} {options}"
        reading = _inspected(key, workspace, content, name, options, None)
        label = _ask_label(reading, key)
        if label not in (None, _label_of(reading)):
            reading = _inspected(key, workspace, content, name, options, label)
        choice = _ask_roles(reading, label, key)
        columns = [column.name for column in reading.columns]
        project = _ask_project(workspace, columns, choice.label or "")
        if st.button("Add", type="primary"):
            with st.spinner("Reading and storing it …", show_time=True):
                dataset = import_table(
                    workspace, content, name=name, options=options, choice=choice, like=project
                )
            st.session_state[state.UPLOADS] = number + 1
            _choose_everywhere(workspace, dataset)


@st.cache_data(max_entries=4, show_spinner="Looking at its columns …")
def _inspected(
    key: str,
    _workspace: Workspace,
    _content: bytes,
    name: str,
    _options: ReadingOptions,
    label: str | None,
) -> TableReading:
    """Return what is understood of a file; the key is that of the upload and of the options."""
    del key
    return inspect_upload(_workspace, _content, name=name, options=_options, label=label)


def _label_of(reading: TableReading) -> str | None:
    """Return the label that a table was given; None if it has no likely one."""
    labels = (column.name for column in reading.columns if column.role == Role.LABEL)
    return next(labels, None)


def _ask_reading(name: str) -> ReadingOptions:
    """Ask how the file is read, where it does not say so itself."""
    with st.expander("How it is read"):
        encoding = _select("Encoding of the text", ENCODINGS, state.UPLOAD_ENCODING)
        header = _select("The first line", HEADERS, state.UPLOAD_HEADER)
        decimal = _select("Decimal mark, where it is unclear", DECIMALS, state.UPLOAD_DECIMAL)
        date_order = _select("Dates, where they are unclear", DATE_ORDERS, state.UPLOAD_DATES)
        missing = st.text_input(
            "Words for a missing value",
            key=state.UPLOAD_MISSING,
            placeholder="such as unknown, -999",
            help="Separated by commas. An empty cell is missing, and in numbers NA, null, ? and "
            "the like.",
        )
        sheet = (
            st.text_input("Sheet", key=state.UPLOAD_SHEET, help="Empty for the only one.")
            if name.lower().endswith(".xlsx")
            else ""
        )
    words = tuple(word.strip() for word in missing.split(",") if word.strip())
    return ReadingOptions(encoding, header, sheet.strip() or None, words, decimal, date_order)


def _select(text: str, options: dict[Any, str], key: str) -> Any:
    """Ask for one of some options, by what people call them."""
    return st.selectbox(text, list(options), format_func=options.__getitem__, key=key)


def _ask_label(reading: TableReading, key: str) -> str | None:
    """Ask for the label's column; the guess is chosen to begin with."""
    guess = _label_of(reading)
    if st.session_state.get(state.UPLOAD_SHOWN) != key:
        st.session_state[state.UPLOAD_SHOWN] = key
        st.session_state[state.UPLOAD_LABEL] = guess
    reason = next((c.reason for c in reading.columns if c.name == guess), "")
    return st.selectbox(
        "Label column",
        [column.name for column in reading.columns],
        index=None,
        key=state.UPLOAD_LABEL,
        placeholder="Choose the column that holds the class",
        help=f"The column that holds the class. {reason}",
    )


def _ask_roles(reading: TableReading, label: str | None, key: str) -> RoleChoice:
    """Ask for the role of each other column; return what differs from the guesses."""
    for name, question in reading.questions.items():
        st.warning(
            f"Choose how **{plain(name)}** is read, above under *How it is read*, or leave it out. "
            f"{plain(question)}"
        )
    for note in reading.notes:
        st.caption(plain(note))
    others = [column for column in reading.columns if column.name != label]
    edited = st.data_editor(
        {
            "Column": [column.name for column in others],
            "Role": [_role_text(column.role) for column in others],
            "Why": [column.reason for column in others],
            "Examples": [", ".join(reading.examples[column.name]) for column in others],
        },
        column_config={
            "Role": st.column_config.SelectboxColumn(options=list(_ROLES.values()), required=True)
        },
        disabled=["Column", "Why", "Examples"],
        hide_index=True,
        width="stretch",
        height=min(400, 38 + 35 * len(others)),
        key=state.part(state.UPLOAD_ROLES, f"{key} {label}"),
    )
    changed = {
        column.name: text
        for column, text in zip(others, edited["Role"], strict=True)
        if text != _role_text(column.role)
    }
    of_role = {
        role: tuple(name for name, chosen in changed.items() if chosen == text)
        for role, text in _ROLES.items()
    }
    groups = tuple(
        column.name
        for column, text in zip(others, edited["Role"], strict=True)
        if text == _ROLES[Role.GROUP]
    )
    return RoleChoice(
        label,
        numeric=of_role[Role.NUMBER],
        categorical=of_role[Role.CATEGORY],
        dates=of_role[Role.DATE],
        ignored=of_role[Role.IGNORED],
        # What is changed is read by what was guessed no more, and two groups are refused.
        groups=groups if changed else (),
    )


def _role_text(role: Role) -> str:
    """Return what a role is called in the table."""
    return _ROLES.get(role, _ROLES[Role.IGNORED])


def _ask_project(workspace: Workspace, columns: Sequence[str], label: str) -> Columns | None:
    """Ask whether an upload joins a project that has some of its columns; None if it does not."""
    fits = {
        project.id: (project, left)
        for project, left in narrower_projects(workspace, columns, label)
    }
    if not fits:
        return None
    names = distinct({id_: project.name for id_, (project, _) in fits.items()})
    options = {
        **{
            id_: f"Add to {names[id_]}" + (f" (leaves out {_listed(left)})" if left else "")
            for id_, (_, left) in fits.items()
        },
        NEWEST: "New project",
    }
    if st.session_state.get(state.UPLOAD_PROJECT) not in options:
        st.session_state.pop(state.UPLOAD_PROJECT, None)
    st.info(
        "Choose where the file belongs: it has all columns of a project that is here, and more. "
        "Models read the data of their own project only."
    )
    chosen = st.selectbox(
        "Project of the file",
        list(options),
        format_func=options.__getitem__,
        key=state.UPLOAD_PROJECT,
    )
    return fits[chosen][0].columns if chosen in fits else None


def _listed(columns: Sequence[str]) -> str:
    """Name the columns that are left out."""
    named = ", ".join(columns[:MAX_COLUMNS])
    more = f" and {len(columns) - MAX_COLUMNS:,} more" if len(columns) > MAX_COLUMNS else ""
    return f"the column{'s' if len(columns) > 1 else ''} {named}{more}"


def _choose_everywhere(workspace: Workspace, dataset: DataSet) -> None:
    """Choose a data set that was added on every page."""
    select_next(state.PROJECT, dataset.columns.project)
    for key in (state.DATA_SET, state.TRAIN_ON, state.TEST_ON):
        select_next(key, dataset.id)
    name = workspace.datasets.card(dataset.id).name
    if name == dataset.name:
        finish(state.UPLOAD_OPEN, f"Added {name} with {dataset.rows:,} rows.")
    else:
        finish(state.UPLOAD_OPEN, f"The same data is there already, as {name}; it is chosen now.")
