"""One verdict for the records that are selected in the list, which one undo takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.services.job_starters import start_bulk
from app.services.review import verdicts
from app.services.review.choices import Choice
from app.services.review.several import choices_on
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.retrain.reviewer import reviewer_name
from app.ui.widgets import error_display
from app.ui.widgets.texts import number_of
from iris_core.label_errors.suggestions import Suggestion
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.run import Run
from iris_core.records.verdict import Decision

ACCEPT, KEEP, DROP, CLASS = "accept", "right", "drop", "class: "
"""What a verdict on several records is chosen by; a class has its name behind the last one."""


def selection() -> int:
    """Return the number of the selection: another one begins empty."""
    number: int = st.session_state.get(state.SELECTION, 0)
    return number


def selected_verdict(workspace: Workspace, run: Run, selected: Sequence[Candidate]) -> None:
    """Offer one verdict for several records.

    Args:
        workspace: that notes the verdicts.
        run: whose candidates they are.
        selected: those records.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        option = st.selectbox(
            f"{len(selected):,} records are selected",
            options_for(verdicts.classes(workspace, run)),
            format_func=verdict_name,
            key=state.SELECTED_VERDICT,
            persist_state="session",
        )
        choices = choices_on(selected, *verdict_of(option))
        st.button(
            f"Give {number_of(len(choices), 'verdict', 'verdicts')}",
            key=state.GIVE_SELECTED,
            on_click=_start,
            args=(workspace, run, choices),
            disabled=not choices,
            type="primary",
        )
    if reviewed := sum(candidate.verdict is not None for candidate in selected):
        have = number_of(reviewed, "of them has", "of them have")
        st.caption(f"{have} a verdict, which this one replaces.")


def options_for(classes: Sequence[str]) -> list[str]:
    """Return the verdicts that several records can be given."""
    return [KEEP, DROP, *(CLASS + name for name in classes)]


def verdict_name(option: str) -> str:
    """Return what a verdict on several records is called on the screen."""
    if option.startswith(CLASS):
        return f"Class: {option.removeprefix(CLASS)}"
    return {ACCEPT: "Accept what is suggested", KEEP: "Keep the labels", DROP: "Drop them"}[option]


def verdict_of(option: str) -> tuple[Decision, str | None]:
    """Return the decision and the class that an option stands for."""
    if option.startswith(CLASS):
        return "relabel", option.removeprefix(CLASS)
    return ("right" if option == KEEP else "drop"), None


def row_choices(rows: Sequence[Suggestion], option: str) -> dict[int, tuple[Decision, str]]:
    """Return what an option gives to rows of a data set, by their position.

    Where the label itself is suggested, to accept that keeps it.
    """
    if option == ACCEPT:
        return {entry.row: ("relabel", entry.suggested) for entry in rows}
    decision, label = verdict_of(option)
    return {entry.row: (decision, label or "") for entry in rows}


def _start(workspace: Workspace, run: Run, choices: Mapping[Key, Choice]) -> None:
    """Give the verdicts, and select nothing."""
    with error_display.defer_errors():
        start_bulk(workspace, run, choices, who=reviewer_name())
        st.session_state[state.VERDICT_GIVEN] = True
        st.session_state[state.SELECTION] = selection() + 1
