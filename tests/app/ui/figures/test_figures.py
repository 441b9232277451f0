"""Figures show what the data says, and say it in words too."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import plotly.graph_objects as go
import pytest

from app.services.data.datasets import DEFAULT_DATA
from app.ui.figures.evaluation import (
    accuracies,
    calibration_curve,
    class_shares,
    confusion,
    threshold_curves,
)
from app.ui.figures.picture import short_axis
from app.ui.figures.scoring import LARGEST, deviation_bars, probability_bars, response_curves
from app.ui.figures.training import (
    POINTS,
    SKETCHED_UNITS,
    accuracy_curve,
    compared_curves,
    loss_curve,
    network_sketch,
)
from iris_core.data.csv_reading import read_csv
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.threshold_curve import threshold_curve
from iris_core.exploration.class_statistics import class_statistics, z_scores
from iris_core.model.models import Epoch
from iris_core.model.options import ModelSpec
from iris_core.records.interval import Interval


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


def test_loss_curve_says_since_when_the_training_overfits() -> None:
    validation = [0.6, 0.5, 0.6, 0.7, 0.8, 0.9]
    history = [Epoch(n, 6, 1 / n, 0.5, loss, 0.5) for n, loss in enumerate(validation, start=1)]
    picture = loss_curve(history)
    assert picture.alt.endswith("Overfitting since epoch 2.")
    (line,) = picture.figure.layout.shapes
    assert line.x0 == line.x1 == 2
    (note,) = picture.figure.layout.annotations
    assert note.text == "overfitting since epoch 2"


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


def test_only_a_whole_probability_is_written_as_100() -> None:
    (bar,) = probability_bars({"a": 0.99999, "b": 0.00001}).figure.data
    assert list(bar.text) == ["0.0 %", "99.9 %"]
    (bar,) = probability_bars({"a": 1.0, "b": 0.0}).figure.data
    assert list(bar.text) == ["0.0 %", "100.0 %"]


def test_confusion_leaves_out_an_empty_row_for_unseen_labels() -> None:
    picture = confusion(((5, 1), (0, 6), (0, 0)), ("a", "b"), "unseen")
    cells, frames = picture.figure.data
    assert list(cells.y) == ["b", "a"]
    assert [list(row) for row in cells.text] == [["0", "6"], ["5", "1"]]
    assert [count for count, _ in frames.customdata] == [0, 6, 5, 1]
    assert picture.alt == "Confusion matrix: 11 correct; misclassified: true a → predicted b 1."


def test_confusion_shows_unseen_labels() -> None:
    picture = confusion(((5, 0), (0, 6), (2, 0)), ("a", "b"), "unseen")
    assert list(picture.figure.data[0].y) == ["unseen", "b", "a"]
    assert "true unseen → predicted a 2" in picture.alt


def test_long_names_leave_room_for_the_cells_and_stay_apart() -> None:
    names = ("Premium", "Commercial (below 80)", "Commercial (above 80)")
    picture = confusion(((1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)), names, "unseen")
    axis = picture.figure.layout.xaxis
    assert list(axis.tickvals) == list(names)
    assert list(axis.ticktext) == ["Premium", "Commercial (b…", "Commercial (a…"]
    assert list(short_axis(names, 8)["ticktext"]) == ["Premium", "Commerc… 2", "Commerc… 3"]


def test_cells_are_pale_enough_for_their_text() -> None:
    cells = confusion(((9, 0), (0, 1), (0, 0)), ("a", "b"), "unseen").figure.data[0]
    assert max(map(max, cells.z)) / cells.zmax <= 0.3


def test_calibration_curve_leaves_out_empty_bins_and_names_the_error() -> None:
    found = calibration(np.array([0.55, 0.95, 0.95, np.nan]), np.array([False, True, True, True]))
    picture = calibration_curve(found)
    assert list(picture.figure.data[1].x) == pytest.approx([0.55, 0.95])
    assert list(picture.figure.data[1].y) == [0, 1]
    assert "calibration error 0.217" in picture.alt
    assert picture.table is not None
    assert picture.table["records"].to_list() == [1, 2]


def test_threshold_curves_name_the_selected_one() -> None:
    curve = threshold_curve(np.array([True, False, True]), np.array([0.4, 0.6, 0.99]))
    place = curve.thresholds.tolist().index(0.5)
    picture = threshold_curves(curve, place)
    assert "At 0.5: 2 of 3 records to review, 1 of 2 errors below it" in picture.alt
    assert list(picture.figure.data[2].x) == [0.5, 0.5]


def test_accuracies_and_class_shares_are_in_the_text_alternative() -> None:
    picture = accuracies([("one", 0.9, Interval(0.8, 0.95)), ("two", 0.5, Interval(0.4, 0.6))])
    assert list(picture.figure.data[0].y) == ["two", "one"]
    assert "one 90.0% (95 % interval 80.0% to 95.0%)" in picture.alt
    shares = class_shares(("a", "b"), [("one", (0.5, None))], "recall")
    assert shares.alt == "Recall by class. one: a 50.0%, b none."


def test_probabilities_are_drawn_beside_those_before() -> None:
    picture = probability_bars({"a": 0.25, "b": 0.75}, {"a": 0.5, "b": 0.5})
    assert [list(trace.x) for trace in picture.figure.data] == [[0.5, 0.5], [0.75, 0.25]]
    assert "a 25.0%, before 50.0%" in picture.alt


def test_farthest_values_are_on_top() -> None:
    iris = read_csv(DEFAULT_DATA)
    statistics = class_statistics(iris, "setosa")
    record = {
        entry.column: entry.mean - 1e-9 + 3 * (entry.column == "petal_length")
        for entry in statistics
    }
    picture = deviation_bars(z_scores(record, statistics), "setosa")
    (bars_,) = picture.figure.data
    assert len(bars_.y) == LARGEST
    assert bars_.y[-1].startswith("petal_length +")
    assert not any(name.endswith(" -0.0") for name in bars_.y), "rounded, 0 has no sign of its own"
    assert deviation_bars((), "setosa").alt.startswith("No number to compare")


def test_responses_are_lines_with_the_value_now() -> None:
    picture = response_curves("x", [0.0, 1.0], {"a": [0.0, 1.0], "b": [1.0, 0.0]}, 0.5)
    assert [trace.name for trace in picture.figure.data] == ["a", "b", "now"]
    assert "a from 0.0% to 100.0%" in picture.alt
    assert len(response_curves("x", [0.0, 1.0], {"a": [0, 1]}, None).figure.data) == 1


def test_trainings_are_compared_by_what_was_held_back() -> None:
    picture = compared_curves([("one", epochs(0.25)), ("two", epochs(None))], "loss")
    assert [trace.name for trace in picture.figure.data] == ["one", "two (training rows)"]
    assert picture.alt == "Validation loss at the end: one 0.25, two (training rows) 0.333."
    assert picture.table is not None
    assert picture.table["epoch"].to_list() == [1, 2, 3]


def test_sketch_counts_all_parameters_and_draws_few_dots() -> None:
    picture = network_sketch(20, ModelSpec(units=(4096,)), 3)
    assert f"{21 * 4096 + 4097 * 3:,} parameters" in picture.alt
    assert len(picture.figure.data[1].x) == 2 * SKETCHED_UNITS + 3
    assert "3 classes; 63 parameters" in network_sketch(20, ModelSpec(units=()), 3).alt


def test_sketch_counts_the_linear_path() -> None:
    said = network_sketch(20, ModelSpec(units=(4,), members=2, linear_path=True), 3).alt
    assert "and a linear path from the inputs to the classes; 159 parameters (84 + 15 + 60)" in said


def test_no_figure_names_a_colour() -> None:
    pictures = (
        loss_curve(epochs(0.5)),
        probability_bars({"a": 0.5, "b": 0.5}),
        confusion(((1, 0), (0, 1), (0, 0)), ("a", "b"), "unseen"),
        calibration_curve(calibration(np.array([0.5]), np.array([True]))),
        threshold_curves(threshold_curve(np.array([True]), np.array([0.5])), 0),
        accuracies([("one", 0.9, Interval(0.8, 0.95))]),
        network_sketch(4, ModelSpec(), 3),
        compared_curves([("one", epochs(0.5))], "accuracy"),
        response_curves("x", [0.0, 1.0], {"a": [0.0, 1.0]}, 0.5),
    )
    for picture in pictures:
        plain = go.Figure(picture.figure).update_layout(template="none").to_plotly_json()
        plain["layout"].pop("template")
        assert "'color" not in str(plain)


def test_figures_do_without_streamlit_and_tensorflow() -> None:
    names = ("correlation", "distributions", "drift", "evaluation", "scatter", "training")
    modules = ", ".join(f"app.ui.figures.{name}" for name in names)
    code = f"import {modules}, sys; print({{'streamlit', 'tensorflow'}} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
