"""Choosing a data set, a model or a run: remembered over page switches, told in the URL.

What was chosen may be deleted meanwhile, in another session or on the command line. Then that is
said, and a click that came for it is not carried out on something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from app.services.datasets import default_dataset
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.texts import model_name, plain, run_name, sentence
from iris_core.model.models import ModelCard
from iris_core.records.run import Run
from iris_core.storage.cards import DataSetCard

NEWEST = ""
"""The choice of whatever is newest, also tomorrow; of none, where a new one is to be made."""


def select_next(key: str, value: object) -> None:
    """Give a widget this value when it is drawn next; its own key is locked once it is drawn."""
    st.session_state[state.pending(key)] = value


def apply_pending(key: str) -> None:
    """Fulfil such a wish; call it before the widget is drawn."""
    wish = state.pending(key)
    if wish in st.session_state:
        st.session_state[key] = st.session_state.pop(wish)


def choose_data_set(
    workspace: Workspace,
    key: str,
    label: str,
    *,
    help_text: str | None = None,
    without: str | None = None,
    first: str = "",
) -> DataSetCard:
    """A data set of the workspace; the default one is added to an empty workspace.

    `without`: the id of one that is not to be chosen; there must be another. `first`: the id of the
    one to begin with if it is there, else it is the oldest.
    """
    listing = workspace.datasets.list()
    if not listing.cards:
        default_dataset(workspace)
        listing = workspace.datasets.list()
    for fault in listing.broken:
        st.warning(sentence(fault))
    cards = {card.id: card for card in reversed(listing.cards) if card.id != without}
    if first in cards:
        cards = {first: cards[first], **cards}
    names = {card.id: f"{card.name} · {card.rows:,} rows" for card in cards.values()}
    return cards[_choose(label, key, names, help_text=help_text, left_out={without})]


def choose_model(workspace: Workspace, label: str = "Model") -> ModelCard | None:
    """A model of the workspace, the newest unless another is chosen; None when there is none."""
    listing = workspace.models.list()
    for fault in listing.broken:
        st.warning(sentence(fault))
    if not listing.cards:
        return None
    cards = {NEWEST: listing.cards[0], **{card.id: card for card in listing.cards}}
    names = {id_: model_name(card) for id_, card in cards.items()}
    names[NEWEST] = f"Newest: {names[NEWEST]}"
    return cards[_choose(label, state.MODEL, names)]


def choose_parent(workspace: Workspace, label: str) -> ModelCard | None:
    """The model to go on from; None for a new one."""
    cards = {card.id: card for card in workspace.models.list().cards}
    names = {NEWEST: "A new model", **{id_: model_name(card) for id_, card in cards.items()}}
    return cards.get(_choose(label, state.PARENT, names))


def choose_run(runs: Sequence[Run], label: str = "Run") -> Run | None:
    """One of the runs, the first unless another is chosen; None when there is none."""
    if not runs:
        return None
    by_id = {NEWEST: runs[0], **{run.id: run for run in runs}}
    names = {id_: run_name(run) for id_, run in by_id.items()}
    names[NEWEST] = f"Newest: {names[NEWEST]}"
    return by_id[_choose(label, state.RUN, names)]


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """The names by id, those that occur twice with their ids."""
    taken = Counter(names.values())
    return {id_: f"{name} · {id_}" if taken[name] > 1 else name for id_, name in names.items()}


def _choose(
    label: str,
    key: str,
    options: Mapping[str, str],
    *,
    help_text: str | None = None,
    left_out: Collection[str | None] = (),
) -> str:
    """One of `options`, names by id: as wished, else as before, else as in the URL, else the first.

    `left_out`: what is there, but not to be chosen here.
    """
    apply_pending(key)
    names = distinct(options)
    first = next(iter(names))
    asked = st.session_state.get(key, st.query_params.get(key))
    current = asked if asked in names else first
    # A browser goes by the words, which are others when there is a newer model: tell it again.
    words = state.option_label(key)
    before = st.session_state.get(words)
    if st.session_state.get(key) != current or before != names[current]:
        st.session_state[key] = current
    if asked and asked.strip() and asked != current and asked not in left_out:
        _say_gone(key, asked, before, names[current])
    chosen = st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        help=help_text,
        persist_state="session",
    )
    if told := st.session_state.pop(state.missing_choice(key), None):
        st.warning(told, icon=":material/search_off:")
    st.session_state[words] = names[chosen]
    if chosen == first:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != chosen:
        st.query_params[key] = chosen
    return chosen


def _say_gone(key: str, asked: str, before: str | None, instead: str) -> None:
    """Note that what was asked for is not there; what was clicked on beside it is not done."""
    if before is None:
        told = f"The link names '{asked[:60]}', which is not in this list."
    else:
        told = f"'{before}' is not in this list any more."
    st.session_state[state.missing_choice(key)] = plain(f"{told} '{instead}' is chosen instead.")
    if before is not None:
        st.rerun()
