"""One record of a run in full, compared with the statistics of its classes."""

from __future__ import annotations

import streamlit as st

from app.services.review.verdicts import fields_of
from app.services.workspace import Workspace
from app.ui import navigation, state
from app.ui.figures.scoring import deviation_bars
from app.ui.widgets import pictures
from app.ui.widgets.class_statistics import comparison_table, statistics_of_record
from app.ui.widgets.explanation_panel import importance_panel, reasons_panel
from app.ui.widgets.texts import plain
from iris_core.exploration.class_statistics import z_scores
from iris_core.records.record import Record
from iris_core.records.run import Run


def record_detail(workspace: Workspace, run: Run, record: Record) -> None:
    """Show one record in full, compared with what is typical of its true and predicted class."""
    st.markdown(
        f"**Row {record.row}**: predicted **{plain(record.class_string)}** with probability "
        f"{plain(record.prob_string)}, true label **{plain(record.actual_string)}**."
    )
    navigation.link(
        "score",
        label="Change its values and see what the model predicts",
        icon=":material/target:",
        query_params={state.RECORD: f"{run.dataset}:{record.row}", state.MODEL: run.model},
    )
    fields = fields_of(record.feature_string, f"Row {record.row} of run {run.id}")
    by_class = statistics_of_record(workspace, run, record)
    left, right = st.columns(2, gap="large")
    with left:
        if (of_actual := by_class.get(record.actual_string)) is not None:
            st.caption(
                f"Compared with typical {plain(record.actual_string)} in the model's training "
                "data: z-scores, distances from the mean in standard deviations. Beyond 2 is "
                "unusual."
            )
            pictures.show(
                deviation_bars(z_scores(fields, of_actual), record.actual_string),
                name="deviations",
            )
    with right:
        comparison_table(fields, by_class)
    reasons_panel(workspace, run.model, fields, (record.class_string, record.actual_string))
    importance_panel(workspace, run.model, run.dataset)
