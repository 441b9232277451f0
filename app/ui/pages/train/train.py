"""The Train page: train a new model, or one further, and see all that were trained."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.job_starters import EPOCHS, TRAIN, start_training
from app.services.model.class_balance import stored_imbalance
from app.services.model.training import why_not_trainable
from app.services.projects import models_of
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.train import (
    explained_model,
    manage_models,
    model_form,
    models_table,
    progress,
    sketch,
)
from app.ui.pages.train.champion_panel import champion_panel
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import (
    NEWEST,
    choose_data_set,
    choose_parent,
    chosen_project,
    select_next,
)
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.no_data import no_data
from app.ui.widgets.texts import plain
from iris_core.data.evaluation_split import SHARE
from iris_core.model.models import ModelCard


def show_form(workspace: Workspace, *, busy: bool) -> str:
    """Ask for data, network and options, and start the training; return the data set's id."""
    left, right = st.columns(2, gap="large")
    with left:
        data = choose_data_set(
            workspace,
            state.TRAIN_ON,
            "Data set",
            help_text=f"{SHARE:.0%} of the rows evaluate the model and are never trained on.",
            purpose="train",
        )
        if data is None:
            no_data()
            return ""
        parent = choose_parent(workspace, "Start from")
        model_form.choose_network(parent, data.rows)
        with st.expander("Details of the network"):
            spec = model_form.ask_for_network()
    with right, error_display.show_errors():
        options = model_form.ask_for_options(_imbalance(workspace, data.id, data.rows))
        why_not = why_not_trainable(data)
        if why_not:
            st.warning(plain(why_not))
        if st.button(
            "Train", type="primary", disabled=busy or bool(why_not), icon=":material/play_arrow:"
        ):
            start_training(workspace, data.id, spec, options, parent=parent.id if parent else None)
            select_next(state.MODEL, NEWEST)
            st.rerun()
        sketch.show(workspace, data, spec, parent)
    return data.id


@st.cache_data(max_entries=200, show_spinner=False)
def _imbalance(_workspace: Workspace, dataset_id: str, rows: int) -> str:
    """Return what to do about the classes of a data set, read once for each."""
    return stored_imbalance(_workspace, dataset_id, rows=rows)


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    job = workspace.jobs.latest(TRAIN)
    chosen = ""
    with st.container(), error_display.show_errors():
        chosen = show_form(workspace, busy=job is not None and not job.is_over)
    # What went wrong with other data is of no use here.
    is_of_other_data = job is not None and job.error is not None and job.subject != chosen
    job_panel(
        None if is_of_other_data else job,
        live=lambda job: progress.show_curves(list(job.events)),
        done=progress.show_result,
        lines={EPOCHS: "Epochs"},
    )
    cards: Sequence[ModelCard] = ()
    with error_display.show_errors():
        cards = models_of(chosen_project(), workspace.models.list().cards)
        st.subheader("Models")
        if cards:
            models_table.show(cards)
            champion_panel(workspace, cards[0])
            models_table.compare(cards)
            explained_model.show(workspace, cards)
        else:
            st.info("No model yet. The choices above are good ones: press Train.")
    with error_display.show_errors():
        manage_models.show(workspace, cards)


page()
