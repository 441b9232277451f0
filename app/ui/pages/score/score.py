"""The Score page: one sample in, the class and the probability of each class out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.scoring import deviation_bars, probability_bars, response_curves
from app.ui.visit import visit_workspace
from app.ui.widgets import error_display, pictures
from app.ui.widgets.choosers import choose_data_set, choose_model
from app.ui.widgets.class_statistics import comparison_table, statistics_of_class
from app.ui.widgets.texts import percent, plain, whole
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError, NotFoundError
from iris_core.exploration.class_statistics import z_scores
from iris_core.model.models import Model, ModelCard
from iris_core.model.prediction import Score, predict, score
from iris_core.model.schema import CategoricalFeature, Feature, NumericFeature, Schema

COLUMNS = 4
STEPS = 61
"""Values at which the model is asked, to show how its answer moves with one feature."""


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
            name,
            feature.categories,
            index=None,
            key=key,
            persist_state="session",
            placeholder="missing",
            help="Empty if it is missing.",
        )
    low, high = feature.minimum, feature.maximum
    if key not in st.session_state:
        st.session_state[key] = average(feature)
    return st.number_input(
        name,
        value=None,
        step=float(f"{(high - low) / 50 or 1:.1g}"),
        format="%.6g",
        key=key,
        persist_state="session",
        placeholder="missing",
        help=f"In training {low:.4g} to {high:.4g}, {feature.mean:.4g} on average. Empty if it "
        "is missing.",
    )


def average(feature: NumericFeature) -> float:
    """What a feature was on average, in as many digits as a person would write."""
    return float(f"{feature.mean:.4g}")


def start_from(workspace: Workspace, card: ModelCard) -> None:
    """Offer to begin with a record of a data set, or with the averages."""
    linked(workspace, card)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Sample", width="content")
        with st.popover("Start from a record", icon=":material/table_rows:", key=state.SCORE_OPEN):
            data = choose_data_set(workspace, state.SCORE_FROM, "Data set", first=card.dataset_id)
            if not 0 <= st.session_state.get(state.SCORE_ROW, 0) < data.rows:
                st.session_state[state.SCORE_ROW] = 0
            st.number_input(
                "Row",
                0,
                data.rows - 1,
                key=state.SCORE_ROW,
                persist_state="session",
                help=f"Counted from 0; the last one is {data.rows - 1:,}.",
            )
            st.button("Take it", type="primary", on_click=take, args=(workspace, card))
        st.button(
            "Averages",
            icon=":material/functions:",
            on_click=take_averages,
            args=(card,),
            help="Begin with what each feature was on average in training.",
        )
    error_display.show_deferred_error()


def linked(workspace: Workspace, card: ModelCard) -> None:
    """Begin with the record that the page's URL names, when it is another than before."""
    named = st.query_params.get(state.RECORD, "").strip()
    if not named:
        return
    dataset_id, _, number = named.partition(":")
    row = whole(number)
    if row is not None and st.session_state.get(state.SCORE_START) == (dataset_id, row):
        return
    with error_display.defer_errors():
        if row is None:
            raise DataError(
                f"Expected a data set's id and a row in the link, such as 0123456789ab:7, received "
                f"'{named[:40]}'. Choose a record here."
            )
        fill(workspace, card, dataset_id, row)
    if st.session_state.get(state.SCORE_START) != (dataset_id, row):
        st.query_params.pop(state.RECORD, None)


def take(workspace: Workspace, card: ModelCard) -> None:
    """Fill the form with the record that is chosen now: the page may not have been drawn since."""
    dataset_id, row = st.session_state[state.SCORE_FROM], st.session_state[state.SCORE_ROW]
    with error_display.defer_errors(), st.spinner("Reading the record…"):
        fill(workspace, card, dataset_id, row)
        st.query_params[state.RECORD] = f"{dataset_id}:{row}"


def take_averages(card: ModelCard) -> None:
    """Fill the form with the averages of the training data."""
    for feature in card.schema.features:
        number = isinstance(feature, NumericFeature)
        value: object = (
            average(feature)
            if isinstance(feature, NumericFeature)
            else next(iter(feature.categories), None)
        )
        st.session_state[state.feature(feature.name, number=number)] = value
    st.session_state.pop(state.SCORE_START, None)
    st.query_params.pop(state.RECORD, None)


def fill(workspace: Workspace, card: ModelCard, dataset_id: str, row: int) -> None:
    """Fill the form with a record's values; what the model cannot take is left missing."""
    dataset = workspace.datasets.load(dataset_id)
    values = record_of(dataset, card.schema, row)
    for feature in card.schema.features:
        key = state.feature(feature.name, number=isinstance(feature, NumericFeature))
        st.session_state[key] = values[feature.name]
    st.session_state[state.SCORE_START] = (dataset_id, row)


