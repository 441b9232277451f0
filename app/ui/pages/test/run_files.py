"""What a run can be downloaded as: the report, and its records."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from app.services.runs.downloads import (
    PART_ROWS,
    part_count,
    part_rows,
    run_csv,
    run_model_card,
    run_report,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.texts import when
from iris_core.errors import IrisError
from iris_core.records.run import Run

ALL, MISTAKES = CHOICES = ("All records", "Mistakes only")


def files(workspace: Workspace, run: Run) -> None:
    """Offer the report on a run and its records as files."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Report**")
        st.caption(
            "What this run found, beside its baselines and with its mistakes, on one page that "
            "needs nothing else: to print, to send or to file."
        )
        st.download_button(
            "Download the report",
            lambda: run_report(workspace, run, made_at=when(datetime.now(UTC))),
            f"run-{run.id}.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
        )
        _model_card(workspace, run)
    with right:
        _records(workspace, run)


def _model_card(workspace: Workspace, run: Run) -> None:
    """Offer the card of the run's model, while the model is there."""
    st.markdown("**Model card**")
    try:
        workspace.models.card(run.model)
    except IrisError:
        st.info("The model was deleted: bring it back on the Train page for its card.")
        return
    st.caption(
        "What the model is, what it was trained on, how it does in this run and what its limits "
        "are, as Markdown. What it may be used for is left for you to fill in."
    )
    st.download_button(
        "Download the model card",
        lambda: run_model_card(workspace, run, made_at=when(datetime.now(UTC))),
        f"{run.model}.md",
        "text/markdown",
        icon=":material/badge:",
        on_click="ignore",
    )


def _records(workspace: Workspace, run: Run) -> None:
    """Offer the records of a run, a part of a long one."""
    st.markdown("**Records**")
    st.caption(
        "As they are in the score table, a column for each field. Text that a spreadsheet "
        "would run as a formula has an apostrophe in front."
    )
    choice = st.radio(
        "Records",
        CHOICES,
        key=state.FILE_CHOICE,
        horizontal=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    part, parts = 1, part_count(run)
    if parts > 1:
        part = st.number_input(
            "Part",
            1,
            parts,
            key=state.part(state.FILE_PART, run.id),
            help=f"A file has {PART_ROWS:,} records of the run at most; this one has {parts}.",
        )
    rows = part_rows(run, part)
    st.download_button(
        f"Download rows {rows.start:,} to {rows.stop - 1:,} as CSV",
        lambda: run_csv(workspace, run, rows, mistakes_only=choice == MISTAKES),
        f"run-{run.id}-{rows.start}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
