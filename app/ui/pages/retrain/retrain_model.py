"""The end of a review: train the run's model further on what was reviewed."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import EPOCHS, start_retraining
from app.services.jobs import Job
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.widgets import error_display
from app.ui.widgets.choosers import NEWEST, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.texts import percent, plain
from iris_core.records.run import Run


def retrain_model(workspace: Workspace, run: Run, training: Job | None, *, usable: int) -> None:
    """Offer to train the run's model further on its data and the reviewed records.

    Args:
        workspace: that keeps both.
        run: whose candidates were reviewed.
        training: the newest retraining.
        usable: number of records that it could use.
    """
    st.subheader("Retrain the model")
    busy = training is not None and not training.is_over
    with st.container(), error_display.show_errors():
        if st.button(
            "Retrain with the reviewed records",
            type="primary",
            disabled=busy or not usable,
            icon=":material/model_training:",
            help=f"Trains {plain(run.model)} further on its own data and the records whose label "
            "was kept or changed. The model itself stays as it is.",
        ):
            start_retraining(workspace, run)
            select_next(state.MODEL, NEWEST)
            select_next(state.TEST_ON, run.dataset)
            st.rerun()
        if not usable:
            st.caption("Review some candidates first: keep or change their labels.")
    if training is not None and training.is_over and training.subject != run.id:
        return
    job_panel(training, done=_result, lines={EPOCHS: "Epochs"})


def _result(job: Job) -> None:
    """Say what came of the retraining, and what to do next."""
    card = job.result
    st.success(
        f"Trained **{plain(card.name)} v{card.version}**: evaluation accuracy "
        f"{percent(card.metrics.get('test_accuracy'))}."
    )
    navigation.link("test", label="Test it on the same data", icon=":material/fact_check:")
