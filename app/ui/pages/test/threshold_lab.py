"""The threshold lab: what each threshold would have people review, and setting one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.services.runs.threshold_choice import (
    ERROR_SHARES,
    MAX_COST,
    index_at,
    least_total_cost,
    lowest_thresholds,
    threshold_text,
    total_cost,
)
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.evaluation import threshold_curves
from app.ui.pages.test.calibration import NOT_MEASURED
from app.ui.pages.test.review_budget import ask_budget, compare_loads, say_budget
from app.ui.widgets import error_display, pictures
from app.ui.widgets.texts import percent, plain
from aws import function
from iris_core.evaluation.threshold_curve import ThresholdCurve, curve_of
from iris_core.records.run import Run

METRIC_WIDTH = 150
"""Pixels of a figure: two side by side on a phone."""


@st.fragment
def threshold_lab(workspace: Workspace, run: Run, *, busy: bool) -> None:
    """Choose a threshold by what it would have people review, and set it."""
    with error_display.show_errors():
        if run.metrics.thresholds is None:
            st.info(NOT_MEASURED)
            return
        curve = curve_of(run.metrics.thresholds)
        st.caption(
            "A record goes to a reviewer when it is misclassified, or less probable than the "
            "threshold. In production the true labels are not known: there the threshold alone "
            "must catch the errors."
        )
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        with left:
            budget = ask_budget(run, curve)
        cost = _ask_cost(
            middle, "Cost of a review", state.COST, 0.5, "to have a person look at one record"
        )
        missed = _ask_cost(
            right, "Cost of a missed error", state.MISSED_COST, 5.0, "when nobody sees a mistake"
        )
        index = _choose_index(run, curve)
        _least_cost(run, curve, index, review=cost, missed=missed)
        if budget is not None:
            say_budget(curve, budget)
        _metrics(curve, index, cost)
        applied = function.threshold(workspace.cloud())
        _setter(workspace, applied, threshold_text(float(curve.thresholds[index])), busy=busy)
        compare_loads(curve, index, applied)
        pictures.show(threshold_curves(curve, index), name="thresholds")
        _lowest_thresholds(curve, cost)


def _choose_index(run: Run, curve: ThresholdCurve) -> int:
    """Return the index in the curve that was chosen, that of the run's own threshold at first."""
    threshold = st.slider(
        "Threshold",
        0.0,
        1.0,
        float(run.threshold),
        0.001,
        "%.6g",
        key=state.part(state.CHOSEN_THRESHOLD, run.id),
        persist_state="session",
        help="The arrow keys go from one thousandth to the next. Between two values at which "
        "something changes the lower one counts.",
    )
    return index_at(curve, threshold)


def _ask_cost(
    column: st.delta_generator.DeltaGenerator, label: str, key: str, default: float, what: str
) -> float:
    """Ask for a cost."""
    return float(
        column.number_input(
            label, 0.0, MAX_COST, default, 0.1, "%.6g", key=key, persist_state="session",
            help=f"In any currency: what it costs {what}.",
        )
    )  # fmt: skip


def _least_cost(
    run: Run, curve: ThresholdCurve, index: int, *, review: float, missed: float
) -> None:
    """Say which threshold costs least, beside the chosen one, and offer to choose it."""
    least = least_total_cost(curve, review=review, missed=missed)
    chosen = total_cost(curve, index, review=review, missed=missed)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Choose {least.threshold:.6g}, the cheapest",
            icon=":material/savings:",
            disabled=least.threshold == chosen.threshold,
            on_click=_choose,
            args=(state.part(state.CHOSEN_THRESHOLD, run.id), least.threshold),
        )
        st.caption(
            f"Without true labels {least.threshold:.6g} costs least on these {curve.rows:,} "
            f"records: {least.cost:,.2f} ({least.reviews:,} reviews, {least.missed:,} missed "
            f"errors); {chosen.threshold:.6g} costs {chosen.cost:,.2f} ({chosen.reviews:,} and "
            f"{chosen.missed:,}). It was chosen on them, so on others it costs somewhat more."
        )


def _choose(key: str, threshold: float) -> None:
    """Choose a threshold, which the slider then shows."""
    st.session_state[key] = threshold


def _metrics(curve: ThresholdCurve, index: int, cost: float) -> None:
    """Show what one threshold does."""
    reviews, caught = int(curve.reviews[index]), int(curve.caught[index])
    below = int(curve.below[index])
    tiles = st.container(horizontal=True)
    for label, value, delta, help_text in (
        (
            "To review",
            f"{reviews:,}",
            percent(reviews / max(1, curve.rows)) + " of all",
            "Records that are misclassified or below the threshold: what the function copies",
        ),
        (
            "Below the threshold",
            f"{below:,}",
            percent(below / max(1, curve.rows)) + " of all",
            "What would be reviewed where the true labels are not known",
        ),
        (
            "Errors caught",
            f"{caught:,} of {curve.errors:,}",
            percent(float(curve.caught_share[index])),
            "Misclassified records below the threshold",
        ),
        (
            "Errors missed",
            f"{curve.errors - caught:,}",
            None,
            "Misclassified records with a probability at or above the threshold",
        ),
        (
            "Cost",
            f"{reviews * cost:,.2f}",
            f"{below * cost:,.2f} without labels",
            "Of all reviews, and of those below the threshold",
        ),
    ):
        tiles.metric(
            label,
            value,
            delta,
            delta_color="off",
            delta_arrow="off",
            help=help_text,
            width=METRIC_WIDTH,
        )


def _setter(workspace: Workspace, applied: str, chosen: str, *, busy: bool) -> None:
    """Offer to make the function apply the chosen threshold instead of the one that it has."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Set the function's threshold to {chosen}",
            type="primary",
            icon=":material/tune:",
            disabled=busy or applied == chosen,
            on_click=_set_threshold,
            args=(workspace, chosen),
            help="Counts from the next record on; the runs so far stay as they are.",
        )
        st.caption(f"It applies {plain(applied)} now.")
    error_display.show_deferred_error()
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(notice)


def _set_threshold(workspace: Workspace, threshold: str) -> None:
    """Set the function's threshold, and note what to say of it."""
    with error_display.defer_errors():
        function.set_threshold(workspace.cloud(), threshold)
        st.session_state[state.NOTICE] = f"The function's threshold is {threshold} now."


def _lowest_thresholds(curve: ThresholdCurve, cost: float) -> None:
    """List what it takes to catch a share of the errors."""
    if not curve.errors:
        st.caption("The run has no errors to catch.")
        return
    rows = [
        {
            "Errors to catch": entry.error_share,
            "Lowest threshold": entry.threshold,
            "Records below it": entry.below,
            "Share of all": entry.below_share,
            "Cost": entry.below * cost,
        }
        for entry in lowest_thresholds(curve)
    ]
    if len(rows) < len(ERROR_SHARES):
        st.caption("Some errors no threshold catches: the model gave them the probability 1.")
    percents = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="",
        alt="The lowest threshold for each share of errors",
        column_config={
            "Errors to catch": percents,
            "Share of all": percents,
            "Lowest threshold": st.column_config.NumberColumn(format="%.6g"),
            "Cost": st.column_config.NumberColumn(format="%.2f"),
        },
    )
