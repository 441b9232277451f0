"""What columns are worth, what made a prediction, and how one depends on a column, as figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.ui.figures.dependence import dependence_curves
from app.ui.figures.explanation import LARGEST, contribution_bars, importance_bars
from iris_core.evaluation.paired_interval import Estimate
from iris_core.explanation.contributions import Contributions
from iris_core.explanation.dependence import Dependence
from iris_core.explanation.importance import ColumnImportance, Importance


def importance(columns: int) -> Importance:
    """Return importances that fall from column to column."""
    entries = tuple(
        ColumnImportance(f"c{place}", Estimate(value, value - 0.1, value + 0.3), Estimate(0, 0, 0))
        for place, value in enumerate(np.linspace(1, 0, columns).tolist())
    )
    return Importance(entries, 150, 150, 10, 0.2, 0.9, 1.1)


def contributions(values: list[float]) -> Contributions:
    """Return contributions with a standard error of a tenth."""
    names = tuple(f"c{place}" for place in range(len(values)))
    array = np.array(values)
    return Contributions(names, array, array * 0 + 0.1, -1.0, -1.0 + array.sum(), 100, None)


def dependence(values: tuple[float | str | None, ...]) -> Dependence:
    """Return a dependence of two rows on a number."""
    curves = np.linspace(0.1, 0.7, 2 * len(values)).reshape(2, -1)
    mean, error = curves.mean(axis=0), np.full(len(values), 0.05)
    return Dependence(
        "<size>", "big", "number", values, curves, (1.0, None), mean, error, 0.4, 2, 9
    )


def test_most_important_column_is_on_top_with_its_interval() -> None:
    picture = importance_bars(importance(3))
    bars, intervals = picture.figure.data
    # The last of a horizontal figure is drawn on top.
    assert list(bars.y) == ["c2", "c1", "c0"]
    assert list(bars.x) == [0.0, 0.5, 1.0]
    assert list(intervals.error_x.array) == pytest.approx([0.3] * 3)
    assert list(intervals.error_x.arrayminus) == pytest.approx([0.1] * 3)
    assert "c0 1.000 (0.900 to 1.300), c1 0.500" in picture.alt


def test_of_many_columns_the_first_are_drawn_or_all_and_the_table_has_all() -> None:
    few, every = importance_bars(importance(40)), importance_bars(importance(40), every=True)
    assert len(few.figure.data[0].y) == LARGEST
    assert len(every.figure.data[0].y) == 40
    assert few.table is not None
    assert len(few.table) == 40


def test_bars_of_a_record_add_up_whether_all_are_drawn_or_not() -> None:
    parts = contributions([0.5, -0.8, *[0.01] * 28])
    fields = {name: None if name == "c1" else 3.25 for name in parts.columns}
    few = contribution_bars(parts, fields, "big")
    every = contribution_bars(parts, fields, "big", every=True)
    assert len(few.figure.data[0].y) == LARGEST
    assert list(few.figure.data[0].y)[::-1][:2] == ["c1 = missing", "c0 = 3.25"]
    assert few.figure.data[0].y[0] == "16 other columns"
    for picture in (few, every):
        assert sum(picture.figure.data[0].x) == pytest.approx(parts.prediction - parts.base)
    assert "from -1.00 on average to -1.02 for this record" in few.alt


def test_curves_of_rows_their_mean_its_interval_and_the_average_are_drawn() -> None:
    found = dependence((1.0, 2.0, 3.0))
    picture = dependence_curves(found)
    rows, band, mean, average, rug = picture.figure.data
    assert list(rows.x) == [1.0, 2.0, 3.0, None] * 2
    assert [value for value in rows.y if value is not None] == pytest.approx(found.curves.ravel())
    assert list(mean.y) == pytest.approx(found.mean)
    assert list(band.y)[:3] == pytest.approx(found.high)
    assert list(average.y) == [0.4, 0.4]
    assert list(rug.x) == [1.0]
    assert picture.figure.layout.xaxis.title.text == "&lt;size>"
    assert "40.0 % on average" in picture.alt


def test_centred_curves_begin_at_nothing() -> None:
    rows, mean, _ = dependence_curves(dependence((1.0, 2.0, 3.0)), centred=True).figure.data
    assert (rows.y[0], rows.y[4], mean.y[0]) == (0.0, 0.0, 0.0)


def test_missing_number_is_in_the_table_alone_and_a_missing_category_is_drawn() -> None:
    numbers = dependence_curves(dependence((1.0, 2.0, None)))
    assert None not in numbers.figure.data[2].x
    assert numbers.table is not None
    assert numbers.table["<size>"].tolist() == ["1", "2", "missing"]
    categories = replace(dependence(("red", "<blue>", None)), kind="category")
    drawn = dependence_curves(categories).figure
    rows, mean, _ = drawn.data
    assert list(mean.x) == list(drawn.layout.xaxis.tickvals)
    assert list(mean.x) == ["red", "&lt;blue>", "missing"]
    assert (rows.mode, mean.mode) == ("markers", "markers")
    assert list(mean.error_y.array) == pytest.approx([0.098] * 3, abs=1e-3)


def test_constant_column_is_a_point() -> None:
    picture = dependence_curves(dependence((1.0,)))
    assert picture.figure.data[2].mode == "markers"
    assert list(picture.figure.data[2].y) == pytest.approx([0.4])
