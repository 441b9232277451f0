"""All models in a table, and the trainings of several in one figure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui import state
from app.ui.figures.training import compared_curves
from app.ui.widgets import pictures
from app.ui.widgets.choosers import distinct
from app.ui.widgets.texts import model_name, when
from iris_core.model.models import ModelCard

COMPARED_AT_ONCE = 8


def show(cards: Sequence[ModelCard]) -> None:
    """List the models, newest first."""
    rows = [
        {
            "Model": f"{card.name} v{card.version}",
            "Accuracy": card.metrics.get("test_accuracy"),
            "Majority class": card.metrics.get("test_baseline_accuracy"),
            "Logistic regression": card.metrics.get("test_logistic_accuracy"),
            "Balanced accuracy": card.metrics.get("test_balanced_accuracy"),
            "Trained": when(card.created),
            "Data": card.dataset_name,
            "Rows": card.rows,
            "Epochs": len(card.history),
            "Units": card.spec.units_text,
            "Parent": card.parent or "",
            "Id": card.id,
        }
        for card in cards
    ]
    columns = {
        "Accuracy": st.column_config.NumberColumn(
            format="percent", help="On the evaluation set, which no training sees"
        ),
        "Majority class": st.column_config.NumberColumn(
            format="percent", help="Accuracy of always saying the most frequent class"
        ),
        "Logistic regression": st.column_config.NumberColumn(
            format="percent", help="Accuracy of a logistic regression, trained alongside"
        ),
        "Balanced accuracy": st.column_config.NumberColumn(
            format="percent", help="Mean recall of the classes"
        ),
        "Trained": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
    }
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="", column_config=columns, alt="All models"
    )
    if any(row["Accuracy"] is None for row in rows):
        st.caption(
            "Without an accuracy: not measured, for there were too few different rows to set some "
            "aside."
        )


def compare(cards: Sequence[ModelCard]) -> None:
    """Draw the trainings of several models in one figure."""
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
    metric = right.radio(
        "Metric", ("loss", "accuracy"), key=state.CURVE, horizontal=True, persist_state="session"
    )
    if not chosen:
        st.info("Choose one or more models to see how their trainings went.")
        return
    labels = distinct({id_: f"{by_id[id_].name} v{by_id[id_].version}" for id_ in chosen})
    trainings = [(labels[id_], by_id[id_].history) for id_ in chosen]
    pictures.show(compared_curves(trainings, metric), name="trainings")
