"""The views of a data set by name."""

from __future__ import annotations

from collections.abc import Callable

from app.services.workspace import Workspace
from app.ui.pages.data import charts, comparison, origin, tables
from iris_core.data.datasets import DataSet

VIEWS: dict[str, Callable[[Workspace, DataSet], None]] = {
    "Rows": tables.show_rows,
    "Columns": tables.show_columns,
    "Histogram": charts.show_histogram,
    "Scatter": charts.show_scatter,
    "Correlation": charts.show_correlation,
    "Classes": charts.show_classes,
    "Compare": comparison.show_comparison,
    "Where it comes from": origin.show_origin,
}
