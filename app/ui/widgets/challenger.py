"""A challenger beside the champion, compared row by row once for each pair."""

from __future__ import annotations

import streamlit as st

from app.services.model.comparing import ComparedModels, compare_on_evaluation
from app.services.workspace import Workspace


@st.cache_data(max_entries=20, show_spinner="Comparing row by row…")
def compared_with_champion(
    _workspace: Workspace, current: str, challenger: str, evaluation: str
) -> ComparedModels:
    """Compare two models on the evaluation set of their project.

    Args:
        _workspace: with both.
        current: id of the champion.
        challenger: id of the other one.
        evaluation: the id of the rows, which never change under it.
    """
    del evaluation
    return compare_on_evaluation(_workspace, current, challenger)
