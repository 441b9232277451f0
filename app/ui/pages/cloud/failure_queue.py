"""The failure queue: batches on which the function failed in every attempt."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui.widgets import error_display
from app.ui.widgets.texts import when
from aws import failures
from aws.clients import Cloud


def show(cloud: Cloud) -> None:
    """Show the failed batches; they stay in the queue until somebody deletes them."""
    queue = failures.peek(cloud)
    error_display.show_deferred_error()
    if queue is None:
        st.info("There is no failure queue. Deploy the stack.")
        return
    if not queue.waiting:
        st.success("No failed batches.")
        return
    st.warning(
        f"About {queue.waiting:,} batches failed in every attempt. Their records are still in "
        "the score table: fix the cause, then complete the run on the Test page."
    )
    if not queue.failures:
        st.info("Somebody else is reading them just now. Look again in a moment.")
        return
    rows = [
        {
            "At": when(failure.at),
            "Why": failure.why or "not said",
            "Records": failure.records,
            "Message": failure.body,
        }
        for failure in queue.failures
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="", alt="Batches in the failure queue"
    )
    receipts = [failure.receipt for failure in queue.failures]
    st.button(
        f"Delete these {len(receipts)} messages",
        on_click=_delete,
        args=(cloud, receipts),
        icon=":material/delete:",
        help="Only the messages go; the records stay where they are.",
    )


def _delete(cloud: Cloud, receipts: list[str]) -> None:
    """Delete the messages that are on the screen."""
    with error_display.defer_errors():
        failures.delete(cloud, receipts)
