"""Pictures of data sets show what was counted, and say it in words too."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.services.data.datasets import DEFAULT_DATA
from app.services.data.views import SAMPLE_ROWS
from app.ui.figures.correlation import HEAT_COLUMNS, correlation_map
from app.ui.figures.counts import OTHERS
from app.ui.figures.distributions import class_balance, histogram
from app.ui.figures.drift import DRIFT_COLUMNS, drift_bars, drifted_column
from app.ui.figures.picture import Picture
from app.ui.figures.scatter import scatter
from app.ui.pages.data import exploration
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.exploration.correlation import correlations
from iris_core.exploration.distributions import BINS, CATEGORIES, category_counts
from iris_core.exploration.distributions import histogram as count
from iris_core.exploration.drift import DriftLevel, by_drift, compare

MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def iris() -> DataSet:
    return read_csv(DEFAULT_DATA)


def made(**columns: Any) -> DataSet:
    frame = pd.DataFrame(columns)
    return DataSet("made", str(frame.columns[0]), frame.astype({frame.columns[0]: "str"}))


def bars(picture: Picture) -> dict[str, list[int]]:
    return {trace.name: list(trace.y) for trace in picture.figure.data}


def table(picture: Picture) -> pd.DataFrame:
    assert picture.table is not None
    return picture.table


def test_class_balance_has_a_bar_for_each_class(iris: DataSet) -> None:
    picture = class_balance(exploration.class_counts(iris))
    (bar,) = picture.figure.data
    assert list(bar.y) == [400, 400, 400]
    assert list(picture.figure.layout.xaxis.ticktext) == list(iris.classes)
    assert picture.alt == "Rows by species: setosa 400, versicolor 400, virginica 400."
    assert table(picture)["rows"].to_list() == [400, 400, 400]


def test_histogram_counts_every_row_of_every_column(iris: DataSet) -> None:
    for column in iris.features:
        counted = bars(histogram(count(iris, column)))
        assert {name: sum(rows) for name, rows in counted.items()} == dict.fromkeys(
            iris.classes, 400
        )


def test_histogram_sends_bins_not_rows(iris: DataSet) -> None:
    picture = histogram(count(iris, "petal_length"))
    assert all(len(trace.x) == BINS for trace in picture.figure.data)
    assert table(picture)["rows"].sum() == iris.rows
    assert len(table(picture)) == BINS * len(iris.classes)


def test_histogram_of_whole_numbers_names_each() -> None:
    picture = histogram(count(made(kind=["a", "b", "a", "b"], n=[1, 2, 2, 4]), "n"))
    assert list(picture.figure.data[0].x) == [1, 2, 3, 4]
    assert list(picture.figure.data[0].customdata) == ["1", "2", "3", "4"]


def test_histogram_says_what_is_missing() -> None:
    dataset = made(kind=["a", "b", "a"], size=[1.5, np.nan, np.nan], none=[np.nan] * 3)
    assert "2 rows have no value" in histogram(count(dataset, "size")).alt
    picture = histogram(count(dataset, "none"))
    assert "no values" in picture.alt
    assert not any(map(sum, bars(picture).values()))


def test_rare_categories_are_counted_together() -> None:
    names = [f"c{number}" for number in range(CATEGORIES + 5)]
    dataset = made(kind=["a", "b"] * len(names), shade=pd.Series([*names, *names], dtype="str"))
    picture = histogram(category_counts(dataset, "shade"))
    ticks = picture.figure.layout.xaxis.ticktext
    assert len(ticks) == CATEGORIES + 1
    assert ticks[-1] == OTHERS
    assert sum(map(sum, bars(picture).values())) == 2 * len(names)


def test_names_are_never_taken_for_markup() -> None:
    dataset = made(**{"<b>kind</b>": ["<i>a", "b&c"], "<u>size": [1.0, 2.0]})
    picture = histogram(count(dataset, "<u>size"))
    assert [trace.name for trace in picture.figure.data] == ["&lt;i>a", "b&amp;c"]
    assert picture.figure.layout.xaxis.title.text == "&lt;u>size"
    for shown in (scatter(exploration.scatter_points(dataset, "<u>size", "<u>size")), picture):
        assert "<u>" not in str(shown.figure.to_json())
        assert "<i>" not in str(shown.figure.to_json())


def test_names_that_look_like_numbers_are_names() -> None:
    picture = class_balance(exploration.class_counts(made(kind=["1", "10"], size=[1.0, 2.0])))
    assert list(picture.figure.layout.xaxis.ticktext) == ["1", "10"]
    assert list(picture.figure.data[0].x) == [0, 1]


def test_scatter_has_each_class_once_in_the_legend_and_in_one_colour_group(iris: DataSet) -> None:
    picture = scatter(exploration.scatter_points(iris, "petal_length", "sepal_width"))
    shown = [trace for trace in picture.figure.data if trace.showlegend is not False]
    assert [trace.name for trace in shown] == list(iris.classes)
    assert sum(len(trace.x) for trace in shown) == iris.rows
    for trace in picture.figure.data:
        assert iris.classes[int(trace.legendgroup)] == trace.name
    edges = [trace for trace in picture.figure.data if trace.type == "bar"]
    assert sum(sum(trace.y) for trace in edges if trace.orientation == "v") == iris.rows
    assert sum(sum(trace.x) for trace in edges if trace.orientation == "h") == iris.rows
    assert "all 1,200 rows" in picture.alt
    assert "Their correlation in them is" in picture.alt


def test_scatter_of_many_rows_is_a_sample_and_says_so() -> None:
    rows = 5 * SAMPLE_ROWS
    values = np.random.default_rng(0).normal(size=rows)
    dataset = made(kind=["a", "b", "c"] * (rows // 3), x=values, y=-values)
    picture = scatter(exploration.scatter_points(dataset, "x", "y"))
    assert f"a sample of {SAMPLE_ROWS:,} of {rows:,} rows" in picture.alt
    assert "correlation in them is -1.00" in picture.alt
    assert len(table(picture)) == SAMPLE_ROWS
    assert len(picture.figure.to_json()) < MOST_BYTES


def test_scatter_of_categories_lays_points_around_their_place() -> None:
    shades = pd.Series(["red", "blue", None, "red"], dtype="str")
    dataset = made(kind=["a", "b", "a", "b"], shade=shades, size=[1.0, 2.0, 3.0, 4.0])
    picture = scatter(exploration.scatter_points(dataset, "shade", "size"))
    assert list(picture.figure.layout.xaxis.ticktext) == ["red", "blue"]
    of_b = picture.figure.data[1]
    assert of_b.x == pytest.approx([1, 0], abs=0.31)


def test_correlation_map_names_the_strongest_pairs(iris: DataSet) -> None:
    picture = correlation_map(correlations(iris))
    (cells,) = picture.figure.data
    assert np.shape(cells.z) == (20, 20)
    assert "Strongest: " in picture.alt
    assert table(picture).shape == (20, 21)


def test_correlation_map_of_many_columns_keeps_those_that_go_together() -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{number}": rng.normal(size=60) for number in range(HEAT_COLUMNS + 20)}
    columns["twin"] = columns["c3"] * 2
    dataset = made(kind=["a", "b"] * 30, **columns)
    picture = correlation_map(correlations(dataset))
    ticks = " ".join(picture.figure.layout.yaxis.ticktext)
    assert len(picture.figure.data[0].z) == HEAT_COLUMNS
    assert "c3 " in ticks
    assert "twin " in ticks
    assert len(table(picture)) == HEAT_COLUMNS + 21
    assert picture.alt.startswith(f"Correlation of {HEAT_COLUMNS} columns. Strongest: c3 and twin")


def test_drift_is_ranked_and_columns_of_too_few_rows_are_last(iris: DataSet) -> None:
    stable, _, drifted, unknown = get_args(DriftLevel)
    moved = iris.frame.assign(elevation=iris.frame["elevation"] + 400)
    found = compare(iris, iris.with_rows("moved", moved))
    ranked = by_drift(found)
    assert ranked[0].name == "elevation"
    assert all(one.psi >= other.psi for one, other in pairwise(ranked))
    picture = drift_bars(found)
    assert [trace.name for trace in picture.figure.data if trace.showlegend] == [
        drifted,
        stable,
    ]
    assert "elevation" in picture.alt
    shares = drifted_column(ranked[0], "before", "<b>after</b>")
    assert [trace.name for trace in shares.figure.data] == ["before", "&lt;b>after&lt;/b>"]
    assert sum(shares.figure.data[1].y) == pytest.approx(1)
    few = compare(iris, iris.with_rows("few", moved.head(20)))
    assert {column.level for column in by_drift(few)} == {unknown}
    assert unknown in drift_bars(few).alt


def test_wide_data_with_long_names_stays_small() -> None:
    rng = np.random.default_rng(0)
    names = [f"{number} {'<long>' * 1_000}" for number in range(150)]
    texts = pd.Series([f"{number % 70} {'x' * 5_000}" for number in range(140)], dtype="str")
    numbers = {name: rng.normal(size=140) for name in names}
    dataset = made(kind=texts, shade=texts, **numbers)
    pictures = [
        class_balance(exploration.class_counts(dataset)),
        histogram(exploration.column_counts(dataset, "shade")),
        histogram(exploration.column_counts(dataset, names[0], 100)),
        scatter(exploration.scatter_points(dataset, "shade", names[0])),
        correlation_map(correlations(dataset)),
        drift_bars(compare(dataset, dataset)),
        drifted_column(compare(dataset, dataset).columns[1], "one", "other"),
    ]
    for picture in pictures:
        assert len(picture.figure.to_json()) < MOST_BYTES / 4
        assert len(picture.alt) < 3_000
    assert len(pictures[5].figure.layout.yaxis.ticktext) == DRIFT_COLUMNS


def test_no_figure_names_a_colour(iris: DataSet) -> None:
    found = compare(iris, iris)
    pictures = (
        class_balance(exploration.class_counts(iris)),
        histogram(count(iris, "elevation")),
        scatter(exploration.scatter_points(iris, "elevation", "petal_length")),
        drift_bars(found),
        drifted_column(found.columns[0], "one", "other"),
    )
    for picture in pictures:
        plain = go.Figure(picture.figure).update_layout(template="none").to_plotly_json()
        plain["layout"].pop("template")
        assert "'color" not in str(plain)
