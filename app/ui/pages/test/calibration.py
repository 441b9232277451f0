"""How far a model's probabilities can be trusted, and what each threshold would do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.evaluation import calibration_curve, threshold_curves
from app.ui.widgets import error_display, pictures
from app.ui.widgets.texts import percent, plain, threshold_text
from aws import function
from iris_core.evaluation.threshold_curve import ThresholdCurve, curve_of
from iris_core.records.run import Run

TILE = 150
"""Pixels of a figure: two side by side on a phone."""
GOALS = (0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Shares of the errors that the list of goals has."""
BEFORE = (
    "This run was tested before the dashboard kept what is shown here. Test the model again to "
    "see it."
)


def calibration(run: Run) -> None:
    """Show whether the model was right as often as it said."""
    found = run.metrics.calibration
    if found is None:
        st.info(BEFORE)
        return
    left, right = st.columns([3, 1], gap="large")
    with left:
        pictures.show(calibration_curve(found), name="reliability")
    right.metric(
        "Calibration error",
        f"{found.error:.3f}",
        help="Expected calibration error: the mean distance of how sure the model was and how "
        "often it was right, in ten bins, weighted by their records. 0 is right as often as it "
        "says.",
    )
    right.caption(
        "Points on the dotted line: right as often as the model says. Below it the model is too "
        "sure of itself, above it too modest. The bars are 95% intervals; long ones mean few "
        "records."
    )
    if found.invalid:
        right.caption(f"{found.invalid:,} records without a probability are left out.")


@st.fragment
def threshold_lab(workspace: Workspace, run: Run, *, busy: bool) -> None:
    """Choose a threshold by what it would have people review, and set it."""
    with error_display.show_errors():
        if run.metrics.thresholds is None:
            st.info(BEFORE)
            return
        curve = curve_of(run.metrics.thresholds)
        st.caption(
            "A record goes to a reviewer when it is wrong, or less probable than the threshold. In "
            "use nobody knows which are wrong: there the threshold alone must catch the errors."
        )
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            place = _choose(run, curve)
        cost = right.number_input(
            "Cost of a review",
            0.0,
            1e6,
            0.5,
            0.1,
            "%.6g",
            key=state.COST,
            persist_state="session",
            help="In any currency; what a person's look at one record is worth.",
        )
        _figures(curve, place, cost)
        _setter(workspace, float(curve.thresholds[place]), busy=busy)
        pictures.show(threshold_curves(curve, place), name="thresholds")
        _goals(curve, cost)


def _choose(run: Run, curve: ThresholdCurve) -> int:
    """The place in the curve that was chosen, that of the run's own threshold at first."""
    options = curve.thresholds.tolist()
    key = state.part(state.CHOSEN_THRESHOLD, run.id)
    if st.session_state.get(key) not in options:
        own = float(run.threshold)
        st.session_state[key] = min(options, key=lambda mark: abs(mark - own))
    chosen = st.select_slider(
        "Threshold",
        options,
        format_func=lambda mark: f"{mark:.6g}",
        key=key,
        persist_state="session",
        help="All values at which something changes, and each hundredth. "
        "The arrow keys go from one to the next.",
    )
    return int(options.index(chosen))


def _figures(curve: ThresholdCurve, place: int, cost: float) -> None:
    reviews, caught = int(curve.reviews[place]), int(curve.caught[place])
    below = int(curve.below[place])
    tiles = st.container(horizontal=True)
    for name, value, beside, told in (
        (
            "To review",
            f"{reviews:,}",
            percent(reviews / max(1, curve.rows)) + " of all",
            "Records that are wrong or below the threshold: what the function copies",
        ),
        (
            "Below the threshold",
            f"{below:,}",
            percent(below / max(1, curve.rows)) + " of all",
            "What would be reviewed where the labels are not known",
        ),
        (
            "Errors caught",
            f"{caught:,} of {curve.errors:,}",
            percent(float(curve.caught_share[place])),
            "Wrong records that the threshold alone catches",
        ),
        (
            "Errors it misses",
            f"{curve.errors - caught:,}",
            None,
            "Wrong records of which the model was surer than the threshold",
        ),
        (
            "Cost",
            f"{reviews * cost:,.2f}",
            f"{below * cost:,.2f} without labels",
            "Of all reviews, and of those below the threshold",
        ),
    ):
        tiles.metric(
            name, value, beside, delta_color="off", delta_arrow="off", help=told, width=TILE
        )


def _setter(workspace: Workspace, threshold: float, *, busy: bool) -> None:
    """Offer to make the function apply a threshold from now on."""
    cloud = workspace.cloud()
    now, chosen = function.threshold(cloud), threshold_text(threshold)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Set the function's threshold to {chosen}",
            type="primary",
            icon=":material/tune:",
            disabled=busy or now == chosen,
            on_click=_set,
            args=(workspace, chosen),
            help="Counts from the next record on; the runs so far stay as they are.",
        )
        st.caption(f"It applies {plain(now)} now.")
    error_display.show_deferred_error()
    if notice := st.session_state.pop(state.NOTICE, None):
        st.success(notice)


def _set(workspace: Workspace, threshold: str) -> None:
    with error_display.defer_errors():
        function.set_threshold(workspace.cloud(), threshold)
        st.session_state[state.NOTICE] = f"The function's threshold is {threshold} now."


def _goals(curve: ThresholdCurve, cost: float) -> None:
    """What it takes to catch a share of the errors."""
    if not curve.errors:
        st.caption("The run has no errors to catch.")
        return
    rows = []
    for goal in GOALS:
        places = np.flatnonzero(curve.caught_share >= goal)
        if len(places):
            at = int(places[0])
            rows.append(
                {
                    "Errors to catch": goal,
                    "Lowest threshold": float(curve.thresholds[at]),
                    "Records below it": int(curve.below[at]),
                    "Share of all": curve.below[at] / curve.rows,
                    "Cost": curve.below[at] * cost,
                }
            )
    if len(rows) < len(GOALS):
        st.caption("Some errors no threshold catches: the model was entirely sure of them.")
    percents = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="The lowest threshold for each share of errors",
        column_config={
            "Errors to catch": percents,
            "Share of all": percents,
            "Lowest threshold": st.column_config.NumberColumn(format="%.6g"),
            "Cost": st.column_config.NumberColumn(format="%.2f"),
        },
    )
