"""The sidebar's chooser of the project, which all pages show; below it the cloud's name.

Of what was chosen in another project nothing stays chosen, but what a link names.
"""

from __future__ import annotations

import streamlit as st

from app.services.projects import projects
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.choosers import confirm_choice, distinct, new_link, set_choice
from app.ui.widgets.texts import CLOUD_NAMES, plain, sentence
from iris_core.errors import StoreError

_OF_A_PROJECT = (
    *(state.DATA_SET, state.TRAIN_ON, state.TEST_ON, state.SCORE_FROM, state.COMPARE_WITH),
    *(state.MODEL, state.PARENT, state.RUN),
)
"""What can be chosen in one project only, and named in the URL."""


def show(workspace: Workspace) -> None:
    """Choose the project, and name it where there is only one; name the cloud."""
    names = distinct({entry.id: entry.name for entry in projects(workspace)})
    with st.sidebar:
        if names:
            _choose_project(names)
            _name_broken_card(workspace)
        else:
            st.session_state.pop(state.PROJECT, None)
        settings = workspace.settings
        region = f", {settings.region}" if settings.target == "aws" and settings.region else ""
        st.caption(f":material/cloud: {CLOUD_NAMES[settings.target]}{plain(region)}")


def _choose_project(names: dict[str, str]) -> None:
    """Choose one of the projects, names by id; the URL names it if there are several."""
    is_asked = bool(new_link(state.PROJECT) or st.session_state.get(state.pending(state.PROJECT)))
    chosen = set_choice(state.PROJECT, names)
    if len(names) > 1:
        chosen = st.selectbox(
            "Project",
            list(names),
            format_func=names.__getitem__,
            key=state.PROJECT,
            persist_state="session",
            help="Data, models and runs of the same label and columns. All pages show those of "
            "this project only.",
        )
    else:
        st.session_state[state.PROJECT] = chosen
        st.caption(f"Project: **{plain(names[chosen])}**")
    confirm_choice(state.PROJECT, chosen, names[chosen], link=len(names) > 1)
    if st.session_state.get(state.SHOWN_PROJECT, chosen) != chosen:
        _forget_choices(is_asked=is_asked)
    st.session_state[state.SHOWN_PROJECT] = chosen


def _forget_choices(*, is_asked: bool) -> None:
    """Forget what was chosen in the project before.

    Args:
        is_asked: whether the page or a link asked for the project, not the chooser: then what the
            page will choose next, and the linked record, are of this project.
    """
    for key in _OF_A_PROJECT:
        if not new_link(key):
            st.query_params.pop(key, None)
        forgotten = [key, state.option_label(key)]
        if not is_asked:
            forgotten.append(state.pending(key))
        for name in forgotten:
            st.session_state.pop(name, None)
    if not is_asked:
        st.query_params.pop(state.RECORD, None)
    for name in (state.SCORE_START, state.COMPARED):
        st.session_state.pop(name, None)


def _name_broken_card(workspace: Workspace) -> None:
    """Say so if the card of the chosen project cannot be read: it has no evaluation set then."""
    try:
        workspace.projects.card(st.session_state[state.PROJECT])
    except StoreError as error:
        st.warning(sentence(str(error)))
