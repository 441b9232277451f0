"""The chosen cloud, opened for a page."""

from __future__ import annotations

import streamlit as st

from app.services.workspace import Workspace
from aws.clients import Cloud


def open_cloud(workspace: Workspace) -> Cloud:
    """Return the chosen cloud; the first page that needs the local one starts it.

    Raises:
        LocalCloudError: it cannot be started.
    """
    with st.spinner("Starting the local cloud…"):
        return workspace.cloud()
