"""The Score page: one sample in, the class and the probability of each class out."""

from __future__ import annotations

import streamlit as st

from app import state
from app.figures.scoring import probability_bars
from app.services import shared
from app.widgets import pictures, problems
from app.widgets.choosers import choose_model
from app.widgets.texts import percent, plain
from iris_core.schema import CategoricalFeature, Feature, NumericFeature, Schema
from iris_core.scoring import score

COLUMNS = 4


def sample(schema: Schema) -> dict[str, object]:
    """Ask for a value of each feature, None where it is missing."""
    values: dict[str, object] = {}
    for start in range(0, len(schema.features), COLUMNS):
        places = st.columns(COLUMNS)
        for place, feature in zip(places, schema.features[start:], strict=False):
            with place:
                values[feature.name] = ask(feature)
    return values


def ask(feature: Feature) -> object:
    """Ask for one feature; what is usual stands there already, and can be taken away."""
    key = state.feature(feature.name, number=isinstance(feature, NumericFeature))
    name = plain(feature.name)
    if isinstance(feature, CategoricalFeature):
        if key not in st.session_state:
            st.session_state[key] = next(iter(feature.categories), None)
        return st.selectbox(
            name, feature.categories, index=None, key=key, persist_state="session",
            placeholder="missing", help="Empty if it is missing.",
        )  # fmt: skip
    low, high = feature.minimum, feature.maximum
    if key not in st.session_state:
        # As many digits as a person would write.
        st.session_state[key] = float(f"{feature.mean:.4g}")
    return st.number_input(
        name, value=None, step=float(f"{(high - low) / 50 or 1:.1g}"), format="%.6g", key=key,
        persist_state="session", placeholder="missing",
        help=f"In training {low:.4g} to {high:.4g}, {feature.mean:.4g} on average. Empty if it "
        "is missing.",
    )  # fmt: skip


def page() -> None:
    """Draw the page."""
    services = shared()
    st.title("Score")
    with problems.shown():
        card = choose_model(services)
        if card is None:
            st.info("There is no model yet to ask. Train one first; it takes some seconds.")
            st.page_link("app/pages/train.py", label="Train a model", icon=":material/play_arrow:")
            return
        result = st.container(border=True)
        st.subheader("Sample")
        st.caption("The values are the averages of the training data until you change them.")
        values = sample(card.schema)
        with result, problems.shown():
            with st.spinner("Loading the model…"):
                answer = score(services.models.load(card.id), values)
            left, right = st.columns([1, 2], vertical_alignment="center")
            left.metric(
                plain(card.schema.label),
                plain(answer.label),
                percent(answer.probabilities[answer.label]),
                delta_color="off",
                delta_arrow="off",
            )
            with right:
                pictures.show(probability_bars(answer.probabilities))


page()
