"""What a model predicts for a sample: probabilities, z-scores, and what a change would do."""

from __future__ import annotations

import streamlit as st

from app.services.model.scoring_form import Sample, most_influential, response
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.scoring import deviation_bars, probability_bars, response_curves
from app.ui.widgets import pictures
from app.ui.widgets.class_statistics import comparison_table, statistics_of_class
from app.ui.widgets.texts import percent, plain
from iris_core.exploration.class_statistics import z_scores
from iris_core.model.models import Model, ModelCard
from iris_core.model.prediction import Score, score

_CHANGES_NAMED = 5


def show_prediction(model: Model, sample: Sample, *, start: Sample, origin: str) -> Score:
    """Draw the prediction of a sample, and that of the sample it began with.

    Args:
        model: that predicts.
        sample: the values now.
        start: the values that the form began with.
        origin: where these are from, a sentence in Markdown.

    Returns:
        The prediction of the values now.
    """
    now = score(model, sample)
    changed = [name for name, value in sample.items() if value != start[name]]
    before = score(model, start) if changed else None
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.metric(
        plain(model.card.schema.label),
        plain(now.label),
        percent(now.probabilities[now.label]),
        delta_color="off",
        delta_arrow="off",
    )
    changes = plain(", ".join(changed[:_CHANGES_NAMED]))
    left.caption(origin + (f" Changed: {changes}." if changed else ""))
    with right:
        pictures.show(
            probability_bars(now.probabilities, before.probabilities if before else None),
            name="probabilities",
        )
    return now


def show_class_comparison(
    workspace: Workspace, card: ModelCard, label: str, sample: Sample
) -> None:
    """Compare the values with those of the predicted class in the training data."""
    st.subheader(f"Compared with typical {plain(label)}")
    statistics = statistics_of_class(workspace, card, label)
    if statistics is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(
            "z-score: distance from the class's mean in standard deviations; beyond 2 is unusual."
        )
        pictures.show(deviation_bars(z_scores(sample, statistics), label), name="deviations")
    with right:
        comparison_table(sample, {label: statistics})


def show_response(model: Model, sample: Sample) -> None:
    """Draw how the prediction changes with one value, which can be chosen."""
    names = [feature.name for feature in model.card.schema.numeric]
    if not names:
        return
    st.subheader("What if")
    if st.session_state.get(state.RESPONSE) not in names:
        st.session_state[state.RESPONSE] = most_influential(model, sample)
    column = st.selectbox(
        "How the probabilities change with",
        names,
        key=state.RESPONSE,
        persist_state="session",
        help="From the smallest to the largest value in training; all others stay as above.",
    )
    curves, current = response(model, sample, column), sample[column]
    pictures.show(
        response_curves(
            column,
            curves.values,
            curves.probabilities,
            current if isinstance(current, float) else None,
        ),
        name="response",
    )
