"""A data set is of one form, whoever makes it."""

from __future__ import annotations

import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from tests.iris_core.samples import data_set, flowers


def test_data_set_has_the_columns_and_classes_of_its_frame() -> None:
    ds = flowers(9)
    assert ds.rows == 9
    assert ds.classes == ("setosa", "versicolor", "virginica")
    assert ds.features == ("length", "width", "soil", "colour")
    assert ds.categorical == ("colour",)


def test_name_is_no_part_of_the_identity() -> None:
    ds = flowers(9)
    assert ds.with_rows("other", ds.frame).id == ds.id


def test_one_changed_value_changes_the_identity() -> None:
    ds = flowers(9)
    changed = ds.frame.copy()
    changed.loc[3, "length"] = 1e-9
    assert ds.with_rows("flowers", changed).id != ds.id


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"a": [1, 2], "kind": ["x", "y"]}), "to be first"),
        (pd.DataFrame({"kind": [1, 2], "a": [1, 2]}), "a text in every cell of 'kind'"),
        (pd.DataFrame({"kind": ["x", None], "a": [1, 2]}), "a text in every cell of 'kind'"),
        (pd.DataFrame({"kind": ["x", "y"], "a": [True, False]}), "column 'a'.*received bool"),
    ],
)
def test_frame_of_another_form_is_refused(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(DataError, match=words):
        DataSet("sample", "kind", frame)


def test_one_class_is_too_few() -> None:
    ds = data_set(pd.DataFrame({"kind": ["x", "x"], "a": [1, 2]}))
    with pytest.raises(DataError, match="two classes, received 1"):
        ds.check_classes()
