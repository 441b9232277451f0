"""What the pipeline needs in the cloud, and in which state each resource is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.texts import plain
from aws.clients import Cloud
from aws.protection import Protection, protection
from aws.status import status
from aws.watch import dashboard_url

KEPT_SECONDS = 300
"""For how long it is kept how runs and verdicts are protected, which takes several calls."""


def show(workspace: Workspace, *, after: str) -> bool:
    """List the resources; returns whether the function is healthy.

    Args:
        workspace: whose cloud it is.
        after: id of the last job that changed the stack; empty if there was none.
    """
    cloud = open_cloud(workspace)
    resources = status(cloud)
    frame = pd.DataFrame(
        [
            {
                "": "✓" if resource.well else "✗",
                "Resource": resource.kind,
                "State": resource.state,
                "Name": resource.name,
                "What to do": resource.remedy,
            }
            for resource in resources
        ]
    )
    unhealthy = sum(not resource.well for resource in resources)
    if unhealthy:
        st.warning(f"{unhealthy} of {len(resources)} resources need attention.")
    else:
        st.success(f"All {len(resources)} resources healthy.")
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        height="content",  # with alarms there are more rows than a table shows at first
        column_config={
            "": st.column_config.TextColumn(width=40),
            "Name": st.column_config.TextColumn(width=270),
        },
        alt="Resources of the pipeline and their states",
    )
    st.caption(plain(str(_protection(_Look(cloud, str(workspace.home), after)))))
    # What is kept is forgotten; all else is asked for at each look.
    st.button("Look again", icon=":material/refresh:", on_click=_protection.clear)
    url = dashboard_url(cloud.settings)
    if url and any(resource.kind == "dashboard" and resource.well for resource in resources):
        st.link_button("Dashboard in CloudWatch", url, icon=":material/monitoring:")
    return any(resource.kind == "function" and resource.well for resource in resources)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at a cloud: by all but its clients it is known again."""

    cloud: Cloud
    home: str
    after: str


@st.cache_data(
    max_entries=20,
    ttl=KEPT_SECONDS,
    show_spinner=False,
    hash_funcs={_Look: lambda look: (look.home, repr(look.cloud.settings), look.after)},
)
def _protection(look: _Look) -> Protection:
    """Return how runs and verdicts are protected, asked for again once the stack was changed."""
    return protection(look.cloud)
