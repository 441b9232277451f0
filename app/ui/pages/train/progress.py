"""A training as it goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.job_starters import start_test
from app.services.jobs import Job
from app.ui import navigation, state
from app.ui.figures.training import accuracy_curve, loss_curve
from app.ui.visit import visit_workspace
from app.ui.widgets import pictures
from app.ui.widgets.accuracy import show_evaluation
from app.ui.widgets.choosers import NEWEST, select_next
from app.ui.widgets.texts import plain
from iris_core.evaluation.overfitting import overfitting_since
from iris_core.model.models import Epoch, ModelCard


def show_curves(history: Sequence[Epoch]) -> None:
    """Draw loss and accuracy over the epochs so far."""
    if not history:
        st.caption("TensorFlow is being loaded or the network compiled; that takes some seconds.")
        return
    left, right = st.columns(2)
    with left:
        pictures.show(loss_curve(history))
    with right:
        pictures.show(accuracy_curve(history))


def show_result(job: Job) -> None:
    """Say what came of a training, and what to do next."""
    card: ModelCard = job.result
    st.info(f"Trained **{plain(card.name)} v{card.version}** in {job.seconds:.1f} s.")
    show_evaluation(card)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            f"Test it on {plain(card.dataset_name)}",
            type="primary",
            icon=":material/play_arrow:",
            help="On all its rows. Those that the model was trained on are counted apart.",
        ):
            start_test(visit_workspace(), card.id, card.dataset_id)
            for key, chosen in ((state.MODEL, card.id), (state.RUN, NEWEST)):
                select_next(key, chosen)
            navigation.open_page("test")
        navigation.link(
            "test",
            label="Test it on other data",
            icon=":material/fact_check:",
            query_params={state.MODEL: card.id},
        )
    show_curves(card.history)
    _say_overfitting(card)


def _say_overfitting(card: ModelCard) -> None:
    """Say since which epoch the training overfits, and what to do about it."""
    since = overfitting_since(card.history)
    if since is None:
        return
    rise = "since then the validation loss rose, and the training loss fell"
    if card.options.patience is not None:
        st.caption(f"The model has the weights of epoch {since}: {rise}, which is overfitting.")
        return
    st.warning(
        f"Set a patience, which keeps the weights of the best epoch, or add dropout: overfitting "
        f"since epoch {since}; {rise}.",
        icon=":material/trending_up:",
    )
