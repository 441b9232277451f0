"""What is written as CSV is read again as the same data set."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.datasets import DataSet
from iris_core.data.text_column import MAX_NUMBER
from tests.iris_core.samples import data_set, flowers

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8)
labels = texts.filter(str.strip)
names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8)
floats = st.just(float("nan")) | st.floats(-MAX_NUMBER, MAX_NUMBER)
wholes = st.integers(-(2**63), 2**63 - 1)


@st.composite
def data_sets(draw: st.DrawFn) -> DataSet:
    rows = draw(st.integers(2, 6))
    headers = draw(st.lists(names.map(str.strip).filter(bool), min_size=2, max_size=5, unique=True))
    assume(not headers[0].startswith("\ufeff"))

    def column(values: st.SearchStrategy[object], dtype: str) -> pd.Series:
        cells = draw(st.lists(values, min_size=rows, max_size=rows))
        return pd.Series(cells, dtype=dtype)

    columns = {headers[0]: column(labels, "str")}
    for header in headers[1:]:
        kind = draw(st.sampled_from(["int64", "float64", "str"]))
        values = {"int64": wholes, "float64": floats, "str": st.none() | texts}[kind]
        columns[header] = column(values, kind)
    assume(columns[headers[0]].nunique() > 1)
    return data_set(pd.DataFrame(columns))


@given(data_sets())
def test_round_trip_keeps_every_value(ds: DataSet) -> None:
    again = read_csv(to_csv(ds), categorical=ds.categorical)
    pd.testing.assert_frame_equal(again.frame, ds.frame, check_exact=True)
    assert again.id == ds.id


def test_round_trip_needs_no_hint_where_categories_are_words() -> None:
    ds = flowers()
    assert read_csv(to_csv(ds)).frame.equals(ds.frame)


def test_file_is_as_people_write_it() -> None:
    frame = pd.DataFrame(
        {
            "kind": pd.Series(["x", "y"], dtype="str"),
            "half": [0.5, np.nan],
            "round": [1.0, 2.0],
            "whole": [1, 2],
            "word": pd.Series(["NA", None], dtype="str"),
        }
    )
    written = to_csv(data_set(frame)).decode()
    assert written == "kind,half,round,whole,word\nx,0.5,1.0,1,NA\ny,,2.0,2,\n"
