"""The form for a sample, and the records that it can begin with."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from app.services.model.scoring_form import (
    default_sample,
    default_value,
    parse_record_link,
    sample_from,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.choosers import choose_data_set, new_link, select_project
from app.ui.widgets.texts import plain
from iris_core.errors import DataError, NotFoundError
from iris_core.model.features import CategoricalFeature, DateFeature, Feature, NumericFeature
from iris_core.model.models import ModelCard
from iris_core.model.schema import Schema
from iris_core.storage.cards import DataSetCard

COLUMNS = 4
_LINK_SHOWN = 40


def ask_for_sample(schema: Schema) -> dict[str, object]:
    """Ask for a value of each feature; returns None for those that are missing."""
    values: dict[str, object] = {}
    for start in range(0, len(schema.features), COLUMNS):
        row = st.columns(COLUMNS)
        for column, feature in zip(row, schema.features[start:], strict=False):
            with column:
                values[feature.name] = _ask(feature)
    return values


def follow_record_link(workspace: Workspace) -> None:
    """Choose the project of the record that a new link names; a link's model comes first."""
    dataset_id, row = parse_record_link(st.query_params.get(state.RECORD, "").strip())
    is_known = st.session_state.get(state.SCORE_START) == (dataset_id, row)
    if row is not None and not is_known and not new_link(state.MODEL):
        with suppress(NotFoundError):
            select_project(workspace.datasets.card(dataset_id).project)


def starting_points(workspace: Workspace, card: ModelCard) -> None:
    """Offer to begin with a record of a data set, or with the averages."""
    _start_from_link(workspace, card)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Sample", width="content")
        with st.popover("Start from a record", icon=":material/table_rows:", key=state.SCORE_OPEN):
            data = choose_data_set(workspace, state.SCORE_FROM, "Data set", first=card.dataset_id)
            if data is not None:
                _choose_row(workspace, card, data)
        st.button(
            "Averages",
            icon=":material/functions:",
            on_click=_use_averages,
            args=(card.schema,),
            help="Begin with the mean of each feature in training.",
        )
    error_display.show_deferred_error()


def starting_sample(workspace: Workspace, card: ModelCard) -> tuple[str, dict[str, object]]:
    """Return what the form began with, as a sentence in Markdown and as values."""
    start = st.session_state.get(state.SCORE_START)
    if start is not None:
        dataset_id, row = start
        # The data set may have been deleted meanwhile.
        with suppress(NotFoundError):
            dataset = workspace.datasets.load(dataset_id)
            label = plain(str(dataset.frame[dataset.label].iloc[row]))
            sentence = f"Row {row:,} of {plain(dataset.name)}, true label **{label}**."
            return sentence, sample_from(dataset, card.schema, row)
    return "The averages of the training data.", default_sample(card.schema)


def _choose_row(workspace: Workspace, card: ModelCard, data: DataSetCard) -> None:
    """Offer to begin with a row of a data set."""
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
    st.button("Use this record", type="primary", on_click=_use_record, args=(workspace, card))


def _ask(feature: Feature) -> object:
    """Ask for one feature; a default stands there at first, and can be removed."""
    key = _key(feature)
    if key not in st.session_state:
        st.session_state[key] = default_value(feature)
    if isinstance(feature, CategoricalFeature):
        return st.selectbox(
            plain(feature.name),
            feature.categories,
            index=None,
            key=key,
            persist_state="session",
            placeholder="missing",
            help="Empty if it is missing.",
        )
    if isinstance(feature, DateFeature):
        text = st.text_input(
            plain(feature.name),
            key=key,
            persist_state="session",
            placeholder="missing",
            help=f"A date such as {feature.first}. Empty if it is missing.",
        )
        return (text or "").strip() or None
    low, high = feature.minimum, feature.maximum
    return st.number_input(
        plain(feature.name),
        value=None,
        step=float(f"{(high - low) / 50 or 1:.1g}"),
        format="%.6g",
        key=key,
        persist_state="session",
        placeholder="missing",
        help=f"In training {low:.4g} to {high:.4g}, {feature.mean:.4g} on average. Empty if it "
        "is missing.",
    )


def _key(feature: Feature) -> str:
    """Return the session key of a feature's value."""
    return state.feature(feature.name, number=isinstance(feature, NumericFeature))


def _start_from_link(workspace: Workspace, card: ModelCard) -> None:
    """Begin with the record that the page's URL names, if it is another than before."""
    link = st.query_params.get(state.RECORD, "").strip()
    if not link:
        return
    dataset_id, row = parse_record_link(link)
    if row is not None and st.session_state.get(state.SCORE_START) == (dataset_id, row):
        return
    with error_display.defer_errors():
        if row is None:
            raise DataError(
                "Choose a record here: the link names none. Expected a data set's id and a row "
                f"in it, such as 0123456789ab:7, received '{link[:_LINK_SHOWN]}'."
            )
        _fill(workspace, card, dataset_id, row)
    if st.session_state.get(state.SCORE_START) != (dataset_id, row):
        st.query_params.pop(state.RECORD, None)


def _use_record(workspace: Workspace, card: ModelCard) -> None:
    """Fill the form with the chosen record, read now: the page may not have been drawn since."""
    dataset_id, row = st.session_state[state.SCORE_FROM], st.session_state[state.SCORE_ROW]
    with error_display.defer_errors(), st.spinner("Reading the record…"):
        _fill(workspace, card, dataset_id, row)
        st.query_params[state.RECORD] = f"{dataset_id}:{row}"


def _use_averages(schema: Schema) -> None:
    """Fill the form with the averages of the training data."""
    for feature in schema.features:
        st.session_state[_key(feature)] = default_value(feature)
    st.session_state.pop(state.SCORE_START, None)
    st.query_params.pop(state.RECORD, None)


def _fill(workspace: Workspace, card: ModelCard, dataset_id: str, row: int) -> None:
    """Fill the form with a record's values; what the model cannot take is left missing."""
    values = sample_from(workspace.datasets.load(dataset_id), card.schema, row)
    for feature in card.schema.features:
        st.session_state[_key(feature)] = values[feature.name]
    st.session_state[state.SCORE_START] = (dataset_id, row)
