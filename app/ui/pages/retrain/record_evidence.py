"""What speaks for a class in the record under review, and what was said of it: drawn when open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from app.services.review.evidence import (
    ClassEvidence,
    ClassProfile,
    class_profile,
    compared_with,
    near_in_search,
    near_in_training,
    training_rows,
)
from app.services.review.exchange import STORED_WORDS
from app.services.review.history import HistoryEntry, StoredDecision, history
from app.services.review.verdicts import features
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.evidence import category_shares
from app.ui.figures.scoring import deviation_bars
from app.ui.pages.retrain.opinions_panel import is_second_look
from app.ui.pages.retrain.review_order import ReviewOrder
from app.ui.widgets import error_display, pictures
from app.ui.widgets.explanation_panel import reasons_panel
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import plain, when
from iris_core.errors import IrisError
from iris_core.label_errors.nearest_rows import FAR, Mark, NearRow, ReferenceRows
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run

UNUSUAL = 2.0
"""Standard deviations beyond which a number is unusual for a class."""
FEATURE = "Feature"
PLACES = ("Nearest", "2nd", "3rd", "4th", "5th")
_NAME, _CELL = 130, 80
"""Widths of columns in pixels."""
_SIGNS: dict[Mark, str] = {"other": " ≠", "above": " ↑", "below": " ↓"}


def record_evidence(
    workspace: Workspace, run: Run, candidate: Candidate, order: ReviewOrder
) -> None:
    """Offer the record's nearest rows, how unusual its values are, why so, and its history."""
    with (
        lazy_expander(
            "Nearest training rows", key=state.NEAREST_OPEN, icon=":material/compare:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if is_open:
            _nearest(workspace, run, candidate, order)
    with (
        lazy_expander(
            "Typical of which class?", key=state.TYPICAL_OPEN, icon=":material/bar_chart:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if is_open:
            _typical(workspace, run, candidate, order)
    record = candidate.record
    classes = (record.class_string, record.actual_string)
    reasons_panel(workspace, run.model, features(candidate), classes)
    with (
        lazy_expander("History", key=state.HISTORY_OPEN, icon=":material/history:") as is_open,
        error_display.show_errors(),
    ):
        if is_open and is_second_look(candidate):
            st.caption("Shown after your verdict.")
        elif is_open:
            _history(history(workspace, run, candidate.key.row))


def _nearest(workspace: Workspace, run: Run, candidate: Candidate, order: ReviewOrder) -> None:
    """Show the rows that are most like the record, side by side with it."""
    row = candidate.key.row
    near = near_in_search(order.search, row) if order.search is not None else None
    if near is None:
        rows = _training_rows(workspace, str(workspace.home), run.model)
        near = near_in_training(workspace, run, rows, row)
    given = candidate.record.actual_string
    compared = _compared(workspace, run, candidate, given) if given else None
    unusual = {
        score.statistics.column
        for score in (compared.numbers if compared is not None else ())
        if abs(score.z_score or 0.0) > UNUSUAL
    }
    fields = features(candidate)
    names = list(near[0].values) if near else []
    own = [_text(fields.get(name)) + (" !" if name in unusual else "") for name in names]
    cells: dict[str, list[str]] = {
        FEATURE: ["Label", "Distance", *names],
        "This record": [given or "none", "", *own],
    }
    for place, entry in zip(PLACES, near, strict=False):
        values = [_marked(entry, name) for name in names]
        cells[place] = [entry.label, f"{entry.distance:.2f}", *values]
    widths = {name: st.column_config.TextColumn(width=_CELL) for name in cells if name != FEATURE}
    st.dataframe(
        pd.DataFrame(cells),
        hide_index=True,
        placeholder="",
        height=min(400, 38 + 35 * (2 + len(names))),
        column_config={FEATURE: st.column_config.TextColumn(width=_NAME, pinned=True), **widths},
        alt="The record beside its nearest training rows, with their labels and distances",
    )
    st.caption(
        f"Distances are of the scaled features. ↑ ↓ a number more than {FAR:g} standard deviation "
        f"above or below the record's, ≠ another category, ! unusual for "
        f"{plain(given) or 'its label'}: beyond {UNUSUAL:g} standard deviations."
    )


def _typical(workspace: Workspace, run: Run, candidate: Candidate, order: ReviewOrder) -> None:
    """Show how unusual the record's values are for its label, and for the class in question."""
    record, suggestion = candidate.record, order.suggestion(candidate)
    other = suggestion.suggested if suggestion is not None else ""
    if other in ("", record.actual_string):
        other = record.class_string
    classes = dict.fromkeys(filter(None, (record.actual_string, other)))
    compared = {
        name: found
        for name in classes
        if (found := _compared(workspace, run, candidate, name)) is not None
    }
    if not compared:
        st.caption("Neither class is known: the training data are not in this workspace any more.")
        return
    st.caption(
        "z-score: distance from the class's mean in its standard deviations; beyond "
        f"{UNUSUAL:g} is unusual."
    )
    for name, entry in compared.items():
        st.markdown(f"**Compared with typical {plain(name)}**")
        pictures.show(deviation_bars(entry.numbers, name), name=f"deviations-{name}")
    shares = {name: entry.categories for name, entry in compared.items()}
    if any(shares.values()):
        st.markdown("**How frequent its categories are**")
        pictures.show(category_shares(shares), name="category-shares")


def _compared(
    workspace: Workspace, run: Run, candidate: Candidate, of_class: str
) -> ClassEvidence | None:
    """Return a record compared with a class; None if the class's rows are not known."""
    try:
        dataset_id = workspace.models.card(run.model).dataset_id
        profile = _profile(workspace, dataset_id, of_class)
    except IrisError:
        return None
    return compared_with(profile, features(candidate))


def _history(entries: Sequence[HistoryEntry]) -> None:
    """List the changes of a record's verdict, the newest first."""
    if not entries:
        st.caption("Nobody has given a verdict yet.")
        return
    frame = pd.DataFrame(
        [
            {
                "When": when(entry.at) if entry.at else None,
                "Who": entry.who or "not known",
                "Verdict": _verdict(entry.decision, entry.label)
                + (" (undo)" if entry.is_undo else ""),
                "Before": _verdict(entry.before, entry.before_label) or "not known",
                "Note": entry.note,
                "From run": entry.carried_from,
            }
            for entry in reversed(entries)
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        height=min(300, 38 + 35 * len(frame)),
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss")},
        alt="Verdicts on the record, the newest first",
    )


def _verdict(decision: StoredDecision | Literal[""], label: str) -> str:
    """Return a decision as people read it; empty if it is not known."""
    word = STORED_WORDS[decision] if decision else ""
    return f"{word}: {label}" if label else word


def _marked(entry: NearRow, name: str) -> str:
    """Return a value of a near row, marked if it differs."""
    sign = _SIGNS[entry.marks[name]] if name in entry.marks else ""
    return _text(entry.values[name]) + sign


def _text(value: object) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return "missing" if value is None else str(value)


@st.cache_data(max_entries=200, show_spinner="Reading the training data…")
def _profile(_workspace: Workspace, dataset_id: str, of_class: str) -> ClassProfile:
    """Return the rows of a class by column, computed once for each data set."""
    return class_profile(_workspace, dataset_id, of_class)


@st.cache_resource(max_entries=2, show_spinner="Reading the training data…")
def _training_rows(
    _workspace: Workspace,
    home: str,  # noqa: ARG001 - other workspaces have other models of the same ids
    model_id: str,
) -> ReferenceRows:
    """Return the rows that a model was trained on, scaled once for all of its records."""
    return training_rows(_workspace, model_id)