def record_of(dataset: DataSet, schema: Schema, row: int) -> dict[str, object]:
    """The values of a row that a model can take, None for the others."""
    if not 0 <= row < dataset.rows:
        raise DataError(
            f"{dataset.name}: expected a row from 0 to {dataset.rows - 1:,}, received {row:,}. "
            "Choose one of these."
        )
    cells = dataset.frame.iloc[row]
    values: dict[str, object] = {}
    for feature in schema.features:
        cell = cells.get(feature.name)
        if isinstance(feature, CategoricalFeature):
            values[feature.name] = cell if cell in feature.categories else None
        else:
            number = float(cell) if isinstance(cell, (int, float, np.number)) else math.nan
            values[feature.name] = None if math.isnan(number) else number
    return values


def beginning(workspace: Workspace, card: ModelCard) -> tuple[str, dict[str, object]]:
    """What the form began with, in words, and its values."""
    start = st.session_state.get(state.SCORE_START)
    if start is not None:
        # A data set may be deleted meanwhile.
        with suppress(NotFoundError):
            dataset = workspace.datasets.load(start[0])
            actual = dataset.frame[dataset.label].iloc[start[1]]
            told = f"Row {start[1]:,} of {plain(dataset.name)}, actually **{plain(str(actual))}**."
            return told, record_of(dataset, card.schema, start[1])
    return "The averages of the training data.", {
        feature.name: average(feature)
        if isinstance(feature, NumericFeature)
        else next(iter(feature.categories), None)
        for feature in card.schema.features
    }


def answer(
    workspace: Workspace, card: ModelCard, model: Model, values: Mapping[str, object]
) -> Score:
    """Show what the model says, beside what it said of the values at the start."""
    told, at_start = beginning(workspace, card)
    now = score(model, values)
    changed = [name for name, value in values.items() if value != at_start[name]]
    before = score(model, at_start) if changed else None
    left, right = st.columns([1, 2], vertical_alignment="center")
    left.metric(
        plain(card.schema.label),
        plain(now.label),
        percent(now.probabilities[now.label]),
        delta_color="off",
        delta_arrow="off",
    )
    left.caption(told + (f" Changed: {plain(', '.join(changed[:5]))}." if changed else ""))
    with right:
        pictures.show(
            probability_bars(now.probabilities, before.probabilities if before else None),
            name="probabilities",
        )
    return now


def responses(model: Model, values: Mapping[str, object]) -> None:
    """Show how the answer moves with one value."""
    schema = model.card.schema
    if not schema.numeric:
        return
    st.subheader("What if")
    names = [feature.name for feature in schema.numeric]
    if st.session_state.get(state.RESPONSE) not in names:
        st.session_state[state.RESPONSE] = most_telling(model, values)
    chosen = st.selectbox(
        "How the probabilities move with",
        names,
        key=state.RESPONSE,
        persist_state="session",
        help="From the smallest to the largest value in training; all others stay as above.",
    )
    feature = next(entry for entry in schema.numeric if entry.name == chosen)
    steps = np.linspace(feature.minimum, feature.maximum, STEPS)
    frame = pd.DataFrame({name: [value] * STEPS for name, value in values.items()})
    frame[chosen] = steps
    shares = predict(model, frame)
    now = values[chosen]
    pictures.show(
        response_curves(
            chosen,
            steps.tolist(),
            {name: shares[:, place].tolist() for place, name in enumerate(schema.classes)},
            now if isinstance(now, float) else None,
        ),
        name="response",
    )


def most_telling(model: Model, values: Mapping[str, object]) -> str:
    """The number whose extremes in training move the answer most."""
    numeric = model.card.schema.numeric
    frame = pd.DataFrame([values] * (2 * len(numeric)))
    for place, feature in enumerate(numeric):
        frame[feature.name] = frame[feature.name].astype("float64")
        frame.loc[2 * place, feature.name] = feature.minimum
        frame.loc[2 * place + 1, feature.name] = feature.maximum
    shares = predict(model, frame)
    moved = np.abs(shares[::2] - shares[1::2]).sum(axis=1)
    return numeric[int(moved.argmax())].name


def usualness(
    workspace: Workspace, card: ModelCard, now: Score, values: Mapping[str, object]
) -> None:
    """Show how far the values are from what the predicted class usually shows."""
    st.subheader(f"Beside the usual {plain(now.label)}")
    typical = statistics_of_class(workspace, card, now.label)
    if typical is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.caption("Distance from the class's mean in standard deviations; beyond 2 is unusual.")
        pictures.show(deviation_bars(z_scores(values, typical), now.label), name="deviations")
    with right:
        comparison_table(values, {now.label: typical})


def page() -> None:
    """Draw the page."""
    workspace = visit_workspace()
    st.title("Score")
    with error_display.show_errors():
        card = choose_model(workspace)
        if card is None:
            st.info("There is no model yet to ask. Train one first; it takes some seconds.")
            navigation.link("train", label="Train a model", icon=":material/play_arrow:")
            return
        result = st.container(border=True)
        start_from(workspace, card)
        values = sample(card.schema)
        with error_display.show_errors():
            with result:
                with st.spinner("Loading the model…"):
                    model = workspace.models.load(card.id)
                now = answer(workspace, card, model, values)
            usualness(workspace, card, now, values)
            responses(model, values)


page()
