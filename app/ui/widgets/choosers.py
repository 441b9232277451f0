"""Choosers for a data set, a model or a run of the project, remembered over page switches.

They are in the URL too; a link that names what is in another project chooses that project.

What was chosen may be deleted meanwhile, in another session or on the command line. Then the page
says so, and a click that was meant for it is not applied to something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import streamlit as st

from app.services.data.datasets import default_dataset
from app.services.model.champion import champion_among
from app.services.projects import (
    datasets_of,
    evaluation_id,
    models_of,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets.texts import model_name, plain, run_name, sentence
from iris_core.model.models import ModelCard
from iris_core.records.run import Run
from iris_core.storage.cards import Change, DataSetCard

NEWEST = ""
"""The option of whatever is newest, of models the champion, also tomorrow; of parents, none."""


def select_next(key: str, value: object) -> None:
    """Set the value that a widget gets when it is drawn next; its own key is locked once drawn."""
    st.session_state[state.pending(key)] = value


def apply_pending(key: str) -> None:
    """Give a widget the value that `select_next` set; call it before the widget is drawn."""
    pending = state.pending(key)
    if pending in st.session_state:
        st.session_state[key] = st.session_state.pop(pending)


def chosen_project() -> str | None:
    """Return the id of the project that is chosen in the sidebar; None in an empty workspace."""
    return st.session_state.get(state.PROJECT)


def choose_data_set(
    workspace: Workspace,
    key: str,
    label: str,
    *,
    help_text: str | None = None,
    without: str | None = None,
    first: str = "",
    purpose: Literal["look", "train", "test"] = "look",
) -> DataSetCard | None:
    """Choose a data set of the project; the default one is added to an empty workspace.

    Args:
        workspace: with the data sets.
        key: the session key of the choice, also its parameter in the URL.
        label: on the screen.
        help_text: on the screen, where the label is pointed at.
        without: the id of one that cannot be chosen.
        first: the id of the default option; without it that is the oldest data set.
        purpose: what it is chosen for. To train on, no evaluation set is offered; to test on, the
            evaluation set is the default, whichever it is then.

    Returns:
        The chosen one; None if there is none to choose.
    """
    listing = workspace.datasets.list()
    if not listing.cards:
        default_dataset(workspace)
        st.rerun()
    for fault in (*listing.broken, *workspace.projects.broken()):
        st.warning(sentence(fault))
    follow_link(key, {card.id: card.project for card in listing.cards})
    project, offered = chosen_project(), _offered(workspace, key, listing.cards, purpose)
    cards = {card.id: card for card in reversed(offered) if card.id != without}
    if first in cards:
        cards = {first: cards[first], **cards}
    names = {card.id: f"{card.name} · {card.rows:,} rows" for card in cards.values()}
    current = evaluation_id(workspace, project) if project and purpose == "test" else None
    aliases: dict[str, str] = {}
    if current is not None and current in cards:
        cards = {NEWEST: cards.pop(current), **cards}
        names.pop(current)
        # Without its name, which the sidebar says: there is no room for it on a form.
        names = {NEWEST: f"Evaluation set · {cards[NEWEST].rows:,} rows", **names}
        aliases = {current: NEWEST}
    if not cards:
        return None
    excluded = {card.id for card in listing.cards} - cards.keys()
    return cards[
        _choose(label, key, names, help_text=help_text, excluded=excluded, aliases=aliases)
    ]


def choose_model(workspace: Workspace, label: str = "Model") -> ModelCard | None:
    """Choose a model of the project, its champion by default; None if there is none."""
    listing = workspace.models.list()
    for fault in (*listing.broken, *workspace.promotions.broken()):
        st.warning(sentence(fault))
    follow_link(state.MODEL, _projects_by_model(listing.cards))
    own = models_of(chosen_project(), listing.cards)
    current = champion_among(workspace, own)
    if current is None:
        return None
    cards = {NEWEST: current, **{card.id: card for card in own}}
    names = {id_: model_name(card) for id_, card in cards.items()}
    names[NEWEST] = f"Champion: {names[NEWEST]}"
    excluded = {card.id for card in listing.cards} - cards.keys()
    return cards[_choose(label, state.MODEL, names, excluded=excluded)]


def choose_parent(workspace: Workspace, label: str) -> ModelCard | None:
    """Choose the model of the project to start from; None for a new one."""
    everything = workspace.models.list().cards
    follow_link(state.PARENT, _projects_by_model(everything))
    cards = {card.id: card for card in models_of(chosen_project(), everything)}
    names = {NEWEST: "A new model", **{id_: model_name(card) for id_, card in cards.items()}}
    excluded = {card.id for card in everything} - cards.keys()
    return cards.get(_choose(label, state.PARENT, names, excluded=excluded))


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


def set_choice(
    key: str,
    names: Mapping[str, str],
    *,
    excluded: Collection[str | None] = (),
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return which of some options, names by id, is chosen; set it for the widget under the key.

    What a link says that was followed since comes first, then the pending value, the choice so far
    and the first option. Those in `excluded` exist, but cannot be chosen here; `aliases` are other
    ids of options.
    """
    requested = _requested(key)
    apply_pending(key)
    requested = aliases.get(requested, requested)
    current = requested if requested in names else next(iter(names))
    # A browser goes by the label, which changes when there is a newer model: set it again.
    label_key = state.option_label(key)
    before = st.session_state.get(label_key)
    if st.session_state.get(key) != current or before != names[current]:
        st.session_state[key] = current
    if requested.strip() and requested not in (current, *excluded):
        _report_missing(key, requested, before, names[current])
    return current


