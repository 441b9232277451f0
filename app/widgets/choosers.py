"""Choosing a data set, a model or a run: remembered over page switches, told in the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app import state
from app.pipeline import default_dataset
from app.services import Services
from app.widgets.texts import model_name, run_name, sentence
from aws.run_table import Run
from iris_core.cards import DataSetCard
from iris_core.models import ModelCard

NEWEST = ""
"""The choice of whatever is newest, also tomorrow; of none, where a new one is to be made."""


def point_to(key: str, value: object) -> None:
    """Give a widget this value when it is drawn next; its own key is locked once it is drawn."""
    st.session_state[state.wish(key)] = value


def granted(key: str) -> None:
    """Fulfil such a wish; call it before the widget is drawn."""
    wish = state.wish(key)
    if wish in st.session_state:
        st.session_state[key] = st.session_state.pop(wish)


def choose_data_set(
    services: Services,
    key: str,
    label: str,
    *,
    help_text: str | None = None,
    without: str | None = None,
) -> DataSetCard:
    """A data set of the workspace; the default one is added to an empty workspace.

    `without`: the id of one that is not to be chosen; there must be another.
    """
    listing = services.datasets.list()
    if not listing.cards:
        default_dataset(services)
        listing = services.datasets.list()
    for fault in listing.broken:
        st.warning(sentence(fault))
    cards = {card.id: card for card in reversed(listing.cards) if card.id != without}
    names = _distinct({card.id: f"{card.name} · {card.rows:,} rows" for card in cards.values()})
    return cards[_choose(label, key, list(cards), names.__getitem__, help_text)]


def choose_model(services: Services, label: str = "Model") -> ModelCard | None:
    """A model of the workspace, the newest unless another is chosen; None when there is none."""
    listing = services.models.list()
    for fault in listing.broken:
        st.warning(sentence(fault))
    if not listing.cards:
        return None
    cards = {NEWEST: listing.cards[0], **{card.id: card for card in listing.cards}}
    names = {id_: model_name(card) for id_, card in cards.items()}
    names[NEWEST] = f"Newest: {names[NEWEST]}"
    return cards[_choose(label, state.MODEL, list(cards), names.__getitem__)]


def choose_parent(services: Services, label: str) -> ModelCard | None:
    """The model to go on from; None for a new one."""
    cards = {card.id: card for card in services.models.list().cards}
    names = {NEWEST: "A new model", **{id_: model_name(card) for id_, card in cards.items()}}
    return cards.get(_choose(label, state.PARENT, list(names), names.__getitem__))


def choose_run(runs: Sequence[Run], label: str = "Run") -> Run | None:
    """One of the runs, the first unless another is chosen; None when there is none."""
    if not runs:
        return None
    by_id = {NEWEST: runs[0], **{run.id: run for run in runs}}
    names = {id_: run_name(run) for id_, run in by_id.items()}
    names[NEWEST] = f"Newest: {names[NEWEST]}"
    return by_id[_choose(label, state.RUN, list(by_id), names.__getitem__)]


def _choose(
    label: str,
    key: str,
    options: Sequence[str],
    name: Callable[[str], str],
    help_text: str | None = None,
) -> str:
    """One of `options`: as wished, else as chosen before, else as the URL says, else the first."""
    granted(key)
    current = st.session_state.get(key, st.query_params.get(key))
    if current not in options:
        current = options[0]
    # A browser goes by the words, which are others when there is a newer model: tell it again.
    words = state.words(key)
    if st.session_state.get(key) != current or st.session_state.get(words) != name(current):
        st.session_state[key] = current
    chosen = st.selectbox(
        label, options, format_func=name, key=key, help=help_text, persist_state="session"
    )
    st.session_state[words] = name(chosen)
    if chosen == options[0]:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != chosen:
        st.query_params[key] = chosen
    return chosen


def _distinct(names: dict[str, str]) -> dict[str, str]:
    """The names, those that occur twice with their ids."""
    taken = list(names.values())
    return {
        id_: f"{name} · {id_}" if taken.count(name) > 1 else name for id_, name in names.items()
    }
