"""The schema learns from the training data, and is the same after a trip through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.errors import SchemaError
from iris_core.model.encoding import encode
from iris_core.model.features import MAX_OWN, CategoricalFeature, NumericFeature
from iris_core.model.schema import Schema
from tests.iris_core.samples import data_set, flowers

MIXED = b"kind,size,colour,fixed,gone\nx,1,red,0.1,\ny,3,blue,0.1,\nx,,NA,0.1,\ny,5,,0.1,\n"


def test_schema_holds_scales_and_categories_in_column_order() -> None:
    schema = Schema.fit(read_csv(MIXED))
    assert (schema.label, schema.classes) == ("kind", ("x", "y"))
    assert schema.features == (
        NumericFeature("size", 3.0, (8 / 3) ** 0.5, 1.0, 5.0),
        CategoricalFeature("colour", ("NA", "blue", "red")),
        NumericFeature("fixed", 0.1, 0.0, 0.1, 0.1),
        NumericFeature("gone", 0.0, 0.0, 0.0, 0.0),
    )
    assert schema.width == 6


def test_schema_is_the_same_after_json() -> None:
    schema = Schema.fit(flowers())
    assert Schema.from_dict(json.loads(json.dumps(asdict(schema)))) == schema


@pytest.mark.parametrize(
    "change",
    [
        {"label": 5},
        {"classes": "xy"},
        {"features": [{"name": "a"}]},
        {"features": [{"name": "a", "mean": "x", "std": 1, "minimum": 0, "maximum": 1}]},
        {"features": [{"name": "a", "mean": float("nan"), "std": 1, "minimum": 0, "maximum": 1}]},
        {"features": [{"name": "a", "mean": 0, "std": -1, "minimum": 0, "maximum": 1}]},
        {"features": ["a"]},
        {"extra": 1},
    ],
)
def test_broken_schema_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="expected"):
        Schema.from_dict({**asdict(Schema.fit(flowers())), **change})


def test_label_with_a_value_for_every_row_is_refused() -> None:
    frame = pd.DataFrame({"id": [f"row {row}" for row in range(300)], "a": range(300)})
    with pytest.raises(SchemaError, match="at most 256 classes, received 300"):
        Schema.fit(data_set(frame))


def test_most_frequent_categories_have_an_input_each_and_the_others_share_one() -> None:
    names = [f"c{number:03d}" for number in range(MAX_OWN + 40)]
    rows = [*names, *names[40:], *names[40:]]
    frame = pd.DataFrame({"kind": [f"{row % 2}" for row in range(len(rows))], "city": rows})
    schema = Schema.fit(data_set(frame))
    (city,) = schema.categorical
    assert (city.categories, city.grouped) == (tuple(names[40:]), True)
    assert schema.width == MAX_OWN + 1
    assert Schema.from_dict(asdict(schema)) == schema
    # AND a category that was never seen is one of the others; a missing one is none of them
    cells = pd.DataFrame({"city": pd.array(["c040", "c001", "never", None], "str")})
    encoded = encode(schema, cells)
    assert encoded.matrix.argmax(axis=1).tolist() == [0, MAX_OWN, MAX_OWN, 0]
    assert encoded.matrix.sum(axis=1).tolist() == [1, 1, 1, 0]
    assert (encoded.unseen, encoded.missing) == ({}, {"city": 1})


def test_date_becomes_numbers_with_scales_of_their_own() -> None:
    days = [f"2024-{month:02d}-15" for month in range(1, 13)]
    frame = pd.DataFrame({"kind": ["a", "b"] * 6, "day": pd.array(days, "str")})
    ds = DataSet("d", "kind", frame.astype({"kind": "str"}), dates=("day",))
    schema = Schema.fit(ds, bins=8)
    (day,) = schema.dates
    assert [part.name for part in day.parts] == [
        *("day: year", "day: month", "day: weekday", "day: days")
    ]
    assert (day.first, day.parts[1].mean, day.parts[3].maximum) == ("2024-01-15", 6.5, 335)
    assert Schema.from_dict(asdict(schema)) == schema
    assert schema.columns == ds.columns
    assert np.array_equal(schema.fingerprints(frame), ds.fingerprints)
    encoded = encode(schema, frame)
    assert encoded.matrix[:, 1].mean() == pytest.approx(0, abs=1e-6)
    # AND a missing date is as the average one, and counted once
    missing = encode(schema, pd.DataFrame({"day": pd.array([None], "str")}))
    assert missing.matrix[0, :4].tolist() == [0, 0, 0, 0]
    assert missing.missing == {"day": 1}
    with pytest.raises(SchemaError, match="column 'day': expected dates such as 2024-01-15"):
        encode(schema, pd.DataFrame({"day": ["soon"]}))


def test_data_without_a_feature_is_refused() -> None:
    with pytest.raises(SchemaError, match="a feature with values"):
        Schema.fit(data_set(pd.DataFrame({"kind": ["x", "y"]})))


def test_label_never_seen_has_no_number() -> None:
    labels = pd.Series(["virginica", "tulip", "setosa"], dtype="str")
    assert Schema.fit(flowers()).class_indices(labels).tolist() == [2, -1, 0]


def test_other_label_column_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected 'species' as the label.*received 'kind'"):
        Schema.fit(flowers()).check_label(read_csv(MIXED))


def test_schema_with_bins_is_the_same_after_json() -> None:
    schema = Schema.fit(flowers(), bins=8)
    assert Schema.from_dict(json.loads(json.dumps(asdict(schema)))) == schema
    assert schema.width > Schema.fit(flowers()).width


def test_with_bins_gaps_are_flagged_and_single_categories_left_out() -> None:
    schema = Schema.fit(read_csv(MIXED), bins=8)
    size, colour, *_ = schema.features
    assert size == NumericFeature(
        "size", 3.0, (8 / 3) ** 0.5, 1.0, 5.0, (1.0, 3.0, 5.0), (2 / 3, 1 / 3), flagged=True
    )
    assert colour == CategoricalFeature("colour", ())
    assert [feature.name for feature in schema.flagged] == ["size"]


def test_schema_of_an_earlier_version_has_no_bins() -> None:
    features = [{"name": "a", "mean": 1, "std": 2, "minimum": 0, "maximum": 5}]
    schema = Schema.from_dict({"label": "kind", "classes": ["x", "y"], "features": features})
    assert schema.features == (NumericFeature("a", 1.0, 2.0, 0.0, 5.0),)
    assert schema.width == 1


@pytest.mark.parametrize(
    ("edges", "centre"),
    [
        ([1.0], []),
        ([1.0, 2.0], []),
        ([2.0, 1.0], [0.5]),
        ([1.0, 1.0], [0.5]),
        ([1.0, float("inf")], [0.5]),
        ([1.0, 2.0], [1.5]),
        ([1.0, 2.0], [float("nan")]),
        (list(range(66)), [0.5] * 65),
    ],
)
def test_bins_that_no_column_has_are_refused(edges: list[float], centre: list[float]) -> None:
    feature = {"name": "a", "mean": 1, "std": 2, "minimum": 0, "maximum": 5}
    data = {
        "label": "kind",
        "classes": ["x"],
        "features": [feature | {"edges": edges, "centre": centre}],
    }
    with pytest.raises(SchemaError, match="a fault"):
        Schema.from_dict(data)