def confirm_choice(key: str, chosen: str, name: str, *, link: bool) -> None:
    """Keep what is chosen now that it is drawn, and say what was requested and does not exist.

    Args:
        key: of the choice.
        chosen: its id.
        name: as it was drawn.
        link: whether the URL is to name it.
    """
    if message := st.session_state.pop(state.missing_choice(key), None):
        st.warning(message, icon=":material/search_off:")
    st.session_state[state.option_label(key)] = name
    if not link:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != chosen:
        st.query_params[key] = chosen
    st.session_state[state.seen_link(key)] = st.query_params.get(key)


def _choose(
    label: str,
    key: str,
    options: Mapping[str, str],
    *,
    help_text: str | None = None,
    excluded: Collection[str | None] = (),
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Choose one of `options`, names by id; the URL names it if it is not the first."""
    names = distinct(options)
    set_choice(key, names, excluded=excluded, aliases=aliases)
    chosen = st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        help=help_text,
        persist_state="session",
    )
    confirm_choice(key, chosen, names[chosen], link=chosen != next(iter(names)))
    return chosen


def new_link(key: str) -> str:
    """Return what the URL says of a choice, if it is a link that was followed since; else empty."""
    link = st.query_params.get(key)
    return link if link is not None and link != st.session_state.get(state.seen_link(key)) else ""


def _requested(key: str) -> str:
    """Return what is asked for under a key, whether it exists or not; empty for the default."""
    pending = st.session_state.get(state.pending(key), st.session_state.get(key))
    return new_link(key) or str(pending or "")


def follow_link(key: str, projects_by_id: Mapping[str, str]) -> None:
    """Choose the project of what a new link names, if that is in another one, and draw anew.

    Args:
        key: of the choice.
        projects_by_id: the project of each that can be named, by ids.
    """
    if project := projects_by_id.get(new_link(key)):
        select_project(project)


def select_project(project: str) -> None:
    """Choose a project that exists, and draw anew, unless it is chosen already."""
    if chosen_project() not in (None, project):
        select_next(state.PROJECT, project)
        st.rerun()


def _projects_by_model(cards: Sequence[ModelCard]) -> dict[str, str]:
    """Return the project of each model, by ids."""
    return {card.id: card.schema.columns.project for card in cards}


def _offered(
    workspace: Workspace, key: str, datasets: Sequence[DataSetCard], purpose: str
) -> list[DataSetCard]:
    """Return the data sets of the project that are offered for a purpose, newest first.

    An older evaluation set is offered only if it is asked for: to repeat a run on it.
    """
    project, requested = chosen_project(), _requested(key)
    offered = datasets_of(workspace, project, datasets)
    if purpose == "train":
        return [card for card in offered if card.change != Change.EVALUATION]
    shown = {card.id for card in offered}
    return [
        card
        for card in datasets
        if card.id in shown or (card.id == requested and card.project == project)
    ]


def _report_missing(key: str, requested: str, before: str | None, instead: str) -> None:
    """Report that what was requested does not exist; a click that came along is dropped."""
    if before is None:
        message = f"The link names '{requested[:60]}', which is not in this list."
    else:
        message = f"'{before}' is not in this list any more."
    st.session_state[state.missing_choice(key)] = plain(f"{message} '{instead}' is chosen instead.")
    if before is not None:
        st.rerun()
