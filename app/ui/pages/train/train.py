"""The Train page: train a new model, or one further, and see all that were trained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.services.job_starters import EPOCHS, TRAIN, start_training
from app.services.jobs import Job
from app.services.training import HELD_OUT
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.training import accuracy_curve, compared_curves, loss_curve, network_sketch
from app.ui.pages.train import manage_models, model_form
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, pictures
from app.ui.widgets.choosers import NEWEST, choose_data_set, choose_parent, distinct, select_next
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.texts import model_name, percent, plain, when
from iris_core.model.models import Epoch, ModelCard
from iris_core.model.options import ModelSpec
from iris_core.model.schema import Schema
from iris_core.storage.cards import DataSetCard

COMPARED_AT_ONCE = 8
READ_AT_ONCE = 100_000
"""Rows of a data set that is read for the sketch; one that is larger takes seconds."""


def curves(history: Sequence[Epoch]) -> None:
    """Show how a training goes or went."""
    if not history:
        st.caption("TensorFlow is being loaded or the network compiled; that takes some seconds.")
        return
    left, right = st.columns(2)
    with left:
        pictures.show(loss_curve(history))
    with right:
        pictures.show(accuracy_curve(history))


def done(job: Job) -> None:
    """Say what came of a training, and what to do next."""
    card: ModelCard = job.result
    st.success(
        f"Trained **{plain(card.name)} v{card.version}** in {job.seconds:.1f} s: "
        f"{percent(card.metrics['test_accuracy'])} of the rows held out are right."
    )
    navigation.link("test", label="Test it", icon=":material/fact_check:")
    curves(card.history)


def table(cards: Sequence[ModelCard]) -> None:
    """List the models, newest first."""
    rows = [
        {
            "Model": f"{card.name} v{card.version}",
            "Accuracy": card.metrics.get("test_accuracy"),
            "Trained": when(card.created),
            "Data": card.dataset_name,
            "Rows": card.rows,
            "Epochs": len(card.history),
            "Units": ", ".join(map(str, card.spec.units)) or "none",
            "Parent": card.parent or "",
            "Id": card.id,
        }
        for card in cards
    ]
    columns = {
        "Accuracy": st.column_config.NumberColumn(
            format="percent", help="Of the rows held out of training"
        ),
        "Trained": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt="All models")


def sketch(
    workspace: Workspace, data: DataSetCard, spec: ModelSpec, parent: ModelCard | None
) -> None:
    """Draw the layers of the network that is about to be trained."""
    if parent is not None:
        spec, inputs, classes = parent.spec, parent.schema.width, len(parent.schema.classes)
    else:
        inputs, classes = width(workspace, data.id, data.rows, data.columns), len(data.classes)
    pictures.show(network_sketch(inputs, spec, classes))
    st.caption("Above each layer its width, between the layers the parameters, biases included.")


@st.cache_data(max_entries=200, show_spinner=False)
def width(_workspace: Workspace, dataset_id: str, rows: int, columns: int) -> int:
    """How many inputs a network has for a data set; for one that takes long to read, about."""
    if rows > READ_AT_ONCE:
        return columns - 1
    return Schema.fit(_workspace.datasets.load(dataset_id)).width


def compare(cards: Sequence[ModelCard]) -> None:
    """Show the trainings of several models in one picture."""
    st.subheader("Compare trainings")
    by_id = {card.id: card for card in cards}
    names = distinct({card.id: model_name(card) for card in cards})
    if st.session_state.get(state.COMPARED) is not None:
        st.session_state[state.COMPARED] = [
            id_ for id_ in st.session_state[state.COMPARED] if id_ in by_id
        ]
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    chosen = left.multiselect(
        "Models",
        list(names),
        list(names)[:2],
        format_func=names.__getitem__,
        key=state.COMPARED,
        persist_state="session",
        max_selections=COMPARED_AT_ONCE,
        placeholder="Choose models",
        select_all=False,
    )
    figure = right.radio(
        "Figure", ("loss", "accuracy"), key=state.CURVE, horizontal=True, persist_state="session"
    )
    if not chosen:
        st.info("Choose one or more models to see how their trainings went.")
        return
    called = distinct({id_: f"{by_id[id_].name} v{by_id[id_].version}" for id_ in chosen})
    trainings = [(called[id_], by_id[id_].history) for id_ in chosen]
    pictures.show(compared_curves(trainings, figure), name="trainings")


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Train")
    job = workspace.jobs.latest(TRAIN)
    with st.container(), error_display.show_errors():
        left, right = st.columns(2, gap="large")
        with left:
            data = choose_data_set(
                workspace,
                state.TRAIN_ON,
                "Data set",
                help_text=f"{HELD_OUT:.0%} of its rows are held out, to measure the model by.",
            )
            parent = choose_parent(workspace, "Start from")
            with st.expander("Network", expanded=parent is None):
                spec = model_form.network()
        with right, error_display.show_errors():
            chosen = model_form.options()
            busy = job is not None and not job.is_over
            if st.button("Train", type="primary", disabled=busy, icon=":material/play_arrow:"):
                start_training(
                    workspace, data.id, spec, chosen, parent=parent.id if parent else None
                )
                select_next(state.MODEL, NEWEST)
                st.rerun()
            sketch(workspace, data, spec, parent)
    job_panel(job, live=lambda job: curves(list(job.events)), done=done, lines={EPOCHS: "Epochs"})
    cards: Sequence[ModelCard] = ()
    with error_display.show_errors():
        cards = workspace.models.list().cards
        st.subheader("Models")
        if cards:
            table(cards)
            compare(cards)
        else:
            st.info("No model yet. The choices above are good ones: press Train.")
    with error_display.show_errors():
        manage_models.show(workspace, cards)


page()
