"""Figures show what the data says, and say it in words too."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.figures.data import BINS, CATEGORIES, OTHERS, class_balance, histogram
from app.figures.evaluation import confusion
from app.figures.picture import Picture
from app.figures.scoring import probability_bars
from app.figures.training import POINTS, accuracy_curve, loss_curve
from app.services import DEFAULT_DATA
from iris_core.csv_reading import read_csv
from iris_core.datasets import DataSet
from iris_core.models import Epoch


@pytest.fixture(scope="module")
def iris() -> DataSet:
    return read_csv(DEFAULT_DATA)


def made(**columns: Any) -> DataSet:
    frame = pd.DataFrame(columns)
    return DataSet("made", str(frame.columns[0]), frame.astype({frame.columns[0]: "str"}))


def bars(picture: Picture) -> dict[str, list[int]]:
    return {trace.name: list(trace.y) for trace in picture.figure.data}


def test_class_balance_has_a_bar_for_each_class(iris: DataSet) -> None:
    picture = class_balance(iris)
    (bar,) = picture.figure.data
    assert list(bar.x) == ["setosa", "versicolor", "virginica"]
    assert list(bar.y) == [400, 400, 400]
    assert picture.alt == "Rows by species: setosa 400, versicolor 400, virginica 400."


def test_histogram_counts_every_row_of_every_column(iris: DataSet) -> None:
    for column in iris.features:
        counted = bars(histogram(iris, column))
        assert {name: sum(counts) for name, counts in counted.items()} == dict.fromkeys(
            iris.classes, 400
        )


def test_histogram_sends_bins_not_rows(iris: DataSet) -> None:
    picture = histogram(iris, "petal_length")
    assert all(len(trace.x) == BINS for trace in picture.figure.data)


def test_histogram_of_few_distinct_numbers_has_a_bar_for_each() -> None:
    picture = histogram(made(kind=list("aabb"), size=[0, 1, 2, 2]), "size")
    assert list(picture.figure.data[0].x) == [0, 1, 2]
    assert bars(picture) == {"a": [1, 1, 0], "b": [0, 0, 2]}


def test_missing_values_are_not_drawn_but_told() -> None:
    picture = histogram(made(kind=list("aabb"), size=[1.5, np.nan, 2.5, np.nan]), "size")
    assert bars(picture) == {"a": [1, 0], "b": [0, 1]}
    assert picture.alt.endswith("Means: a 1.5, b 2.5. 2 rows have no value.")


def test_column_without_any_value_is_drawn() -> None:
    picture = histogram(made(kind=list("ab"), size=[np.nan, np.nan]), "size")
    assert bars(picture) == {"a": [0], "b": [0]}


def test_rare_categories_are_counted_together() -> None:
    names = [f"c{number}" for number in range(CATEGORIES + 5)]
    dataset = made(kind=["a", "b"] * len(names), shade=pd.Series([*names, *names], dtype="str"))
    picture = histogram(dataset, "shade")
    ticks = list(picture.figure.data[0].x)
    assert len(ticks) == CATEGORIES + 1
    assert ticks[-1] == OTHERS
    assert sum(map(sum, bars(picture).values())) == 2 * len(names)


def test_names_are_never_taken_for_markup() -> None:
    dataset = made(**{"<b>kind</b>": ["<i>a", "b&c"], "<u>size": [1.0, 2.0]})
    picture = histogram(dataset, "<u>size")
    assert [trace.name for trace in picture.figure.data] == ["&lt;i>a", "b&amp;c"]
    assert picture.figure.layout.xaxis.title.text == "&lt;u>size"


def test_names_that_look_like_numbers_are_names() -> None:
    picture = class_balance(made(kind=["1", "10"], size=[1.0, 2.0]))
    assert picture.figure.layout.xaxis.type == "category"


def epochs(validation: float | None) -> list[Epoch]:
    return [Epoch(n, 3, 1 / n, 1 - 1 / (2 * n), validation, validation) for n in (1, 2, 3)]


def test_curves_show_training_and_validation() -> None:
    loss = loss_curve(epochs(0.25))
    assert [trace.name for trace in loss.figure.data] == ["training", "validation"]
    assert loss.alt == (
        "Curve of the training loss over 3 epochs, from 1 to 0.333; validation loss at the end "
        "0.25."
    )
    accuracy = accuracy_curve(epochs(None))
    assert [trace.name for trace in accuracy.figure.data] == ["training"]


def test_curve_of_a_long_training_is_thinned_and_says_so() -> None:
    history = [Epoch(n, 5000, 1 / n, 0.5, None, None) for n in range(1, 5001)]
    picture = loss_curve(history)
    (line,) = picture.figure.data
    assert len(line.x) <= POINTS
    assert line.x[-1] == 5000
    assert picture.figure.layout.xaxis.title.text == "epoch (each 13th)"


def test_probabilities_are_bars_from_the_first_class_down() -> None:
    picture = probability_bars({"a": 0.125, "b": 0.875})
    (bar,) = picture.figure.data
    assert (list(bar.y), list(bar.x)) == (["b", "a"], [0.875, 0.125])
    assert picture.alt == "Probability of each class: a 12.5%, b 87.5%."


def test_confusion_leaves_out_an_empty_row_for_unseen_labels() -> None:
    picture = confusion(((5, 1), (0, 6), (0, 0)), ("a", "b"), "unseen")
    (cells,) = picture.figure.data
    assert list(cells.y) == ["b", "a"]
    assert [list(row) for row in cells.z] == [[0, 6], [5, 1]]
    assert picture.alt == "Confusion matrix: 11 right; wrong: a taken for b 1."


def test_confusion_shows_unseen_labels() -> None:
    picture = confusion(((5, 0), (0, 6), (2, 0)), ("a", "b"), "unseen")
    assert list(picture.figure.data[0].y) == ["unseen", "b", "a"]
    assert "unseen taken for a 2" in picture.alt


def test_no_figure_names_a_colour(iris: DataSet) -> None:
    pictures = (
        class_balance(iris),
        histogram(iris, "elevation"),
        loss_curve(epochs(0.5)),
        probability_bars({"a": 0.5, "b": 0.5}),
        confusion(((1, 0), (0, 1), (0, 0)), ("a", "b"), "unseen"),
    )
    for picture in pictures:
        plain = go.Figure(picture.figure).update_layout(template="none").to_plotly_json()
        plain["layout"].pop("template")
        assert "'color" not in str(plain)


def test_figures_do_without_streamlit_and_tensorflow() -> None:
    modules = "app.figures.data, app.figures.training, app.figures.evaluation"
    code = f"import {modules}, sys; print({{'streamlit', 'tensorflow'}} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
