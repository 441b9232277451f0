"""The demonstration on the Loop page: every step as it happens, and the way to undo it."""

from __future__ import annotations

import streamlit as st

from app.services import demonstration
from app.services.demonstration import STEPS, Finding, Undoing
from app.services.job_starters import DEMONSTRATION
from app.services.jobs import Job, JobState
from app.services.workspace import Workspace
from app.ui import state
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.texts import number_of, plain

NAMES = {
    "data": "Data",
    "train": "Train",
    "change": "Break",
    "test": "Test and store",
    "review": "Review",
}
TEXTS = {
    "data": "A table of iris flowers, each with what was measured and its species.",
    "train": "Small neural networks learn from four fifths of it; the rest is kept apart, to "
    "measure them.",
    "change": "Some labels are changed on purpose: mistakes as people make them.",
    "test": "Every record is predicted and written to DynamoDB. The table's stream calls a Lambda "
    "function, which copies what was wrong or uncertain.",
    "review": "People look at those records only, and correct the labels.",
}
"""What happens in each step."""


def show(workspace: Workspace) -> None:
    """Draw what the last demonstration of this process did, and offer to undo it."""
    job = workspace.jobs.latest(DEMONSTRATION)
    made = demonstration.noted(workspace)
    if made is None or (job is not None and not job.is_over):
        return
    with st.container(border=True):
        if job is None:
            st.markdown("**The demonstration** is part of this workspace.")
        else:
            if job.state is JobState.FINISHED:
                st.markdown("**This is the loop.** What happened, step by step:")
            show_steps(job)
        with st.popover(
            "Undo the demonstration",
            icon=":material/undo:",
            key=state.UNDO_DEMONSTRATION_OPEN,
            on_change="rerun",
        ) as popover:
            # All runs of the journal are looked through for it.
            if popover.open:
                _offer_undo(demonstration.to_undo(workspace, made))


def show_steps(job: Job) -> None:
    """List the steps of a demonstration: what happened in each, or will."""
    findings = {event.step: event.text for event in job.events if isinstance(event, Finding)}
    lines = []
    for step in STEPS:
        text = findings.get(step)
        icon = "check_circle" if text else "radio_button_unchecked"
        outcome = f" *{plain(text)}*" if text else ""
        lines.append(f":material/{icon}: **{NAMES[step]}.** {TEXTS[step]}{outcome}")
    st.markdown("  \n".join(lines))


def _offer_undo(undoing: Undoing) -> None:
    """Say what goes and what stays, and undo at a click."""
    goes = [
        number_of(len(undoing.datasets), "data set", "data sets"),
        number_of(len(undoing.models), "model", "models"),
        number_of(len(undoing.runs), "test run", "test runs"),
        number_of(undoing.verdicts, "verdict", "verdicts"),
    ]
    stays = "" if undoing.is_whole else " What you added to the project stays."
    st.markdown(f"This deletes {', '.join(goes[:-1])} and {goes[-1]} on its records.{stays}")
    st.button("Undo it all", type="primary", key=state.UNDO_DEMONSTRATION, on_click=_undo)


def _undo() -> None:
    """Undo the demonstration."""
    with error_display.defer_errors():
        demonstration.undo(visit_workspace())
        st.session_state[state.NOTICE] = "The demonstration was undone."
