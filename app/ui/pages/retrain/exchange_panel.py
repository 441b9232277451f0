"""The review as a file: candidates out, verdicts in, and what came of an import."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from app.services.review.exchange import Imported, export_review
from app.services.review.label_studio import export_tasks, labelling_config
from app.services.review_jobs import start_import
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import number_of
from iris_core.records.run import Run


def exchange(workspace: Workspace, run: Run, order: ReviewOrder) -> None:
    """Offer the candidates as files to review them elsewhere, and to take verdicts over.

    Args:
        workspace: that notes the verdicts.
        run: whose candidates.
        order: with the search, whose suggestions can go along.
    """
    with lazy_expander(
        "Review elsewhere", key=state.EXCHANGE_OPEN, icon=":material/swap_horiz:"
    ) as is_open:
        if is_open:
            _export(run, order)
            _import(workspace, run)


def _export(run: Run, order: ReviewOrder) -> None:
    """Offer the files."""
    st.markdown("**Candidates out**: fill in the CSV's `verdict`, or label them in Label Studio.")
    search = order.search
    is_suggesting = search is not None and st.toggle(
        "Label Studio shows what is suggested",
        key=state.EXPORT_SUGGESTED,
        persist_state="session",
        help="Reviewers who see a suggestion agree with it too easily.",
    )
    with st.container(horizontal=True):
        _file("CSV", "review.csv", "text/csv", lambda: export_review(visit_workspace(), run)[0])
        _file(
            "Label Studio tasks",
            "tasks.json",
            "application/json",
            lambda: export_tasks(visit_workspace(), run, search if is_suggesting else None),
        )
        _file(
            "Labelling configuration",
            "labelling.xml",
            "application/xml",
            lambda: labelling_config(visit_workspace(), run, suggested=is_suggesting).encode(),
        )


def _file(label: str, name: str, mime: str, content: Callable[[], bytes]) -> None:
    """Offer a file that is made when somebody asks for it."""
    st.download_button(
        label,
        content,
        name,
        mime,
        key=state.part(state.EXPORT, name),
        icon=":material/download:",
        on_click="ignore",
    )


def _import(workspace: Workspace, run: Run) -> None:
    """Ask for a file with verdicts."""
    number = st.session_state.get(state.IMPORTS, 0)
    file = st.file_uploader(
        "**Verdicts in**: the reviewed CSV, or what Label Studio exports as JSON or JSON-MIN",
        ["csv", "json"],
        key=state.part(state.IMPORT_FILE, number),
        help="The whole file is checked first: one that cannot be understood changes nothing.",
    )
    st.button(
        "Take over the verdicts",
        on_click=_start,
        args=(workspace, run, file.name, file.getvalue()) if file else (),
        disabled=file is None,
        type="primary",
        icon=":material/upload:",
    )


def _start(workspace: Workspace, run: Run, name: str, content: bytes) -> None:
    """Take over the verdicts of a file, and empty its field."""
    with error_display.defer_errors():
        start_import(workspace, run, name, content, who=reviewer_name())
        st.session_state[state.IMPORTS] = st.session_state.get(state.IMPORTS, 0) + 1
        st.session_state[state.VERDICT_GIVEN] = True


def import_report(done: Imported) -> None:
    """Say how many verdicts were taken over, how many were there, and which were passed over."""
    taken = number_of(done.imported, "verdict was", "verdicts were")
    had = number_of(done.unchanged, "record", "records")
    st.success(f"{taken} taken over; {had} had theirs already.")
    if done.conflicts:
        passed = number_of(len(done.conflicts), "was", "were")
        st.warning(
            "Give a verdict on these records here, or mend the file and import it again: "
            f"{passed} passed over."
        )
        st.dataframe(
            pd.DataFrame({"Passed over": done.conflicts}),
            hide_index=True,
            placeholder="",
            alt="Lines or tasks that were passed over, and why",
        )
