"""The curves of a run: how well it ranks one class before the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.services.runs.score_curves import run_curves
from app.services.workspace import Workspace
from app.ui import state
from app.ui.figures.ranking import precision_recall_curve, roc_curve
from app.ui.widgets import pictures
from iris_core.evaluation.paired_interval import Estimate
from iris_core.evaluation.ranking_curves import RankingCurve
from iris_core.records.run import Run

NOT_KEPT = (
    "Test the model again, in this workspace, to see this: it takes the probabilities of all "
    "classes, which a run keeps here since this version. Of its records alone it can be had for "
    "two classes and up to 20,000 records."
)
METRIC_WIDTH = 210
"""Pixels: an area with its interval below."""


def ranking(workspace: Workspace, run: Run) -> None:
    """Show the ROC and the precision-recall curve of a class against the rest."""
    curves = curves_of(workspace, run)
    if not curves:
        st.info(NOT_KEPT)
        return
    curve = choose_class(run, curves, state.CURVE_CLASS)
    tiles = st.container(horizontal=True)
    _tile(tiles, "ROC area", curve.roc_area, 0.5)
    _tile(tiles, "Average precision", curve.average_precision, curve.share)
    tiles.metric("Rows of the class", f"{curve.positives:,}", width=METRIC_WIDTH)
    left, right = st.columns(2, gap="large")
    with left:
        pictures.show(roc_curve(curve), name="roc")
    with right:
        pictures.show(precision_recall_curve(curve), name="precision-recall")
    st.caption(
        "ROC area: how often a record of the class is given a higher probability of it than "
        f"another one; in 512 bins, exact to {curve.resolution:.1g}. Average precision: the mean "
        "precision over the records of the class. Below each its 95 % interval (Newcombe's of "
        "Hanley and McNeil's variance; Wilson's) and what guessing has: a curve helps where its "
        "interval is above that."
    )
    if len(curves) > 2:
        _all_classes(curves)


@st.cache_data(max_entries=20, show_spinner="Reading the probabilities…")
def _curves_of(
    _workspace: Workspace, target: str, run_id: str, state_of_run: str, _run: Run
) -> list[RankingCurve]:
    """Return a run's curves, read once for each state of it."""
    del target, run_id, state_of_run
    return run_curves(_workspace, _run)


def curves_of(workspace: Workspace, run: Run) -> list[RankingCurve]:
    """Return the curves of a run, one for each class."""
    return _curves_of(workspace, workspace.settings.target, run.id, str(run.state), run)


def choose_class(run: Run, curves: Sequence[RankingCurve], key: str) -> RankingCurve:
    """Return the curve of the class that is chosen, the rarest one at first."""
    by_name = {curve.name: curve for curve in curves}
    rarest = min(curves, key=lambda curve: curve.positives).name
    key = state.part(key, run.id)
    if st.session_state.get(key) not in by_name:
        st.session_state[key] = rarest
    chosen = st.selectbox(
        "Positive class",
        list(by_name),
        key=key,
        persist_state="session",
        help="The class to be found; all others are the rest. At first the rarest.",
    )
    return by_name[chosen]


def _tile(tiles: st.delta_generator.DeltaGenerator, name: str, of: Estimate, guess: float) -> None:
    """Show an area with its interval and what guessing has."""
    tiles.metric(
        name,
        f"{of.value:.3f}",
        f"{of.low:.3f} to {of.high:.3f}; guess {guess:.3f}",
        delta_color="off",
        delta_arrow="off",
        width=METRIC_WIDTH,
    )


def _all_classes(curves: Sequence[RankingCurve]) -> None:
    """List the areas of all classes."""
    rows = [
        {
            "Class": curve.name,
            "Rows": curve.positives,
            "ROC area": _text(curve.roc_area),
            "Average precision": _text(curve.average_precision),
            "Guessing": curve.share,
        }
        for curve in curves
    ]
    shares = {"Guessing": st.column_config.NumberColumn(format="%.3f")}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="",
        column_config=shares,
        alt="ROC area and average precision of each class against the rest",
    )


def _text(of: Estimate) -> str:
    """Write an area with its interval."""
    return f"{of.value:.3f} ({of.low:.3f} to {of.high:.3f})"
