"""What records cost on AWS, line by line."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import state
from aws import prices, run_table
from aws.clients import Cloud
from aws.tables import query_page
from iris_core.records.attributes import Item
from iris_core.records.keys import partitions
from iris_core.records.run import Run

SAMPLED = 100
"""Stored records by which the bill is estimated."""


def show(cloud: Cloud) -> None:
    """Estimate what records cost on AWS, from what those of the newest run are."""
    run = next(run_table.runs(cloud), None)
    items = _first_items(cloud, run) if run else ()
    measured = round(100 * run.found / run.rows, 1) if run and items and run.rows else 10.0
    share = st.number_input(
        "Candidates, % of the records",
        0.0,
        100.0,
        measured,
        1.0,
        "%.1f",
        key=state.COST_SHARE,
        persist_state="session",
        help="As in the newest run, or 10 % without one.",
    )
    usage = prices.usage_of(items, candidates=share / 100)
    lines = prices.charges(usage)
    left, right = st.columns(2)
    left.metric("1,000 records", _dollars(1e3 * prices.total(lines)))
    right.metric("1,000,000 records", _dollars(1e6 * prices.total(lines)))
    rows = [
        {
            "What": line.what,
            "A million records": f"{_number(1e6 * line.units)} {line.unit}",
            "Dollars a million": 1e6 * line.dollars,
        }
        for line in lines
    ]
    columns = {"Dollars a million": st.column_config.NumberColumn(format="$%.4f")}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=columns,
        alt="Estimated charges for a million records",
    )
    of_what = f"the first {len(items)} of the newest run" if items else "the extended iris data"
    month = _dollars(1e6 * prices.stored_month(usage))
    sources = ", ".join(f"[{source.split('/')[3]}]({source})" for source in prices.SOURCES)
    st.caption(
        f"An estimate, not a bill: list prices of {prices.REGION} in {prices.AS_OF}, "
        f"without free tier and taxes. Items of {usage.item_bytes:,.0f} bytes, as in "
        f"{of_what}. Keeping a million of them costs {month} a month. The local cloud costs "
        "nothing."
    )
    # Beside the caption: links in its pale grey are hard to read.
    st.markdown(f"The prices in force: {sources}.")


def _number(amount: float) -> str:
    """How many units: whole ones, or a small part."""
    return f"{amount:,.0f}" if amount >= 1 else f"{amount:.4f}"


def _dollars(amount: float) -> str:
    """An amount of money; a dollar sign would begin a formula in Markdown."""
    return f"US\\${amount:,.2f}" if amount >= 1 else f"US\\${amount:,.4f}"


def _first_items(cloud: Cloud, run: Run) -> tuple[Item, ...]:
    """Some stored items of a run."""
    table, partition = cloud.settings.score_table, next(partitions(run.id, run.rows), "")
    return query_page(cloud, table, partition, limit=SAMPLED).items
