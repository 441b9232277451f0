"""The door: lets a visit in, or says why not and what to do about it."""

from __future__ import annotations

import streamlit as st

from app.services.datasets import default_dataset
from app.services.workspace import process_workspace
from app.ui.access import Access, current_access, person
from app.ui.widgets.error_display import message_for
from aws.errors import SettingsError

_WHY_NOT = {
    Access.CLOSED: "This dashboard is closed. Whoever runs it can open it.",
    Access.LOG_IN: "Log in to use this dashboard.",
    Access.NOT_LISTED: "You have no access to this dashboard. Ask whoever runs it to put your "
    "address on the list, or log out and come back with another one.",
    Access.UNDECIDED: "Nobody has decided yet who may use this dashboard from another machine, so "
    "it is shut. Whoever runs it sets `IRIS_PUBLIC`, in the environment or in Streamlit's secrets, "
    "to `open`, `read-only` or `closed`, or gives it a login (`[auth]` and `[access]`).",
}


def admit() -> bool:
    """Whether the visit is let in; if not, all that it sees is drawn."""
    try:
        granted = current_access()
    except SettingsError as error:
        _heading()
        st.error(message_for(error))
        return False
    if granted.inside:
        with st.sidebar:
            _who()
        if granted is Access.READ_ONLY:
            _show_around()
        return True
    _heading()
    st.markdown(_WHY_NOT[granted])
    if granted is Access.LOG_IN:
        st.button("Log in", type="primary", icon=":material/login:", on_click=st.login)
    else:
        _who()
    return False


def _heading() -> None:
    st.title("Iris Loop")


def _who() -> None:
    """Tell people who are logged in who they are, and let them out."""
    claims = person()
    if claims is not None:
        name = claims.get("email") or claims.get("name") or claims.get("sub") or "somebody unknown"
        st.text(f"Logged in as {name}")
        st.button("Log out", icon=":material/logout:", on_click=st.logout)


def _show_around() -> None:
    """Say what read-only means, and see that there is something to look at."""
    st.info("Look around: this dashboard shows what is there, and changes nothing.")
    workspace = process_workspace()
    if not workspace.datasets.list().cards:
        default_dataset(workspace)
