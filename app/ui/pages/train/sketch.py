"""The layers of the network that is about to be trained."""

from __future__ import annotations

import streamlit as st

from app.services.model.network_size import input_width
from app.services.workspace import Workspace
from app.ui.figures.training import network_sketch
from app.ui.widgets import pictures
from iris_core.model.models import ModelCard
from iris_core.model.options import ModelSpec
from iris_core.storage.cards import DataSetCard


def show(
    workspace: Workspace, data: DataSetCard, spec: ModelSpec, parent: ModelCard | None
) -> None:
    """Draw a new network for a data set, or that of the model to start from."""
    if parent is not None:
        spec, inputs, classes = parent.spec, parent.schema.width, len(parent.schema.classes)
    else:
        inputs = _inputs(workspace, data.id, data.rows, data.columns, spec.input_bins)
        classes = len(data.classes)
    pictures.show(network_sketch(inputs, spec, classes))
    caption = "Above each layer its width, between the layers the parameters, biases included."
    st.caption(f"One of {spec.members} members. {caption}" if spec.is_ensemble else caption)


@st.cache_data(max_entries=200, show_spinner=False)
def _inputs(_workspace: Workspace, dataset_id: str, rows: int, columns: int, bins: int) -> int:
    """Return the number of inputs, computed once for each data set and number of bins."""
    return input_width(_workspace, dataset_id, rows=rows, columns=columns, bins=bins)
