"""Choosers for a data set, a model or a run, remembered over page switches and in the URL.

What was chosen may be deleted meanwhile, in another session or on the command line. Then the page
says so, and a click that was meant for it is not applied to something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from app.services.data.datasets import default_dataset
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.texts import model_name, plain, run_name, sentence
from iris_core.model.models import ModelCard
from iris_core.records.run import Run
from iris_core.storage.cards import DataSetCard

NEWEST = ""
"""The option of whatever is newest, also tomorrow; for a parent, that of a new model."""


def select_next(key: str, value: object) -> None:
    """Set the value that a widget gets when it is drawn next; its own key is locked once drawn."""
    st.session_state[state.pending(key)] = value


def apply_pending(key: str) -> None:
    """Give a widget the value that `select_next` set; call it before the widget is drawn."""
    pending = state.pending(key)
    if pending in st.session_state:
        st.session_state[key] = st.session_state.pop(pending)


def choose_data_set(
    workspace: Workspace,
    key: str,
    label: str,
    *,
    help_text: str | None = None,
    without: str | None = None,
    first: str = "",
) -> DataSetCard:
    """Choose a data set of the workspace; the default one is added to an empty workspace.

    Args:
        workspace: with the data sets.
        key: the session key of the choice, also its parameter in the URL.
        label: on the screen.
        help_text: on the screen, where the label is pointed at.
        without: the id of one that cannot be chosen; there must be another.
        first: the id of the default option; without it that is the oldest data set.
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
    return cards[_choose(label, key, names, help_text=help_text, excluded={without})]


def choose_model(workspace: Workspace, label: str = "Model") -> ModelCard | None:
    """Choose a model of the workspace, the newest by default; None if there is none."""
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
    """Choose the model to start from; None for a new one."""
    cards = {card.id: card for card in workspace.models.list().cards}
    names = {NEWEST: "A new model", **{id_: model_name(card) for id_, card in cards.items()}}
    return cards.get(_choose(label, state.PARENT, names))


def listed_runs(runs: Sequence[Run]) -> list[Run]:
    """Return the runs that are to be listed; if some ended early, a toggle lists these too.

    A link to one of them switches it on.
    """
    hidden = {run.id for run in runs if run.ended_early}
    if not hidden:
        return list(runs)
    link = st.query_params.get(state.RUN)
    if link in hidden and link != st.session_state.get(state.seen_link(state.RUN)):
        st.session_state[state.ALL_RUNS] = True
    show_all = st.toggle(
        "Show failed and cancelled",
        key=state.ALL_RUNS,
        persist_state="session",
        help=f"{len(hidden):,} of the runs failed or were cancelled. They can be completed.",
    )
    return [run for run in runs if show_all or run.id not in hidden]


def choose_run(runs: Sequence[Run], label: str = "Run") -> Run | None:
    """Choose one of the runs, the first by default; None if there is none."""
    if not runs:
        return None
    by_id = {NEWEST: runs[0], **{run.id: run for run in runs}}
    names = {id_: run_name(run) for id_, run in by_id.items()}
    names[NEWEST] = f"Newest: {names[NEWEST]}"
    return by_id[_choose(label, state.RUN, names)]


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names by id; those that occur twice have their ids added."""
    counts = Counter(names.values())
    return {id_: f"{name} · {id_}" if counts[name] > 1 else name for id_, name in names.items()}


def _choose(
    label: str,
    key: str,
    options: Mapping[str, str],
    *,
    help_text: str | None = None,
    excluded: Collection[str | None] = (),
) -> str:
    """Choose one of `options`, names by id.

    The pending value comes first, then what a link says that was followed since, the choice so far
    and the first option. Those in `excluded` exist, but cannot be chosen here.
    """
    apply_pending(key)
    names = distinct(options)
    first = next(iter(names))
    link, seen = st.query_params.get(key), state.seen_link(key)
    is_new = link is not None and link != st.session_state.get(seen)
    requested = link if is_new else st.session_state.get(key)
    current = requested if requested in names else first
    # A browser goes by the label, which changes when there is a newer model: set it again.
    label_key = state.option_label(key)
    before = st.session_state.get(label_key)
    if st.session_state.get(key) != current or before != names[current]:
        st.session_state[key] = current
    if requested and requested.strip() and requested not in (current, *excluded):
        _report_missing(key, requested, before, names[current])
    chosen = st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        help=help_text,
        persist_state="session",
    )
    if message := st.session_state.pop(state.missing_choice(key), None):
        st.warning(message, icon=":material/search_off:")
    st.session_state[label_key] = names[chosen]
    if chosen == first:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != chosen:
        st.query_params[key] = chosen
    st.session_state[seen] = st.query_params.get(key)
    return chosen


def _report_missing(key: str, requested: str, before: str | None, instead: str) -> None:
    """Report that what was requested does not exist; a click that came along is dropped."""
    if before is None:
        message = f"The link names '{requested[:60]}', which is not in this list."
    else:
        message = f"'{before}' is not in this list any more."
    st.session_state[state.missing_choice(key)] = plain(f"{message} '{instead}' is chosen instead.")
    if before is not None:
        st.rerun()
