"""The schema learns from the training data, and is the same after a trip through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pandas as pd
import pytest

from iris_core.data.csv_reading import read_csv
from iris_core.errors import SchemaError
from iris_core.model.schema import MAX_CATEGORIES, CategoricalFeature, NumericFeature, Schema
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


def test_column_that_names_its_rows_is_refused() -> None:
    rows = range(MAX_CATEGORIES + 1)
    frame = pd.DataFrame(
        {"kind": [f"{row % 2}" for row in rows], "id": [f"r{row}" for row in rows]}
    )
    with pytest.raises(SchemaError, match="column 'id': expected at most 1,000 categories"):
        Schema.fit(data_set(frame))


def test_data_without_a_feature_is_refused() -> None:
    with pytest.raises(SchemaError, match="a feature with values"):
        Schema.fit(data_set(pd.DataFrame({"kind": ["x", "y"]})))


def test_label_never_seen_has_no_number() -> None:
    labels = pd.Series(["virginica", "tulip", "setosa"], dtype="str")
    assert Schema.fit(flowers()).class_indices(labels).tolist() == [2, -1, 0]


def test_other_label_column_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"expected 'species' as the label.*received 'kind'"):
        Schema.fit(flowers()).check_label(read_csv(MIXED))
