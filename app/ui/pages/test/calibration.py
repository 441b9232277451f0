"""The calibration of a run: how far the model's probabilities can be trusted."""

from __future__ import annotations

from typing import Final

import streamlit as st

from app.ui.figures.evaluation import calibration_curve
from app.ui.widgets import pictures
from iris_core.records.run import Run

NOT_MEASURED: Final = (
    "This run was tested before the dashboard kept what is shown here. Test the model again to "
    "see it."
)


def calibration(run: Run) -> None:
    """Show whether the model was correct as often as its probabilities say."""
    curve = run.metrics.calibration
    if curve is None:
        st.info(NOT_MEASURED)
        return
    left, right = st.columns([3, 1], gap="large")
    with left:
        pictures.show(calibration_curve(curve), name="calibration")
    right.metric(
        "Calibration error",
        f"{curve.error:.3f}",
        help="Expected calibration error: the mean distance of confidence and accuracy in ten "
        "bins, weighted by their records. 0 is perfectly calibrated.",
    )
    right.caption(
        "Points on the dotted line: correct as often as the probability says. Below it the model "
        "is overconfident, above it underconfident. The bars are 95 % intervals; long ones mean "
        "few records."
    )
    if curve.invalid:
        right.caption(f"{curve.invalid:,} records without a valid probability are left out.")
