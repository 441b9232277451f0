"""The timeline of the Loop page: accuracy, share of candidates and drift from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.services.baselines import baseline_accuracies
from app.services.overview import Overview
from app.services.runs.input_drift import InputDrift, drift_by_run, input_drift
from app.services.runs.timeline import TimelinePoint, newest_step, timeline
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.loop import RunPoint, accuracy_over_runs
from app.ui.figures.run_signals import SignalPoint, run_signals
from app.ui.widgets import pictures
from app.ui.widgets.choosers import select_next
from app.ui.widgets.texts import plain, run_name
from iris_core.evaluation.baselines import baselines_of
from iris_core.evaluation.control_chart import LEVEL
from iris_core.records.run import Run


def show_accuracy(runs: Sequence[Run], *, file_name: str) -> None:
    """Draw the accuracy from run to run, with a warning if the newest is worse than before.

    Args:
        runs: newest first.
        file_name: of the file in which the numbers can be downloaded.
    """
    st.subheader("Accuracy over the runs")
    points = timeline(runs)
    if not points:
        st.info("Each test run adds its accuracy here. There is none yet.")
        return
    _warn(points[-1], key=f"worse_{file_name}")
    if step := newest_step(points):
        st.markdown(plain(step))
    pictures.show(accuracy_over_runs(list(map(_accuracy_point, points))), name=file_name)
    st.caption(
        "Bars: where the true accuracy is with 95 % confidence (Wilson), by data set. Cross: the "
        "accuracy of always saying the majority class. Dash: at "
        "this limit or below it a run is worse than those before it on data of the same name, "
        f"beyond chance: at most {LEVEL:.0%} of the runs without a change (Fisher's exact test, "
        "and Student's t with the spread between runs). Failed and cancelled runs are left out. "
        "Labels count as they were when they were tested; the Test page says what the accuracy is "
        "against those that were corrected since."
    )


def show_signals(workspace: Workspace, overview: Overview) -> None:
    """Draw what may explain the accuracy: the share of candidates, and the drift of the data."""
    points = timeline(overview.runs)
    if not points:
        return
    st.subheader("Candidates and drift")
    newest_first = [point.run for point in reversed(points)]
    drifts = drift_by_run(
        workspace,
        newest_first,
        overview.models,
        lambda training, tested: _input_drift(workspace, training, tested),
    )
    signals = [_signal_point(point, drifts.get(point.run.id)) for point in points]
    pictures.show(run_signals(signals), name="candidates-and-drift")
    st.caption(
        "Above: share of the records that are candidates, with its 95 % interval (Wilson); it "
        "depends on the run's threshold too. Below: population stability index of the feature "
        "that drifted most from the model's training data, where both data sets are in this "
        "workspace: from 0.1 moderate (square), above 0.25 drifted (diamond)."
    )


def _warn(newest: TimelinePoint, *, key: str) -> None:
    """Say what to do if the newest run is worse than its predecessors."""
    if not newest.is_worse:
        return
    st.warning(
        "Compare the newest run with the one before it, look for drift in its data, then review "
        f"its candidates and retrain. {plain(newest.why)}",
        icon=":material/trending_down:",
    )
    if st.button("Compare the runs", key=key, icon=":material/difference:"):
        select_next(state.RUN, newest.run.id)
        st.session_state[state.RUN_VIEW] = "Compare"
        navigation.open_page("test")


def _accuracy_point(point: TimelinePoint) -> RunPoint:
    """Return a run as the figure of the accuracy takes it."""
    return RunPoint(
        run_name(point.run),
        point.series,
        point.accuracy,
        point.interval,
        point.run.tested,
        limit=point.chart.limit,
        is_worse=point.is_worse,
        baseline=baseline_accuracies(baselines_of(point.run.metrics))["baseline_accuracy"],
    )


def _signal_point(point: TimelinePoint, drift: InputDrift | None) -> SignalPoint:
    """Return a run as the figure of candidates and drift takes it."""
    known = SignalPoint(
        run_name(point.run), point.run.threshold, point.candidate_rate, point.candidate_interval
    )
    if drift is None:
        return known
    return replace(known, column=drift.column, psi=drift.psi, level=drift.level)


@st.cache_data(max_entries=200, show_spinner="Measuring the drift…")
def _input_drift(_workspace: Workspace, training: str, tested: str) -> InputDrift | None:
    """Return the largest drift between two data sets, measured once for each pair."""
    return input_drift(_workspace, training, tested)
