"""What is handed in of the lab: the items of a run in both tables, as files and as pictures."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.services.export import item_export
from app.services.export.item_picture import ROWS, items_picture
from app.services.workspace import Workspace
from app.ui.widgets.choosers import choose_run
from app.ui.widgets.open_cloud import open_cloud
from app.ui.widgets.project_runs import project_runs
from app.ui.widgets.texts import CLOUD_NAMES


def show(workspace: Workspace) -> None:
    """Choose a run of the chosen cloud, and offer its items."""
    cloud = open_cloud(workspace)
    run = choose_run(project_runs(workspace, cloud), "Run to hand in")
    if run is None:
        st.info("Test a model on the Test page: then the items of that run can be downloaded here.")
        return
    settings = cloud.settings
    st.caption(
        f"On: {CLOUD_NAMES[settings.target]}. Files: at most {item_export.MAX_ITEMS:,} items. "
        f"Pictures: the first {ROWS}."
    )
    for table, items in (
        (settings.score_table, item_export.score_items),
        (settings.retrain_table, item_export.retrain_items),
    ):
        with st.container(horizontal=True):
            st.download_button(
                f"{table} as CSV",
                partial(items, cloud, run),
                f"{table}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
            st.download_button(
                f"{table} as a picture",
                partial(items_picture, cloud, table, run),
                f"{table}.svg",
                "image/svg+xml",
                icon=":material/image:",
                on_click="ignore",
            )
