"""Counted columns as figures show them: bars with their positions, names, rows and words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from app.services.data.views import Counts
from app.ui.figures.picture import name_axis, short
from app.ui.figures.values import listed, number
from iris_core.exploration.distributions import CategoryCounts, Histogram

OTHERS = "all others"
"""The name of the classes or categories that are counted as one."""


def display_names(names: Sequence[str], others: int) -> list[str]:
    """Return the names, shortened for a figure, and one for all that are counted as one.

    Args:
        names: of classes or categories.
        others: how many more there are.
    """
    return [*map(short, names), *([OTHERS] if others else [])]


def full_names(counts: CategoryCounts) -> list[str]:
    """Return the categories in full, and one for all that are counted as one."""
    return [*counts.categories, *([OTHERS] if counts.other_categories else [])]


def bar_positions(counts: Counts) -> tuple[list[float], list[float], list[str]]:
    """Return the middle of each bar on its axis, its width, and its name if it has one."""
    if isinstance(counts, Histogram):
        edges = counts.edges
        return ((edges[:-1] + edges[1:]) / 2).tolist(), np.diff(edges).tolist(), []
    names = display_names(counts.categories, counts.other_categories)
    return [float(index) for index in range(len(names))], [0.8] * len(names), names


def bar_names(counts: Counts) -> list[str]:
    """Return what each bar holds: its category, its whole number or its range."""
    if isinstance(counts, CategoryCounts):
        return display_names(counts.categories, counts.other_categories)
    edges = counts.edges.tolist()
    if counts.edges[1] - counts.edges[0] == 1 and edges[0] % 1 == 0.5:
        return [f"{(low + 0.5):,.0f}" for low in edges[:-1]]
    return [f"{low:,.6g} to {high:,.6g}" for low, high in pairwise(edges)]


def rows_by_class(counts: Counts) -> dict[str, list[int]]:
    """Return the rows of each class in each bar."""
    groups = display_names(counts.classes, counts.other_classes)
    bars = len(bar_positions(counts)[0])
    return {group: rows[:bars].tolist() for group, rows in zip(groups, counts.counts, strict=False)}


def total_rows(counts: Counts) -> list[int]:
    """Return the rows in each bar, of all classes."""
    totals: list[int] = counts.counts.sum(axis=0)[: len(bar_positions(counts)[0])].tolist()
    return totals


def category_axis(counts: Counts) -> dict[str, Any]:
    """Return an axis with the names of a column's categories; of numbers, an empty one."""
    if isinstance(counts, Histogram):
        return {}
    return name_axis(display_names(counts.categories, counts.other_categories))


def counts_table(counts: Counts) -> pd.DataFrame:
    """Return the numbers of a histogram, a row for each bar of each class."""
    bars: dict[str, Sequence[Any]]
    if isinstance(counts, Histogram):
        edges = counts.edges.tolist()
        bars = {"from": edges[:-1], "to": edges[1:]}
    else:
        bars = {"category": full_names(counts)}
    groups = [*counts.classes, *([OTHERS] if counts.other_classes else [])]
    parts = [
        pd.DataFrame({"class": group, **bars, "rows": rows[: len(next(iter(bars.values())))]})
        for group, rows in zip(groups, counts.counts, strict=False)
    ]
    return pd.concat(parts, ignore_index=True)


def describe(counts: Counts) -> str:
    """Describe a distribution in words."""
    totals = total_rows(counts)
    missing = f" {counts.missing:,} rows have no value." if counts.missing else ""
    if not sum(totals):
        return f"no values.{missing}"
    if isinstance(counts, CategoryCounts):
        names = display_names(counts.categories, counts.other_categories)
        return f"{listed(dict(zip(names, totals, strict=True)))}.{missing}"
    names = bar_names(counts)
    low, high = counts.edges[0], counts.edges[-1]
    most = int(np.argmax(totals))
    return (
        f"{number(float(low))} to {number(float(high))} in {len(totals)} bins, most rows "
        f"({totals[most]:,}) in {names[most]}.{missing}"
    )
