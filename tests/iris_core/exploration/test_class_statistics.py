"""A record's z-scores are by the statistics of the class that it is compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iris_core.errors import DataError
from iris_core.exploration.class_statistics import (
    CategoryStatistics,
    category_statistics,
    class_statistics,
    z_scores,
)
from tests.iris_core.samples import data_set, flowers


def test_statistics_equal_those_of_numpy() -> None:
    ds = flowers()
    rows = ds.frame[ds.frame["species"] == "versicolor"]
    statistics = class_statistics(ds, "versicolor")
    assert [entry.column for entry in statistics] == ["length", "width", "soil"]
    for entry in statistics:
        values = rows[entry.column].to_numpy()
        assert entry.rows == 30
        assert (entry.mean, entry.std) == pytest.approx((values.mean(), values.std()))
        assert entry.quantiles == pytest.approx(np.percentile(values, [5, 25, 50, 75, 95]))


def test_z_score_is_the_distance_in_standard_deviations() -> None:
    statistics = class_statistics(flowers(), "setosa")
    length = statistics[0]
    record = {"species": "setosa", "length": length.mean - 2.5 * length.std, "soil": 1}
    first, second, third = z_scores(record, statistics)
    assert first.z_score == pytest.approx(-2.5)
    assert first.statistics is length
    assert (second.value, second.z_score) == (None, None)
    assert third.value == 1


@pytest.mark.parametrize("value", [None, "5", True, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_has_no_z_score(value: object) -> None:
    (first, *_) = z_scores({"length": value}, class_statistics(flowers(), "setosa"))
    assert (first.value, first.z_score) == (None, None)


def test_numbers_of_a_frame_are_numbers_too() -> None:
    row = {str(name): value for name, value in flowers().frame.iloc[0].items()}
    row["soil"] = np.int64(2)
    assert all(
        entry.value is not None for entry in z_scores(row, class_statistics(flowers(), "setosa"))
    )


def test_missing_numbers_are_left_out_and_constants_have_no_deviation() -> None:
    frame = pd.DataFrame(
        {"kind": ["x", "x", "y"], "a": [0.1, 0.1, 9], "b": [np.nan, 2, 3], "c": [np.nan] * 3}
    )
    a, b = class_statistics(data_set(frame), "x")
    assert (a.mean, a.std, b.rows, b.mean) == (0.1, 0.0, 1, 2)
    same, other = z_scores({"a": 0.1, "b": 2.5}, (a, b))
    assert (same.z_score, other.z_score) == (0.0, None)


def test_unknown_class_is_refused() -> None:
    with pytest.raises(DataError, match="one of its 3 classes, received 'tulip'"):
        class_statistics(flowers(), "tulip")


def test_categories_are_counted_in_the_rows_of_a_class() -> None:
    colours = pd.Series(["red", "red", None, "blue", "red"], dtype="str")
    kinds = pd.Series(["a", "a", "a", "a", "b"], dtype="str")
    ds = data_set(pd.DataFrame({"kind": kinds, "colour": colours, "size": range(5)}))
    assert category_statistics(ds, "a") == (CategoryStatistics("colour", 3, {"red": 2, "blue": 1}),)
    assert category_statistics(ds, "b") == (CategoryStatistics("colour", 1, {"red": 1}),)
    with pytest.raises(DataError, match="expected one of its 2 classes"):
        category_statistics(ds, "c")
