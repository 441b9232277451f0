"""The course's lab: which of its steps are done, and the items to submit."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.services.export import item_export
from app.ui.widgets.texts import plain, run_name
from aws import run_table
from aws.clients import Cloud
from aws.lab_steps import lab_steps


def show(cloud: Cloud) -> None:
    """List the steps that are done, and offer the items of the newest run as files."""
    steps = lab_steps(cloud)
    done = sum(step.done for step in steps)
    say = st.success if done == len(steps) else st.info
    say(f"{done} of {len(steps)} steps are done.")
    for step in steps:
        mark = ":material/check_circle:" if step.done else ":material/radio_button_unchecked:"
        remedy = f" **{plain(step.remedy)}**" if step.remedy else ""
        st.markdown(f"{mark} {plain(step.what)}: {plain(step.state)}.{remedy}")
    run = next(run_table.runs(cloud), None) if done else None
    if run is None:
        st.caption("After a test run its records can be downloaded here, to submit them.")
        return
    st.markdown(f"**To submit**: {plain(run_name(run))}")
    with st.container(horizontal=True):
        for name, items in (
            (cloud.settings.score_table, item_export.score_items),
            (cloud.settings.retrain_table, item_export.retrain_items),
        ):
            st.download_button(
                f"{name} as CSV",
                partial(items, cloud, run),
                f"{name}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                help=f"The items of this run, at most {item_export.MAX_ITEMS:,}.",
            )
