"""Why a model decides as it does: its columns, one of them in detail, and one record.

Each part is folded, and asks the model nothing until somebody opens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from app.services.model.explaining import (
    COLUMNS,
    ModelExplanation,
    RecordExplanation,
    background,
    evaluation_id,
    explain_record,
    explanation_job,
    how_it_depends,
    known_explanation,
    start_explaining,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.dependence import dependence_curves
from app.ui.figures.explanation import LARGEST, contribution_bars, importance_bars
from app.ui.widgets import error_display, pictures
from app.ui.widgets.job_panel import job_panel
from app.ui.widgets.lazy_expander import lazy_expander
from app.ui.widgets.texts import number_of, percent, plain
from iris_core.explanation.dependence import Dependence
from iris_core.explanation.encoded_model import Matrix
from iris_core.model.models import ModelCard

SHARED = (
    "Correlated columns share their importance: each looks less important than both together are. "
    "It is of this model, and says nothing about causes."
)
ALL_ELSE = (
    "All else stays as it is in each row, so where columns go together some of these rows do not "
    "exist."
)
OF_THE_MODEL = "The bars say what the model makes of the values, not what is so in the world."


def importance_panel(workspace: Workspace, model_id: str, dataset_id: str | None = None) -> None:
    """Offer to measure which columns matter to a model, and show what is known.

    Args:
        workspace: that the visit may use.
        model_id: of the model.
        dataset_id: of the rows to measure on; by default the evaluation set.
    """
    with (
        lazy_expander(
            "Which columns matter", key=state.IMPORTANCE_OPEN, icon=":material/bar_chart:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if is_open:
            card = workspace.models.card(model_id)
            _importance(workspace, card, dataset_id or evaluation_id(workspace, card))


def dependence_panel(workspace: Workspace, model_id: str) -> None:
    """Offer to see how a model's predictions of the evaluation set depend on a column."""
    with (
        lazy_expander(
            "How it depends on …", key=state.DEPENDENCE_OPEN, icon=":material/timeline:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if is_open:
            _dependence(workspace, workspace.models.card(model_id))


def reasons_panel(
    workspace: Workspace, model_id: str, fields: Mapping[str, object], classes: Sequence[str]
) -> None:
    """Offer to see what each column of a record adds to the prediction.

    Args:
        workspace: that the visit may use.
        model_id: of the model.
        fields: the record's values by column.
        classes: those to choose from, the one that is explained first in front.
    """
    with (
        lazy_expander(
            "Why the model says so", key=state.REASONS_OPEN, icon=":material/psychology:"
        ) as is_open,
        error_display.show_errors(),
    ):
        if is_open:
            _reasons(workspace, model_id, fields, list(dict.fromkeys(filter(None, classes))))


def _importance(workspace: Workspace, card: ModelCard, dataset_id: str) -> None:
    """Show how important the columns are, or offer to measure it."""
    error_display.show_deferred_error(state.EXPLAIN_FAULT)
    found = known_explanation(workspace, card.id, dataset_id)
    if found is not None:
        _show_importance(found)
        return
    job = explanation_job(workspace, card.id, dataset_id)
    rows = workspace.datasets.card(dataset_id)
    st.caption(
        f"Shuffles one column after the other among the {number_of(rows.rows, 'row', 'rows')} of "
        f"{plain(rows.name)}, and measures by how much the model's log loss rises."
    )
    st.button(
        "Measure",
        key=state.MEASURE,
        on_click=_start,
        args=(workspace, card, dataset_id),
        icon=":material/shuffle:",
        disabled=job is not None and not job.is_over,
    )
    job_panel(job, lines={COLUMNS: "Columns"})


def _start(workspace: Workspace, card: ModelCard, dataset_id: str) -> None:
    """Measure the importance of the columns."""
    with error_display.defer_errors(state.EXPLAIN_FAULT):
        start_explaining(workspace, card, dataset_id)


def _show_importance(found: ModelExplanation) -> None:
    """Draw the importance of the columns, and say what it is of."""
    importance = found.importance
    first = importance.columns[0]
    sampled = f" of {importance.of:,}" if importance.of > importance.rows else ""
    shuffles = number_of(importance.repeats, "shuffle", "shuffles")
    st.markdown(
        f"Shuffling **{plain(first.column)}** costs {first.log_loss.value:.2f} "
        f"\\[{first.log_loss.low:.2f}, {first.log_loss.high:.2f}\\] of log loss "
        f"({number_of(importance.rows, 'row', 'rows')}{sampled}, {shuffles}), "
        f"and {percent(first.accuracy.value)} \\[{percent(first.accuracy.low)}, "
        f"{percent(first.accuracy.high)}\\] of accuracy. The model's own log loss is "
        f"{importance.log_loss:.2f}; guessing by the frequency of the classes has "
        f"{importance.guess:.2f}."
    )
    every = len(importance.columns) > LARGEST and st.toggle(
        f"All {len(importance.columns):,} columns", key=state.ALL_COLUMNS
    )
    pictures.show(importance_bars(importance, every=every), name="importance")
    seen = (
        f" The model was trained on {found.seen:,} of these rows: on new ones it may differ."
        if found.seen
        else ""
    )
    st.caption(
        f"Measured on {plain(found.dataset_name)}. Lines are 95 % intervals; one that holds 0 may "
        f"be chance. {SHARED}{seen}"
    )


def _dependence(workspace: Workspace, card: ModelCard) -> None:
    """Ask for a column and a class, and draw how one depends on the other."""
    dataset_id, schema = evaluation_id(workspace, card), card.schema
    known = known_explanation(workspace, card.id, dataset_id)
    names = [feature.name for feature in schema.features]
    if known is not None:
        names = [entry.column for entry in known.importance.columns]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Column", names, key=state.part(state.DEPENDENCE_COLUMN, card.id))
        of_class = st.selectbox(
            "Class", schema.classes, key=state.part(state.DEPENDENCE_CLASS, card.id)
        )
        centred = st.toggle(
            "Changes only",
            key=state.CENTRED,
            help="Each curve begins at 0: where they fan out, it depends on the other columns what "
            "this one does.",
        )
    found = _asked(workspace, str(workspace.home), card.id, dataset_id, column, of_class)
    pictures.show(dependence_curves(found, centred=centred), name="dependence")
    missing = ""
    if found.values[-1] is None and found.kind != "category":
        missing = (
            f" With a missing value it is {percent(float(found.mean[-1]))} "
            f"\\[{percent(float(found.low[-1]))}, {percent(float(found.high[-1]))}\\]."
        )
    of = f" of {found.of:,}" if found.of > found.rows else ""
    st.caption(
        f"The probability of {plain(of_class)} with each value of {plain(column)} in turn: the "
        f"mean of {number_of(found.rows, 'row', 'rows')}{of}, and of {len(found.curves)} of them "
        f"a curve each. As the rows are, it is {percent(found.average)} on average.{missing} "
        f"{ALL_ELSE}"
    )


def _reasons(
    workspace: Workspace, model_id: str, fields: Mapping[str, object], classes: list[str]
) -> None:
    """Show what each column of a record adds to the log-odds of a class."""
    of_class = classes[0]
    if len(classes) > 1:
        of_class = st.radio(
            "Class",
            classes,
            key=state.part(state.REASONS_CLASS, *classes),
            format_func=plain,
            horizontal=True,
            label_visibility="collapsed",
        )
    rows = _background(workspace, str(workspace.home), model_id)
    found = explain_record(workspace, model_id, rows, fields, of_class)
    parts = found.contributions
    every = len(parts.columns) > LARGEST and st.toggle(
        f"All {len(parts.columns):,} columns", key=state.ALL_REASONS
    )
    st.markdown(
        f"**{plain(of_class)}** has {percent(found.probability)} here: log-odds "
        f"{parts.prediction:+.2f}, and {parts.base:+.2f} on average over "
        f"{number_of(parts.background, 'training row', 'training rows')}. {_largest(found)}"
    )
    pictures.show(contribution_bars(parts, found.fields, of_class, every=every), name="reasons")
    how = "all combinations" if parts.orders is None else f"{parts.orders} orders a row"
    st.caption(
        f"Shapley values of the log-odds, {how}; together the bars lead from the average to this "
        f"record. Lines are 95 % intervals. {OF_THE_MODEL}"
    )


def _largest(found: RecordExplanation) -> str:
    """Say what adds most."""
    parts = found.contributions
    place = int(np.abs(parts.values).argmax())
    if not parts.values[place]:
        return "No column makes a difference."
    return (
        f"**{plain(parts.columns[place])}** counts most: {parts.values[place]:+.2f} "
        f"\\[{parts.low[place]:+.2f}, {parts.high[place]:+.2f}\\]."
    )


@st.cache_data(max_entries=50, show_spinner="Asking the model…")
def _asked(
    _workspace: Workspace,
    home: str,  # noqa: ARG001 - other workspaces have other models of the same ids
    model_id: str,
    dataset_id: str,
    column: str,
    of_class: str,
) -> Dependence:
    """Return how a model's predictions depend on a column, asked once."""
    return how_it_depends(_workspace, model_id, dataset_id, column, of_class)


@st.cache_resource(max_entries=4, show_spinner="Reading the training data…")
def _background(
    _workspace: Workspace,
    home: str,  # noqa: ARG001 - other workspaces have other models of the same ids
    model_id: str,
) -> Matrix:
    """Return the rows that records are explained beside, read once for each model."""
    return background(_workspace, model_id)
