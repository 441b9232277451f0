"""What can be seen of a run that was tested to its end, one view of it at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.test import run_summary
from app.ui.pages.test.calibration import calibration
from app.ui.pages.test.corrected_accuracy import corrected_accuracy
from app.ui.pages.test.cut_off import cut_off
from app.ui.pages.test.inputs import inputs, inputs_folded
from app.ui.pages.test.ranking import ranking
from app.ui.pages.test.record_link import RECORDS_VIEW
from app.ui.pages.test.run_comparison import comparison
from app.ui.pages.test.run_files import files
from app.ui.pages.test.run_records import records
from app.ui.pages.test.threshold_lab import threshold_lab
from app.ui.widgets.view_tabs import view_tabs
from iris_core.records.run import Run

CLASSES = "Classes"
CALIBRATION = "Calibration"
LAB = "Threshold lab"
COMPARE = "Compare"
CLASSES_TOO_LARGE = (
    "Give the classes shorter names, or fewer of them, and test again to see the figures by class: "
    "with this run they could not be kept, for a run takes 400 KB at most. Its "
    "records, candidates and accuracy are complete."
)
CURVES = "Curves"
CUT_OFF = "Cut-off"
INPUTS = "Inputs"
FILES = "Files"
VIEWS = (RECORDS_VIEW, CLASSES, CURVES, CUT_OFF, CALIBRATION, LAB, INPUTS, COMPARE, FILES)


def run_views(workspace: Workspace, run: Run, runs: Sequence[Run], *, busy: bool) -> None:
    """Show the view of a run that is chosen; nothing if it was not tested to its end.

    Args:
        workspace: with the run's model and records.
        run: to be shown.
        runs: to compare it with.
        busy: whether a test is under way: the function is not to be changed meanwhile.
    """
    if run.is_unlabelled:
        with st.container():
            run_summary.without_labels(run)
            run_summary.data_remarks(run)
        inputs_folded(workspace, run)
        files(workspace, run)
        return
    if not run.metrics.classes and run.metrics.thresholds is None:
        return
    with st.container():
        run_summary.beside_baselines(run)
        run_summary.data_remarks(run)
        corrected_accuracy(workspace, run)
    if not run.metrics.classes:
        st.info(CLASSES_TOO_LARGE)
        return
    view, tab = view_tabs(VIEWS, key=state.RUN_VIEW)
    shown: dict[str, Callable[[], None]] = {
        RECORDS_VIEW: lambda: records(workspace, run),
        CLASSES: lambda: run_summary.class_table(run),
        CURVES: lambda: ranking(workspace, run),
        CUT_OFF: lambda: cut_off(workspace, run),
        CALIBRATION: lambda: calibration(run),
        LAB: lambda: threshold_lab(workspace, run, busy=busy),
        INPUTS: lambda: inputs(workspace, run),
        COMPARE: lambda: comparison(workspace, run, runs),
        FILES: lambda: files(workspace, run),
    }
    with tab:
        shown[view]()
