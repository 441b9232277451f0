"""A file that cannot be a data set is refused in a sentence that names file, row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from iris_core.data.csv_reading import read_csv
from iris_core.errors import DataError


def test_message_reads_as_a_sentence_with_a_remedy() -> None:
    rows = "".join(f"setosa,{number}\n" for number in range(11))
    with pytest.raises(DataError) as caught:
        read_csv(f"species,sepal_length\n{rows}setosa,abc\n".encode(), name="iris.csv")
    assert str(caught.value) == (
        "iris.csv, row 13, column 'sepal_length': expected a number, received 'abc'. Correct the "
        "cell, or leave it empty if it is missing; the decimal mark is a point."
    )


def test_unknown_label_is_refused_with_the_columns_there_are() -> None:
    with pytest.raises(DataError, match=r"column 'species', received 'kind', 'a'"):
        read_csv(b"kind,a\nx,1\ny,2\n", label="species")


def test_unknown_categorical_column_is_refused() -> None:
    with pytest.raises(DataError, match="column 'soil'"):
        read_csv(b"kind,a\nx,1\ny,2\n", categorical=["soil"])


@pytest.mark.filterwarnings("ignore:Columns:pandas.errors.DtypeWarning")
def test_text_late_in_a_large_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("kind,a\n" + "x,1.25\ny,2.25\n" * 500_000 + "x,abc\n")
    with pytest.raises(DataError, match=r"large.csv, row 1000002, column 'a'.*'abc'"):
        read_csv(path)


def test_short_row_late_in_a_large_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("kind,a,b\n" + "x,1.25,1\ny,2.25,2\n" * 500_000 + "x,1\n")
    with pytest.raises(DataError, match=r"large.csv, row 1000002: expected 3 cells, received 2"):
        read_csv(path)


def test_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv: cannot be read \(No such file"):
        read_csv(tmp_path / "none.csv")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_csv(tmp_path)
