"""The access gate: permits a visit, or says why not and what to do about it."""

from __future__ import annotations

import streamlit as st

from app.ui.access import Access, current_access, person, person_name
from app.ui.widgets.error_display import message_for
from aws.errors import SettingsError

_REASONS = {
    Access.CLOSED: "This dashboard is closed. Whoever runs it can open it.",
    Access.LOG_IN: "Log in to use this dashboard.",
    Access.NOT_LISTED: "You have no access to this dashboard. Ask whoever runs it to put your "
    "address on the list, or log out and come back with another one.",
    Access.UNDECIDED: "Nobody has decided yet who may use this dashboard from another machine, so "
    "it is closed. Whoever runs it sets `IRIS_PUBLIC`, in the environment or in Streamlit's "
    "secrets, to `open`, `read-only` or `closed`, or gives it a login (`[auth]` and `[access]`).",
}


def admit() -> bool:
    """Return whether the visit is permitted; if not, draw all that it gets to see."""
    try:
        access = current_access()
    except SettingsError as error:
        _heading()
        st.error(message_for(error))
        return False
    if access.is_permitted:
        with st.sidebar:
            _show_person()
        if access is Access.READ_ONLY:
            _announce_read_only()
        return True
    _heading()
    st.markdown(_REASONS[access])
    if access is Access.LOG_IN:
        st.button("Log in", type="primary", icon=":material/login:", on_click=st.login)
    else:
        _show_person()
    return False


def _heading() -> None:
    """Draw the title of the dashboard."""
    st.title("Iris Loop")


def _show_person() -> None:
    """Show people who are logged in as whom, with a way to log out."""
    if person() is not None:
        st.text(f"Logged in as {person_name()}")
        st.button("Log out", icon=":material/logout:", on_click=st.logout)


def _announce_read_only() -> None:
    """Say what read-only means, and add the default data where there is none."""
    st.info("This dashboard is read-only: look at everything, nothing can be changed.")
    from app.services.data.datasets import default_dataset
    from app.services.workspace import process_workspace

    workspace = process_workspace()
    if not workspace.datasets.list().cards:
        default_dataset(workspace)
