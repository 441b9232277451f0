"""A file that cannot be a data set is refused in a sentence that names file, row and column."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from iris_core.csv_reading import read_csv
from iris_core.errors import DataError

LONG = "z" * 10_001


def workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


# name of the case: (content, words that the message holds beside the file's name)
FAULTS: dict[str, tuple[bytes | str, tuple[str, ...]]] = {
    "empty file": ("", ("empty file",)),
    "blank lines only": ("\n \n\n", ("empty file",)),
    "header only": ("kind,a\n", ("two rows", "without rows")),
    "one row": ("kind,a\nx,1\n", ("two rows", "one row")),
    "one class": ("kind,a\nx,1\nx,2\n", ("'kind'", "two classes", "'x'")),
    "one column": ("kind\nx\ny\n", ("row 1", "one column", "semicolon")),
    "space as separator": ("kind a\nx 1\ny 2\n", ("row 1", "one column")),
    "too few cells": ("kind,a,b\nx,1,2\ny,3\nz,4,5\n", ("row 3", "3 cells", "received 2")),
    "too few cells in the first row": ("kind,a,b\nx,1\ny,3,4\n", ("row 2", "received 2")),
    "too few cells in the last row": ("kind,a,b\nx,1,2\ny,3,4\nz", ("row 4", "received 1")),
    "too few cells in text": ('kind,a,b\nx,1,"p,q"\ny,3\n', ("row 3", "received 2")),
    "too many cells": ("kind,a\nx,1\ny,2,3\n", ("row 3", "2 cells", "received 3", "comma")),
    "too many cells in the first row": ("kind,a\nx,1,9\ny,2\n", ("row 2", "received 3")),
    "too many cells in every row": ("kind,a\nx,1,2\ny,3,4\n", ("row 2", "received 3")),
    "separator at the end of every row": ("kind,a\nx,1,\ny,3,\n", ("row 2", "received 3")),
    "too many and too few cells": ("kind,a,b\nx,1\ny,1,2,3\n", ("row 2", "received 2")),
    "same header twice": ("kind,a,a\nx,1,2\ny,3,4\n", ("row 1", "'a'", "2 times")),
    "same header but for spaces": ("kind,a, a\nx,1,2\ny,3,4\n", ("row 1", "'a'")),
    "blank header": ("kind,,b\nx,1,2\ny,3,4\n", ("row 1", "column 2", "a blank")),
    "separator at the end of the header": ("kind,a,\nx,1,\ny,2,\n", ("row 1", "column 3")),
    "header too long": (f"kind,{LONG}\nx,1\ny,2\n", ("row 1", "10,001")),
    "missing label": ("kind,a\nx,1\n,2\ny,3\n", ("row 3", "'kind'", "a label", "empty cell")),
    "blank label": ("kind,a\nx,1\n  ,2\ny,3\n", ("row 3", "'kind'", "'  '")),
    "text in a column of numbers": ("kind,a\nx,1\ny,abc\nz,2\n", ("row 3", "'a'", "'abc'")),
    "text among missing numbers": ("kind,a\nx,NA\ny,abc\nz,2\n", ("row 3", "'a'", "'abc'")),
    "text after a blank line": ("kind,a\nx,1\n\ny,abc\nz,2\n", ("row 4", "'a'", "'abc'")),
    "text after a cell of two lines": ('kind,a\n"x\nx",1\ny,abc\nz,2\n', ("row 3", "'abc'")),
    "long text in a column of numbers": (f"kind,a\nx,1\ny,{'ab' * 99}\n", ("row 3", "…'")),
    "decimal comma": ("kind;a\nx;1,5\ny;2,5\n", ("row 2", "'a'", "'1,5'", "point")),
    "number with a unit": ("kind,a\nx,1\ny,2 cm\n", ("row 3", "'2 cm'")),
    "number with underscores": ("kind,a\nx,1\ny,1_000\n", ("row 3", "'1_000'")),
    "infinite number": ("kind,a\nx,1\ny,inf\n", ("row 3", "'a'", "'inf'")),
    "number that overflows": ("kind,a\nx,1\ny,-1e400\n", ("row 3", "'a'", "'-1e400'", "3.4e+38")),
    "number beyond float32": ("kind,a\nx,1\ny,1e39\n", ("row 3", "'a'", "'1e39'")),
    "number beyond 64 bits": ("kind,a\nx,1\ny,18446744073709551617\n", ("row 3", "'a'", "551617'")),
    "digits lost to a missing cell": ("kind,a\nx,\ny,9007199254740993\n", ("row 3", "740993'")),
    "cell too long": (f"kind,a\nx,b\ny,{LONG}\n", ("row 3", "'a'", "10,001")),
    "label too long": (f"kind,a\nx,1\n{LONG},2\n", ("row 3", "'kind'", "10,001")),
    "cell of a megabyte": (f"kind,a\nx,1\ny,{'1' * 1_000_000}\n", ("row 3", "10,000")),
    "quote not closed": ('kind,a\nx,1\ny,"2\nz,3\n', ("row 3", "closing double quote")),
    "text after a quote": ('kind,a,b\nx,"p"q"r,1\ny,2\n', ("row 2", "double quote")),
    "NUL byte": ("kind,a\nx,1\ny,2\0\n", ("row 3", "NUL")),
    "Latin-1": ("kind,a\nx,1\nBär,2\n".encode("latin-1"), ("row 3", "UTF-8", "0xE4")),
    "Latin-1 header": ("Bär,a\nx,1\ny,2\n".encode("latin-1"), ("row 1", "UTF-8", "0xE4")),
    "UTF-16": ("kind,a\nx,1\ny,2\n".encode("utf-16"), ("UTF-16", "UTF-8")),
    "UTF-16 without a mark": ("kind,a\nx,1\ny,2\n".encode("utf-16-le"), ("NUL", "UTF-8")),
    "Excel workbook": (workbook(), ("Excel",)),
    "old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("Excel",)),
    "gzip archive": (gzip.compress(b"kind,a\nx,1\ny,2\n"), ("gzip",)),
    "Parquet file": (b"PAR1....", ("Parquet",)),
}


@pytest.mark.parametrize(("content", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_faulty_file_is_refused_with_the_place_of_the_fault(
    content: bytes | str, words: tuple[str, ...]
) -> None:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(DataError) as caught:
        read_csv(data, name="iris.csv")
    message = str(caught.value)
    for word in ("iris.csv", *words):
        assert word in message
    assert len(message) < 500
    assert message.endswith(".")


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


def test_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv: cannot be read \(No such file"):
        read_csv(tmp_path / "none.csv")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_csv(tmp_path)
