"""The way on from data that have no model yet."""

from __future__ import annotations

import streamlit as st

from app.services.job_starters import start_training
from app.services.projects import models_of
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.widgets.choosers import chosen_project, select_next
from iris_core.data.datasets import DataSet
from iris_core.model.recipes import DEFAULT, RECIPES


def offer(workspace: Workspace, dataset: DataSet) -> None:
    """Offer to train a first model of a project's data, with the default network.

    Args:
        workspace: that keeps it.
        dataset: to train on.
    """
    if models_of(chosen_project(), workspace.models.list().cards):
        return
    if st.button("Train a first model", type="primary", icon=":material/model_training:"):
        recipe = RECIPES[DEFAULT]
        spec = recipe.spec_for(dataset.rows)
        start_training(workspace, dataset.id, spec, recipe.options)
        select_next(state.TRAIN_ON, dataset.id)
        navigation.open_page("train")
