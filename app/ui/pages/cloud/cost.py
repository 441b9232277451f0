"""What records cost on AWS, line by line."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.services.cost_estimate import cost_basis
from app.ui import state
from aws import prices
from aws.clients import Cloud


def show(cloud: Cloud) -> None:
    """Estimate what records cost on AWS, from those of the newest run."""
    basis = cost_basis(cloud)
    percent = st.number_input(
        "Candidates, % of the records",
        0.0,
        100.0,
        basis.candidates,
        1.0,
        "%.1f",
        key=state.COST_SHARE,
        persist_state="session",
        help="As in the newest run, or 10 % without one.",
    )
    usage = prices.usage_of(basis.items, candidates=percent / 100)
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
        placeholder="",
        column_config=columns,
        alt="Estimated charges for a million records",
    )
    source = "the extended iris data"
    if basis.items:
        source = f"the first {len(basis.items)} of the newest run"
    month = _dollars(1e6 * prices.stored_month(usage))
    links = ", ".join(f"[{link.split('/')[3]}]({link})" for link in prices.SOURCES)
    st.caption(
        f"An estimate, not a bill: list prices of {prices.REGION} in {prices.AS_OF}, "
        f"without free tier and taxes. Items of {usage.item_bytes:,.0f} bytes, as in "
        f"{source}. Keeping a million of them costs {month} a month. The local cloud costs "
        "nothing."
    )
    # Not in the caption: links in its pale grey are hard to read.
    st.markdown(f"The prices in force: {links}.")


def _number(amount: float) -> str:
    """Write a number of units: whole ones, or a small part."""
    return f"{amount:,.0f}" if amount >= 1 else f"{amount:.4f}"


def _dollars(amount: float) -> str:
    """Write an amount of money; a bare dollar sign would begin a formula in Markdown."""
    return f"US\\${amount:,.2f}" if amount >= 1 else f"US\\${amount:,.4f}"
