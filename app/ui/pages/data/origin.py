"""The view that says where a data set comes from, and which rows changed on the way."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.services.projects import lineage
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data import exploration, tables
from app.ui.widgets.choosers import select_next
from app.ui.widgets.texts import plain, when
from iris_core.data.datasets import DataSet
from iris_core.storage.cards import Change, DataSetCard

MAX_CHANGES = 1_000
"""Changed rows that are listed."""
MAX_VERSIONS = 20
"""Versions of a data set that are listed."""
_WORDS = {
    Change.UPLOADED: "Uploaded",
    Change.SPLIT: "A part of {parent}",
    Change.LABEL_NOISE: "{parent} with labels changed on purpose",
    Change.CORRECTED: "{parent} as corrected by the verdicts of a review",
    Change.EVALUATION: "The rows of {parent} that evaluate, and no training sees",
}
"""What was done."""


def show_origin(workspace: Workspace, dataset: DataSet) -> None:
    """List the versions back to the upload, and what changed from the last one to this."""
    versions = lineage(workspace, dataset.id)
    for number, card in enumerate(versions[:MAX_VERSIONS]):
        _version(card, versions[number + 1 :], is_shown=card.id == dataset.id)
    if len(versions) > MAX_VERSIONS:
        first = plain(versions[-1].name)
        st.caption(f"And {len(versions) - MAX_VERSIONS:,} earlier ones, back to {first}.")
    if versions[-1].parent is not None:
        st.caption(f"The data set {versions[-1].parent} that it was made of was deleted.")
    if len(versions) > 1:
        _changes(workspace, dataset, versions)


def _version(card: DataSetCard, before: Sequence[DataSetCard], *, is_shown: bool) -> None:
    """Say how a version came to be, and offer to open it."""
    parent = plain(before[0].name if before else card.parent or "")
    done = _WORDS[card.change]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(card.name)}** · {card.rows:,} rows. {done.replace('{parent}', parent)}, "
            f"{when(card.created):%d %b %Y, %H:%M}.",
            width="content",
        )
        key = state.part(state.OPEN_VERSION, card.id)
        if not is_shown and st.button("Open", key=key, help=f"Open {plain(card.name)}"):
            select_next(state.DATA_SET, card.id)
            st.rerun()


def _changes(workspace: Workspace, dataset: DataSet, versions: Sequence[DataSetCard]) -> None:
    """Count the rows that changed from the version before, and list them."""
    parent = versions[1]
    counts, changes = exploration.changes(
        workspace, tuple(card.id for card in versions), MAX_CHANGES
    )
    if changes is None:
        return
    counted = ", ".join(f"**{count:,}** {name}" for name, count in counts.items())
    st.markdown(f"Compared with {plain(parent.name)} ({parent.rows:,} rows): {counted}.")
    if not changes:
        st.info("No row differs: the two have the same rows with the same labels.")
        return
    total = sum(counts.values())
    if len(changes) < total:
        st.caption(f"The first {len(changes):,} of {total:,} changes are listed.")
    frame = pd.DataFrame(
        {
            "Change": [entry.change for entry in changes],
            "Row": [entry.row for entry in changes],
            "Before": [entry.before for entry in changes],
            "After": [entry.after for entry in changes],
        }
    )
    label = plain(dataset.label)
    tables.table(
        frame,
        f"Changes from {parent.name} to {dataset.name}: {total:,} rows",
        hide_index=True,
        column_config={
            "Row": st.column_config.NumberColumn(
                help=f"Counted from 0, of dropped rows in {plain(parent.name)}"
            ),
            "Before": st.column_config.TextColumn(help=f"{label} before; empty if added"),
            "After": st.column_config.TextColumn(help=f"{label} now; empty if dropped"),
        },
    )
