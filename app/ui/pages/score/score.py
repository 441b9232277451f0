"""The Score page: one sample in, the class and the probability of each class out."""

from __future__ import annotations

import streamlit as st

from app.ui import navigation
from app.ui.pages.score import prediction, sample_form
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_model
from app.ui.widgets.explanation_panel import reasons_panel


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    with error_display.show_errors():
        sample_form.follow_record_link(workspace)
        card = choose_model(workspace)
        if card is None:
            st.info("There is no model yet to ask. Train one first; it takes some seconds.")
            navigation.link("train", label="Train a model", icon=":material/play_arrow:")
            return
        result = st.container(border=True)
        sample_form.starting_points(workspace, card)
        sample = sample_form.ask_for_sample(card.schema)
        with error_display.show_errors():
            with result:
                with st.spinner("Loading the model…"):
                    model = workspace.models.load(card.id)
                origin, start = sample_form.starting_sample(workspace, card)
                now = prediction.show_prediction(model, sample, start=start, origin=origin)
            by_chance = sorted(now.probabilities, key=now.probabilities.__getitem__, reverse=True)
            reasons_panel(workspace, card.id, sample, by_chance)
            prediction.show_class_comparison(workspace, card, now.label, sample)
            prediction.show_response(model, sample)


page()
