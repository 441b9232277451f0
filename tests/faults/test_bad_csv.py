"""A bad CSV file is refused with a message that names file, row and column.

Whatever is in it, it takes no more than the budget, and nobody sees a traceback.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from iris_core.data.csv_reading import read_csv
from iris_core.data.table_reading import read_table
from iris_core.errors import DataError
from tests.faults.budget import budget
from tests.faults.csv_samples import GOOD, wide

LONG = "z" * 10_001
MEGABYTE = 1_000_000


def workbook() -> bytes:
    """Return the beginning of an Excel workbook."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


# What is read, and words of the message besides the name of the file.
REFUSED = [
    pytest.param("", ("empty file",), id="empty file"),
    pytest.param("\n \n\n", ("empty file",), id="blank lines only"),
    pytest.param("kind,a\n", ("expected rows", "without rows"), id="header only"),
    pytest.param("kind\nx\ny\n", ("row 1", "one column", "semicolon"), id="one column"),
    pytest.param("kind a\nx 1\ny 2\n", ("row 1", "one column"), id="space as separator"),
    pytest.param(
        "kind,a,b\nx,1,2\ny,3\nz,4,5\n", ("row 3", "3 cells", "received 2"), id="too few cells"
    ),
    pytest.param(
        "kind,a,b\nx,1\ny,3,4\n", ("row 2", "received 2"), id="too few cells in the first row"
    ),
    pytest.param(
        "kind,a,b\nx,1,2\ny,3,4\nz", ("row 4", "received 1"), id="too few cells in the last row"
    ),
    pytest.param('kind,a,b\nx,1,"p,q"\ny,3\n', ("row 3", "received 2"), id="too few cells in text"),
    pytest.param(
        "kind,a\nx,1\ny,2,3\n", ("row 3", "2 cells", "received 3", "comma"), id="too many cells"
    ),
    pytest.param(
        "kind,a\nx,1,9\ny,2\n", ("row 2", "received 3"), id="too many cells in the first row"
    ),
    pytest.param(
        "kind,a\nx,1,2\ny,3,4\n", ("row 2", "received 3"), id="too many cells in every row"
    ),
    pytest.param(
        "kind,a\nx,1,\ny,3,\n", ("row 2", "received 3"), id="separator at the end of every row"
    ),
    pytest.param(
        "kind,a,b\nx,1\ny,1,2,3\n", ("row 2", "received 2"), id="too many and too few cells"
    ),
    pytest.param("kind,a,a\nx,1,2\ny,3,4\n", ("row 1", "'a'", "2 times"), id="same header twice"),
    pytest.param("kind,a, a\nx,1,2\ny,3,4\n", ("row 1", "'a'"), id="same header but for spaces"),
    pytest.param("kind,,b\nx,1,2\ny,3,4\n", ("row 1", "column 2", "a blank"), id="blank header"),
    pytest.param(
        "kind,a,\nx,1,\ny,2,\n", ("row 1", "column 3"), id="separator at the end of the header"
    ),
    pytest.param(f"kind,{LONG}\nx,1\ny,2\n", ("row 1", "10,001"), id="header too long"),
    pytest.param(
        "kind,a\nx,1\n,2\ny,3\n", ("row 3", "'kind'", "a label", "empty cell"), id="missing label"
    ),
    pytest.param("kind,a\nx,1\n  ,2\ny,3\n", ("row 3", "'kind'", "'  '"), id="blank label"),
    pytest.param(
        "kind,a\nx,1\ny,abc\nz,2\n", ("row 3", "'a'", "'abc'"), id="text in a column of numbers"
    ),
    pytest.param(
        "kind,a\nx,NA\ny,abc\nz,2\n", ("row 3", "'a'", "'abc'"), id="text among missing numbers"
    ),
    pytest.param(
        "kind,a\nx,1\n\ny,abc\nz,2\n", ("row 4", "'a'", "'abc'"), id="text after a blank line"
    ),
    pytest.param(
        'kind,a\n"x\nx",1\ny,abc\nz,2\n', ("row 3", "'abc'"), id="text after a cell of two lines"
    ),
    pytest.param(
        f"kind,a\nx,1\ny,{'ab' * 99}\n", ("row 3", "…'"), id="long text in a column of numbers"
    ),
    pytest.param("kind;a\nx;1,5\ny;2,5\n", ("row 2", "'a'", "'1,5'", "point"), id="decimal comma"),
    pytest.param("kind,a\nx,1\ny,2 cm\n", ("row 3", "'2 cm'"), id="number with a unit"),
    pytest.param("kind,a\nx,1\ny,1_000\n", ("row 3", "'1_000'"), id="number with underscores"),
    pytest.param("kind,a\nx,1\ny,inf\n", ("row 3", "'a'", "'inf'"), id="infinite number"),
    pytest.param(
        "kind,a\nx,1\ny,-1e400\n",
        ("row 3", "'a'", "'-1e400'", "3.4e+38"),
        id="number that overflows",
    ),
    pytest.param("kind,a\nx,1\ny,1e39\n", ("row 3", "'a'", "'1e39'"), id="number beyond float32"),
    pytest.param(
        "kind,a\nx,1\ny,18446744073709551617\n",
        ("row 3", "'a'", "551617'"),
        id="number beyond 64 bits",
    ),
    pytest.param(
        "kind,a\nx,\ny,9007199254740993\n", ("row 3", "740993'"), id="digits lost to a missing cell"
    ),
    pytest.param(f"kind,a\nx,b\ny,{LONG}\n", ("row 3", "'a'", "10,001"), id="cell too long"),
    pytest.param(f"kind,a\nx,1\n{LONG},2\n", ("row 3", "'kind'", "10,001"), id="label too long"),
    pytest.param(
        f"kind,a\nx,1\ny,{'1' * 1_000_000}\n", ("row 3", "'a'", "10,000"), id="cell of a megabyte"
    ),
    pytest.param(
        'kind,a\nx,1\ny,"2\nz,3\n', ("row 3", "closing double quote"), id="quote not closed"
    ),
    pytest.param('kind,a,b\nx,"p"q"r,1\ny,2\n', ("row 2", "double quote"), id="text after a quote"),
    pytest.param("kind,a\nx,1\ny,2\0\n", ("row 3", "NUL"), id="NUL byte"),
    pytest.param(
        "kind,a\nx,1\nBär,2\n".encode("latin-1"), ("row 3", "UTF-8", "0xE4"), id="Latin-1"
    ),
    pytest.param(
        "Bär,a\nx,1\ny,2\n".encode("latin-1"), ("row 1", "UTF-8", "0xE4"), id="Latin-1 header"
    ),
    pytest.param("kind,a\nx,1\ny,2\n".encode("utf-16"), ("UTF-16", "UTF-8"), id="UTF-16 LE"),
    pytest.param(
        "kind,a\nx,1\ny,2\n".encode("utf-16-le"), ("NUL", "UTF-8"), id="UTF-16 without a mark"
    ),
    pytest.param(workbook(), ("Excel",), id="Excel workbook"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("Excel",), id="old Excel workbook"),
    pytest.param(gzip.compress(b"kind,a\nx,1\ny,2\n"), ("gzip",), id="gzip archive"),
    pytest.param(b"PAR1....", ("Parquet",), id="Parquet file"),
    pytest.param(GOOD.encode("utf-16-be"), ("row 1", "NUL"), id="UTF-16 BE without a mark"),
    pytest.param(b"\xfe\xff" + GOOD.encode("utf-16-be"), ("UTF-16",), id="UTF-16 BE"),
    pytest.param("kind,a\n花,1\n草,2\n".encode("shift-jis"), ("row 2", "0x89"), id="Shift-JIS"),
    pytest.param(b"kind,a\nx,1\n\xed\xa0\x80,2\n", ("row 3", "0xED"), id="half a surrogate pair"),
    pytest.param(
        "kind,a\rx,1\rBär,2\r".encode("latin-1"), ("row 3", "0xE4"), id="Latin-1 with lone CR"
    ),
    pytest.param(
        'kind,a\n"x\nx",1\nBär,2\n'.encode("latin-1"),
        ("row 3", "0xE4"),
        id="Latin-1 after a cell of two lines",
    ),
    pytest.param(b"kind,a\rx,1\ry,2\0\r", ("row 3", "NUL"), id="NUL byte with lone CR"),
    pytest.param(
        "kind,a\nx;1\ny;2\n", ("row 2", "2 cells", "received 1"), id="other separator in the rows"
    ),
    pytest.param(
        "sep=;\nkind;a\nx;1\ny;2\n", ("row 1", "column 2"), id="separator in a line of its own"
    ),
    pytest.param(
        'kind,a\nx,"1,5"\ny,"2,5"\n', ("row 2", "'a'", "'1,5'"), id="decimal comma in quotes"
    ),
    pytest.param(
        'kind,a\nx,"1,234.5"\ny,2\n', ("row 2", "'a'", "'1,234.5'"), id="comma between thousands"
    ),
    pytest.param("kind,a\nx,1\ny,\u0663\nz,2\n", ("row 3", "'a'", "'\u0663'"), id="Arabic digit"),
    pytest.param(
        "kind,a\nx,1\ny,-Infinity\n", ("row 3", "'a'", "'-Infinity'"), id="negative infinity"
    ),
    pytest.param(
        f"kind,a\nx,1\ny,{'9' * 5_000}\n", ("row 3", "'a'", "3.4e+38"), id="number of 5,000 digits"
    ),
    pytest.param(
        "kind,a\nx,1e999999999\ny,2\n", ("row 2", "'a'", "3.4e+38"), id="exponent of nine digits"
    ),
    pytest.param(
        "kind,a\nx,0.5\ny,9007199254740993\n", ("row 3", "740993'"), id="2^53+1 among fractions"
    ),
    pytest.param(
        'kind,a\nx,1\n""\ny,2\n',
        ("row 3", "2 cells", "received 1"),
        id="row of an empty quoted cell",
    ),
    pytest.param(
        'kind,a\nx,1\ny,2\n""\n', ("row 4", "received 1"), id="last row of an empty quoted cell"
    ),
    pytest.param(
        'kind,a\nx,1\ny,2\n" "\n',
        ("2 cells", "blanks in double quotes"),
        id="last row of a quoted blank",
    ),
    pytest.param(
        "kind,a\nx,1\ny,2\n\u00a0\n", ("row 4", "received 1"), id="last row of a no-break space"
    ),
    pytest.param(b"kind,a\nx,1\ny,2\n\x1a", ("row 4", "received 1"), id="end-of-file character"),
    pytest.param(
        '"kind,a\nx,1\ny,2\n', ("row 1", "one column"), id="quote not closed in the header"
    ),
    pytest.param(
        "kind,\ufeff\nx,1\ny,2\n",
        ("row 1", "column 2", "a blank"),
        id="header of a byte order mark",
    ),
    pytest.param(
        f"kind,{'h' * 9_999}\nx,1\ny,abc\n",
        ("row 3", "hhh…'", "'abc'"),
        id="fault below a long header",
    ),
    pytest.param(
        "kind,a\u202egpj\nx,1\ny,abc\n", ("row 3", r"'a\u202egpj'"), id="fault below a bidi header"
    ),
    pytest.param(
        'kind,"a\nb"\nx,1\ny,abc\n', ("row 3", r"'a\nb'"), id="fault below a header of two lines"
    ),
    pytest.param(
        "kind,a\nx,1\ny,<b>2</b>\n",
        ("row 3", "'a'", "'<b>2</b>'"),
        id="HTML in a column of numbers",
    ),
    pytest.param(
        "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
        ("row 1", "one column"),
        id="HTML page",
    ),
    pytest.param(json.dumps([{"kind": "x", "a": 1}]), ("expected rows",), id="JSON"),
    pytest.param(gzip.compress(bytes(MEGABYTE)) * 100, ("gzip",), id="gzip bomb"),
    pytest.param(b"PK\x05\x06" + bytes(18), ("NUL", "UTF-8"), id="empty ZIP archive"),
    pytest.param(bytes(MEGABYTE), ("row 1", "NUL"), id="megabyte of NUL bytes"),
    pytest.param("z" * MEGABYTE, ("row 1", "one column"), id="line of a megabyte"),
    pytest.param("z" * 11 * MEGABYTE, ("row 1", "10,000"), id="line of 11 MB"),
    pytest.param(
        f"kind,{'z' * MEGABYTE}\nx,1\ny,2\n",
        ("row 1", "zzz…'", "10,000"),
        id="header of a megabyte",
    ),
    pytest.param(
        f'kind,a\nx,1\ny,"{"z," * MEGABYTE}"\n',
        ("row 3", "'a'", "10,000"),
        id="quoted cell of 2 MB",
    ),
    pytest.param('"""\n' * 100_000, ("row 1",), id="nothing but quotes"),
    pytest.param(wide("1", "2", "q"), ("row 4", "'c0'", "'q'"), id="text in one of 10,000 columns"),
    pytest.param("," * 10_000 + "\n", ("row 1", "column 1", "a blank"), id="10,000 blank headers"),
    pytest.param(
        wide("1", "2", features=100_000), ("row 1", "10,000 features"), id="100,000 columns"
    ),
]


