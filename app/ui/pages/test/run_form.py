"""The form that starts a test run: which model, on what data, with which threshold."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import start_test
from app.services.runs.threshold_choice import threshold_text
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.widgets.choosers import NEWEST, choose_data_set, choose_model, select_next
from app.ui.widgets.no_data import no_data
from aws import function
from aws.clients import Cloud


def run_form(workspace: Workspace, cloud: Cloud, *, busy: bool) -> bool:
    """Ask what to test on what, and start it; return whether there is something to test."""
    # Two by two, so that no name is cut.
    left, right = st.columns(2)
    below, last, _ = st.columns([1, 1, 2], vertical_alignment="bottom")
    with left:
        model = choose_model(workspace)
    if model is None:
        st.info("There is no model yet to test. Train one first; it takes some seconds.")
        navigation.link("train", label="Train a model", icon=":material/play_arrow:")
        return False
    with right:
        data = choose_data_set(workspace, state.TEST_ON, "Data set", purpose="test")
    if data is None:
        no_data()
        return False
    threshold = below.number_input(
        "Threshold",
        0.0,
        1.0,
        None,
        0.05,
        "%.6g",
        key=state.TEST_THRESHOLD,
        persist_state="session",
        placeholder=function.threshold(cloud),
        help="Of this run: records with a lower probability are candidates, as are all that are "
        "misclassified. Empty: the function's own.",
    )
    if last.button(
        "Test", type="primary", disabled=busy, icon=":material/play_arrow:", width="stretch"
    ):
        text = None if threshold is None else threshold_text(threshold)
        start_test(workspace, model.id, data.id, threshold=text)
        select_next(state.RUN, NEWEST)
        st.rerun()
    return True
