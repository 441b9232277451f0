"""The metrics of two runs or models on the same records, side by side with their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.services.runs.paired_metrics import MetricRow, class_rows, metric_rows
from app.ui.widgets.texts import percent
from iris_core.evaluation.model_comparison import ModelComparison
from iris_core.evaluation.paired_interval import Estimate


@dataclass(frozen=True, slots=True)
class Names:
    """What both are called on the screen.

    Attributes:
        baseline: what is compared with.
        compared: what is compared.
    """

    baseline: str
    compared: str


RUNS = Names("Baseline", "This run")


def metrics_table(comparison: ModelComparison, names: Names = RUNS) -> None:
    """Show the metrics over all records."""
    st.dataframe(
        _frame(metric_rows(comparison), names).drop(columns="Class"),
        hide_index=True,
        placeholder="",
        alt=f"Metrics on the same records, {names.baseline} and {names.compared}, and their "
        "difference",
    )
    st.caption(
        "In brackets the 95 % interval. A difference is that of the same records: where its "
        "interval holds 0, it could be chance. Whether two intervals overlap says less."
    )


def classes_table(comparison: ModelComparison, names: Names = RUNS) -> None:
    """Show recall and precision of each class."""
    st.dataframe(
        _frame(class_rows(comparison), names).rename(columns={"Records": "Support"}),
        hide_index=True,
        placeholder="",
        alt=f"Recall and precision of each class, {names.baseline} and {names.compared}",
    )


def _frame(rows: Sequence[MetricRow], names: Names) -> pd.DataFrame:
    """Return a row a metric, each figure with its interval."""
    return pd.DataFrame(
        {
            "Class": [row.class_name for row in rows],
            "Metric": [row.name for row in rows],
            "Records": [row.records for row in rows],
            names.baseline: [_figure(row.comparison.champion, row) for row in rows],
            names.compared: [_figure(row.comparison.challenger, row) for row in rows],
            "Difference": [_difference(row.comparison.difference, row) for row in rows],
        }
    )


def _figure(estimate: Estimate, row: MetricRow) -> str:
    """Write a metric with its interval."""
    write = percent if row.is_share else "{:.3f}".format
    return _with_interval(*map(write, (estimate.value, estimate.low, estimate.high)))


def _difference(estimate: Estimate, row: MetricRow) -> str:
    """Write a difference with its interval, that of shares in percentage points."""
    ends = (estimate.value, estimate.low, estimate.high)
    if not row.is_share:
        return _with_interval(*(f"{end:+.3f}" for end in ends))
    value, low, high = (f"{100 * end:+.1f}" for end in ends)
    return _with_interval(f"{value} points", low, high)


def _with_interval(value: str, low: str, high: str) -> str:
    """Write a figure with its interval, and where that is a point, that there is none."""
    return f"{value} (no interval)" if low == high else f"{value} ({low} to {high})"
