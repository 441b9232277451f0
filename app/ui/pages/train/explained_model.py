"""Why a model decides as it does: which columns matter to it, and how it depends on each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.choosers import distinct
from app.ui.widgets.explanation_panel import dependence_panel, importance_panel
from app.ui.widgets.texts import model_name
from iris_core.model.models import ModelCard


def show(workspace: Workspace, cards: Sequence[ModelCard]) -> None:
    """Offer to explain one of some models, by default the newest."""
    st.subheader("Why it decides so")
    names = distinct({card.id: model_name(card) for card in cards})
    if st.session_state.get(state.EXPLAINED) not in names:
        st.session_state[state.EXPLAINED] = cards[0].id
    model_id = st.selectbox(
        "Model to explain",
        list(names),
        format_func=names.__getitem__,
        key=state.EXPLAINED,
        persist_state="session",
    )
    importance_panel(workspace, model_id)
    dependence_panel(workspace, model_id)
