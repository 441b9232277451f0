"""The batches that the function failed on for good."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui.widgets import error_display
from app.ui.widgets.texts import when
from aws import failures
from aws.clients import Cloud


def show(cloud: Cloud) -> None:
    """Show what the stream gave up on; it stays there until somebody deletes it."""
    found = failures.look(cloud)
    error_display.show_deferred_error()
    if found is None:
        st.info("There is no failure queue. Deploy the stack.")
        return
    if not found.waiting:
        st.success("No batch failed for good.")
        return
    st.warning(
        f"About {found.waiting:,} batches failed for good. Their records are still in the "
        "score table: mend the cause, then complete the run on the Test page."
    )
    if not found.failures:
        st.info("Somebody looks at them just now. Look again in a moment.")
        return
    rows = [
        {
            "At": when(failure.at),
            "Why": failure.why or "not said",
            "Records": failure.records,
            "Message": failure.body,
        }
        for failure in found.failures
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Batches in the failure queue")
    receipts = [failure.receipt for failure in found.failures]
    st.button(
        f"Delete these {len(receipts)} messages",
        on_click=_delete,
        args=(cloud, receipts),
        icon=":material/delete:",
        help="Only the messages go; the records stay where they are.",
    )


def _delete(cloud: Cloud, receipts: list[str]) -> None:
    """Delete the messages that were shown."""
    with error_display.defer_errors():
        failures.delete(cloud, receipts)
