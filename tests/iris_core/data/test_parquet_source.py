"""A Parquet file becomes CSV with the same values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.csv_reading import read_csv
from iris_core.data.table_source import SourceOptions, prepare
from iris_core.errors import DataError


def text_of(source: Path) -> pd.DataFrame:
    """Return the cells of the prepared CSV as written."""
    with prepare(source, "table.parquet", SourceOptions()) as result:
        assert (result.first_row, result.notes) == (1, ())
        return pd.read_csv(result.path, dtype="str", keep_default_na=False)


def written(folder: Path, columns: dict[str, object]) -> Path:
    source = folder / "table.parquet"
    pq.write_table(pa.table(columns), source)
    return source


def test_each_type_has_its_text(tmp_path: Path) -> None:
    berlin = dt.timezone(dt.timedelta(hours=2))
    columns = {
        "whole": pa.array([2**63 - 1, -1]),
        "float": [5.0, float("nan")],
        "narrow": pa.array([0.1, 1e-7], pa.float32()),
        "half": pa.array([1.5, -2], pa.float16()),
        "truth": [True, None],
        "day": [dt.date(2003, 2, 1), None],
        "moment": [dt.datetime(2003, 2, 1, 10, 30, 0, 999_999), None],  # noqa: DTZ001
        "zone": pa.array(
            [dt.datetime(2003, 2, 1, 1, 30, tzinfo=berlin)] * 2, pa.timestamp("us", "Europe/Berlin")
        ),
        "amount": [Decimal("1234.50"), Decimal("-0.01")],
        "kind": pa.array(['ä,"b"\n', "NA"]).dictionary_encode(),
        "bytes": [b"abc", b""],
        "nothing": pa.nulls(2),
    }
    frame = text_of(written(tmp_path, columns))
    assert frame.to_dict("list") == {
        "whole": ["9223372036854775807", "-1"],
        "float": ["5.0", ""],
        "narrow": ["0.1", "1e-7"],
        "half": ["1.5", "-2.0"],
        "truth": ["True", ""],
        "day": ["2003-02-01", ""],
        "moment": ["2003-02-01T10:30:00", ""],
        "zone": ["2003-01-31T23:30:00"] * 2,
        "amount": ["1234.50", "-0.01"],
        "kind": ['ä,"b"\n', "NA"],
        "bytes": ["abc", ""],
        "nothing": ["", ""],
    }


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from("ab")
        ),
        min_size=2,
    )
)
def test_numbers_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, str]]
) -> None:
    numbers = [number for number, _ in rows] + [0.5, 1.5]
    kinds = [kind for _, kind in rows] + ["a", "b"]
    source = written(tmp_path_factory.mktemp("table"), {"kind": kinds, "x": numbers})
    with prepare(source, "table.parquet", SourceOptions()) as result:
        ds = read_csv(result.path)
    np.testing.assert_array_equal(ds.frame["x"].to_numpy(), numbers)


def test_index_that_pandas_stored_is_a_column(tmp_path: Path) -> None:
    source = tmp_path / "table.parquet"
    pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="id")).to_parquet(source)
    assert text_of(source).to_dict("list") == {"x": ["1", "2"], "id": ["a", "b"]}


def test_missing_text_and_empty_text_are_empty(tmp_path: Path) -> None:
    source = written(tmp_path, {"kind": ["", None, "b"], "x": [1, None, 3]})
    assert text_of(source).to_dict("list") == {"kind": ["", "", "b"], "x": ["1", "", "3"]}


def test_nested_columns_are_named(tmp_path: Path) -> None:
    source = written(tmp_path, {"a": [[1]], "b": [{"c": 1}], "d": [1]})
    with pytest.raises(
        DataError, match=r"received nested columns: 'a', 'b'\. Save the table again"
    ):
        text_of(source)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table.parquet, column 'a': .*received binary.*without"):
        text_of(written(tmp_path, {"a": [b"\xff"], "b": [1]}))


def test_table_without_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected columns, received a Parquet file without any"):
        text_of(written(tmp_path, {}))


def test_table_without_rows_is_left_to_the_reading_to_refuse(tmp_path: Path) -> None:
    source = written(tmp_path, {"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())})
    with (
        prepare(source, "table.parquet", SourceOptions()) as result,
        pytest.raises(DataError, match="expected rows, received a header without rows"),
    ):
        read_csv(result.path)


@given(cut=st.floats(0, 1), at=st.floats(0, 1), byte=st.integers(0, 255))
def test_broken_file_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cut: float, at: float, byte: int
) -> None:
    source = written(tmp_path_factory.mktemp("broken"), {"a": ["x", "y"] * 50, "b": [*range(100)]})
    content = bytearray(source.read_bytes())
    content[4 + int(at * (len(content) - 5))] = byte
    for broken in (content, content[: 4 + int(cut * (len(content) - 5))]):
        source.write_bytes(broken)
        try:
            text_of(source)
        except DataError as error:
            assert str(error).startswith("table.parquet")  # noqa: PT017
            assert str(error).endswith(".")  # noqa: PT017
