"""Rename, download or delete a model, and load one that was downloaded."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.widgets import error_display
from app.ui.widgets.choosers import distinct, select_next
from app.ui.widgets.texts import model_name, plain
from iris_core.model.models import ModelCard

BUNDLE_MEGABYTES = 150


def show(workspace: Workspace, cards: Sequence[ModelCard]) -> None:
    """Draw all that can be done with a model but to train it."""
    st.subheader("Manage models")
    error_display.show_deferred_error()
    _undo(workspace)
    if cards:
        by_id = {card.id: card for card in cards}
        names = distinct({card.id: model_name(card) for card in cards})
        if st.session_state.get(state.MANAGED_MODEL) not in by_id:
            st.session_state[state.MANAGED_MODEL] = cards[0].id
        left, right = st.columns(2, vertical_alignment="bottom", gap="large")
        chosen = left.selectbox(
            "Model to manage",
            list(names),
            format_func=names.__getitem__,
            key=state.MANAGED_MODEL,
            persist_state="session",
        )
        with right.container(horizontal=True):
            _actions(workspace, by_id[chosen])
    _load_bundle(workspace)


def _actions(workspace: Workspace, card: ModelCard) -> None:
    """Draw what can be done with a model."""
    with st.popover("Rename", icon=":material/edit:", key=state.RENAME_OPEN):
        key = state.part(state.NEW_NAME, card.id)
        st.text_input("New name", card.name, max_chars=100, key=key)
        st.button("Rename it", on_click=_rename, args=(workspace, card, key))
        error_display.show_deferred_error(state.RENAME_FAULT)
    st.download_button(
        "Download",
        lambda: workspace.models.export(card.id),
        f"{card.id}.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        help="The model as one file, to be loaded here or elsewhere.",
    )
    st.button(
        "Delete",
        icon=":material/delete:",
        on_click=_delete,
        args=(workspace, card),
        help="It can be restored. Test runs of it stay.",
    )


def _rename(workspace: Workspace, card: ModelCard, key: str) -> None:
    """Give a model the name that was entered."""
    with error_display.defer_errors(state.RENAME_FAULT):
        renamed = workspace.models.rename(card.id, str(st.session_state[key]).strip())
        st.session_state[state.NOTICE] = f"Renamed to {renamed.name}."


def _delete(workspace: Workspace, card: ModelCard) -> None:
    """Delete a model so that it can be restored."""
    with error_display.defer_errors():
        workspace.models.delete(card.id)
        st.session_state[state.DELETED] = card.id


def _restore(workspace: Workspace, model_id: str) -> None:
    """Restore the deleted model."""
    with error_display.defer_errors():
        workspace.models.restore(model_id)
        st.session_state.pop(state.DELETED, None)
        st.session_state[state.NOTICE] = f"Restored {model_id}."


def _undo(workspace: Workspace) -> None:
    """Say what was just done, and offer to undo a deletion."""
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(plain(notice))
    if deleted := st.session_state.get(state.DELETED):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"Deleted {plain(deleted)}.")
            st.button("Undo", icon=":material/undo:", on_click=_restore, args=(workspace, deleted))


def _load_bundle(workspace: Workspace) -> None:
    """Load a model that was downloaded, here or elsewhere."""
    number = st.session_state.setdefault(state.BUNDLES, 0)
    file = st.file_uploader(
        "Load a model that was downloaded",
        type="zip",
        key=state.part(state.BUNDLES, number),
        max_upload_size=BUNDLE_MEGABYTES,
        help="It gets an id of its own; no other model is replaced.",
    )
    if file is not None and st.button("Load it", icon=":material/upload:"):
        with st.spinner("Loading the model…"):
            card = workspace.models.import_bundle(file.getvalue()).card
        st.session_state[state.BUNDLES] = number + 1
        st.session_state[state.NOTICE] = f"Loaded {card.name} v{card.version}."
        select_next(state.PROJECT, card.schema.columns.project)
        select_next(state.MODEL, card.id)
        st.rerun()
