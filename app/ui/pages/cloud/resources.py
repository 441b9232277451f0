"""What the pipeline needs in the cloud, and in which state each resource is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui.widgets.texts import plain
from aws.clients import Cloud
from aws.protection import protection
from aws.status import status
from aws.watch import dashboard_url


def show(cloud: Cloud) -> bool:
    """List the resources; returns whether the function is healthy."""
    resources = status(cloud)
    frame = pd.DataFrame(
        [
            {
                "": "✓" if resource.well else "✗",
                "Resource": resource.kind,
                "Name": resource.name,
                "State": resource.state,
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
        column_config={"": st.column_config.TextColumn(width=40)},
        alt="Resources of the pipeline and their states",
    )
    st.caption(plain(str(protection(cloud))))
    url = dashboard_url(cloud.settings)
    if url and any(resource.kind == "dashboard" and resource.well for resource in resources):
        st.link_button("Dashboard in CloudWatch", url, icon=":material/monitoring:")
    return any(resource.kind == "function" and resource.well for resource in resources)