@pytest.mark.parametrize(("content", "words"), REFUSED)
def test_faulty_file_is_refused_with_the_position_of_the_fault(
    content: bytes | str, words: tuple[str, ...]
) -> None:
    data = content.encode() if isinstance(content, str) else content
    with budget(), pytest.raises(DataError) as caught:
        read_csv(data, name="iris.csv")
    message = str(caught.value)
    for word in ("iris.csv", *words):
        assert word in message
    assert len(message) < 500
    assert message.isprintable()
    assert message.endswith(".")


@pytest.mark.parametrize(("content", "_words"), REFUSED)
def test_faulty_file_is_read_or_refused_in_a_sentence_whatever_is_guessed(
    content: bytes | str, _words: tuple[str, ...]
) -> None:
    data = content.encode() if isinstance(content, str) else content
    with budget():
        try:
            dataset, reading = read_table(data, name="iris.csv")
        except DataError as error:
            message = str(error)
            assert "iris.csv" in message
            assert len(message) < 600
            assert message.isprintable()
            assert message.endswith((".", ")"))
        else:
            assert len(dataset.classes) > 1
            assert len(reading.columns) == len(dataset.frame.columns)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("kind,a\nx,1\n", ("two rows", "one row")),
        ("kind,a\nx,1\nx,2\n", ("two classes", "--label")),
        ("kind,a\n,1\n,2\n", ("two classes", "--label")),
        ("kind,a\n,1\nx,2\nx,3\n", ("two classes", "--label")),
    ],
    ids=["one row", "one class", "missing labels", "one class beside a missing label"],
)
def test_table_that_cannot_be_trained_on_is_refused(content: str, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as caught:
        read_table(content.encode(), name="iris.csv")
    for word in words:
        assert word in str(caught.value)
