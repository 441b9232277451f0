"""The function's log: its lines, and the records that they count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from app.ui import state
from app.ui.widgets.texts import when
from aws import function
from aws.clients import Cloud
from aws.function_log import LogSummary, summarise
from iris_core.records.reason import TITLES, Reason

LOG_LINES = 200
MAX_REFUSED = 100
"""Refused records that are listed."""
SPANS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "14 days": timedelta(days=14)}
"""The log is kept for two weeks."""
MEANINGS = {
    "received": "sent to the function by the stream, or again by a replay",
    "passed": "correct, and not below the threshold: not copied",
    **{reason: f"copied, or known: {title}" for reason, title in TITLES.items()},
    Reason.WITHDRAWN: "changed, and no candidate (any more)",
    "unjudgeable": "refused: not a valid record, so the rule cannot be applied",
    "copied": "written to the retrain table",
    "known": "in the retrain table already, as new or newer",
}
"""What the function counts, by the names in its log."""


def show(cloud: Cloud) -> None:
    """Show what the function logged: a line of JSON for each batch."""
    left, right = st.columns([3, 2])
    containing = left.text_input(
        "Containing",
        key=state.LOG_FILTER,
        persist_state="session",
        type="search",
        help="Only lines that contain exactly this text.",
    )
    span = right.selectbox("Of the last", list(SPANS), key=state.LOG_SINCE, persist_state="session")
    since = datetime.now(UTC) - SPANS[span]
    lines = function.log_lines(cloud, since=since, containing=containing, limit=LOG_LINES)
    if not lines:
        st.info("No such line." if containing else f"No log lines in the last {span}.")
        return
    _summary(summarise(lines))
    frame = pd.DataFrame([{"At": when(line.at), "Line": line.text} for line in lines[::-1]])
    at = st.column_config.DatetimeColumn(format="D MMM, HH:mm:ss.SSS", width=150)
    st.dataframe(
        frame, hide_index=True, placeholder="", column_config={"At": at}, alt="Lines of the log"
    )
    if len(lines) == LOG_LINES:
        st.caption(f"The newest {LOG_LINES} lines are listed and counted.")


def _summary(summary: LogSummary) -> None:
    """Count the records of the lines by outcome."""
    if not summary.batches:
        return
    others = f", and {summary.others:,} other lines" if summary.others else ""
    st.markdown(f"**Records in {summary.batches:,} batches**{others}")
    counts = [
        {"What": name, "Records": count, "Meaning": MEANINGS.get(name, "")}
        for name, count in summary.counts.items()
        if count or name in ("received", "unjudgeable")
    ]
    st.dataframe(
        pd.DataFrame(counts),
        hide_index=True,
        placeholder="",
        alt="Records of these lines by outcome",
    )
    if summary.refused:
        st.warning(f"{len(summary.refused):,} records were refused by the function and not copied.")
        rows = [
            {"At": when(refusal.at), "Record": refusal.key, "Why": refusal.why}
            for refusal in summary.refused[:MAX_REFUSED]
        ]
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, placeholder="", alt="Records that were refused"
        )
