"""A CSV file of any encoding, with a `sep=` line or without a header, is read all the same."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.csv_reading import read_csv
from iris_core.data.table_source import SourceOptions, prepare
from iris_core.errors import DataError

PLAIN = SourceOptions()
HEADLESS = SourceOptions(header=False)


def prepared(
    path: Path, content: bytes, options: SourceOptions = PLAIN
) -> tuple[str, int, tuple[str, ...]]:
    source = path / "table.csv"
    source.write_bytes(content)
    with prepare(source, "table.csv", options) as result:
        return result.path.read_bytes().decode(), result.first_row, result.notes


def test_plain_file_is_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "table.csv"
    for start in (b"", codecs.BOM_UTF8):
        source.write_bytes(start + "kind,größe\na,1\n".encode())
        with prepare(source, "table.csv", PLAIN) as result:
            assert (result.path, result.first_row, result.notes) == (source, 1, ())


def test_what_was_written_is_removed(tmp_path: Path) -> None:
    source = tmp_path / "table.csv"
    source.write_bytes(b"a,1\nb,2\n")
    with prepare(source, "table.csv", HEADLESS) as result:
        assert result.path.exists()
        folder = result.path.parent
    assert not folder.exists()
    assert source.read_bytes() == b"a,1\nb,2\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1", "utf-8-sig"])
def test_file_of_another_encoding_is_read_by_its_name(tmp_path: Path, encoding: str) -> None:
    text = "kind;größe\r\n\r\nà;1\r\n"
    read, first_row, _ = prepared(tmp_path, text.encode(encoding), SourceOptions(encoding=encoding))
    assert (read.removeprefix("\ufeff"), first_row) == (text, 1)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_is_known_by_its_mark(tmp_path: Path, mark: bytes) -> None:
    name = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    read = prepared(tmp_path, mark + "kind,ä\nb,1\n".encode(name))
    assert read == ("kind,ä\nb,1\n", 1, ("Read as utf-16 text.",))


@given(text=st.text(st.characters(codec="cp1252"), min_size=1, max_size=50))
def test_any_text_is_decoded_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    content = f"kind,{text}".encode("cp1252")
    folder = tmp_path_factory.mktemp("text")
    assert prepared(folder, content, SourceOptions(encoding="cp1252"))[0] == f"kind,{text}"


def test_other_encoding_is_refused_with_the_remedy_that_works(tmp_path: Path) -> None:
    content = "kind,stadt\na,Ulm\nb,Köln\n".encode("cp1252")
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, content)
    assert str(caught.value) == (
        "table.csv, line 3: expected UTF-8 text, received the byte 0xF6. Choose the encoding that "
        "it was saved with (--encoding cp1252, for one, if it comes from Excel on Windows), or "
        "save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
    )
    remedied = prepared(tmp_path, content, SourceOptions(encoding="cp1252"))
    assert remedied == ("kind,stadt\na,Ulm\nb,Köln\n", 1, ("Read as cp1252 text.",))


def test_fault_late_in_a_large_file_is_found(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table.csv, line 400002: expected UTF-8 text"):
        prepared(tmp_path, b"kind,a\n" + b"b,1.25\n" * 400_000 + b"\xff,1\n")


@pytest.mark.parametrize("name", ["klingon", "base64", "a\0b", "undefined", "rot13"])
def test_encoding_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"expected the name of an encoding.*Choose one such as"):
        prepared(tmp_path, b"a,b\n", SourceOptions(encoding=name))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xff\xfea\x00\x00\xd8", None),
        (b"\x81", "cp1252"),
        (b"a\x00b", "utf-16"),
        (b"\x80", "idna"),
    ],
)
def test_text_that_is_not_of_the_encoding_is_refused(
    tmp_path: Path, content: bytes, encoding: str | None
) -> None:
    with pytest.raises(DataError, match=r"table.csv.*: expected .* text, received .*hoose"):
        prepared(tmp_path, content, SourceOptions(encoding=encoding))


@pytest.mark.parametrize("separator", [";", ",", "\t", "|", ":", "~"])
@pytest.mark.parametrize("line", ["sep={}\r\n", "SEP={}\n", '"sep={}"\n'])
def test_announced_separator_is_obeyed(tmp_path: Path, separator: str, line: str) -> None:
    rows = [["len", "wid", "kind"], ["1,5", "2;0", "a"], [], ["x\ny", '"', "b"]]
    body = io.StringIO(newline="")
    csv.writer(body, delimiter=separator).writerows(rows)
    content = (line.format(separator) + body.getvalue()).encode()
    read, first_row, (note,) = prepared(tmp_path, content)
    assert [*csv.reader(io.StringIO(read, newline=""))] == rows
    assert first_row == 2
    assert note.startswith("The first line says that the separator is a ")


def test_first_column_may_begin_with_sep(tmp_path: Path) -> None:
    content = b"sep=x;kind\n1;a\n"
    assert prepared(tmp_path, content) == (content.decode(), 1, ())


def test_open_quote_below_the_separator_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table.csv, row 3: expected double quotes in pairs"):
        prepared(tmp_path, b'sep=;\na;b\n"x;1\ny;2\n')


@pytest.mark.parametrize("above", ["Customers of 2024", "|1x3 Cross validator", "made; by hand"])
@pytest.mark.parametrize("options", [PLAIN, HEADLESS])
def test_line_above_the_table_is_named(tmp_path: Path, above: str, options: SourceOptions) -> None:
    rows = "".join(f"{n}, {n % 3}, {'ab'[n % 2]}\n" for n in range(30))
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, f"{above}\n{rows}".encode(), options)
    assert "row 1: remove the lines above the table: expected 3 cells" in str(caught.value)
    assert repr(above) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "a;b;c\n" + "1,5;2,5;3,5\n" * 9,  # decimal commas
        "a;b;c\n" + "1,5;2,5;3,5\n" * 9 + "1,5\n",
        "one\n" + "'r',1\n" * 9,  # the names of R's rows have none themselves
        "one\n" + "x\n" * 9,
        "a,b\n",
    ],
)
def test_header_is_not_taken_for_a_line_above_the_table(tmp_path: Path, content: str) -> None:
    assert prepared(tmp_path, content.encode()) == (content, 1, ())


def test_file_without_header_gets_one(tmp_path: Path) -> None:
    read = prepared(tmp_path, codecs.BOM_UTF8 + b"5.1;3.5;setosa\n4.9;3.0;setosa\n", HEADLESS)
    assert read == (
        "column_1;column_2;column_3\n5.1;3.5;setosa\n4.9;3.0;setosa\n",
        0,
        ("The file has no header; its columns are named column_1 to column_3.",),
    )


def test_everything_at_once_keeps_the_row_numbers(tmp_path: Path) -> None:
    content = "sep=;\n1,5;ä\n2,5;b\n".encode("utf-16")
    read, first_row, notes = prepared(tmp_path, content, HEADLESS)
    # The row of "2,5" is the third, as in the file.
    assert [*csv.reader(io.StringIO(read))][3 - first_row] == ["2,5", "b"]
    assert first_row == 1
    assert len(notes) == 3


@pytest.mark.parametrize("content", [b"", b"\n", b"sep=;\n"])
def test_empty_file_stays_empty_for_the_reading_to_refuse(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "table.csv"
    source.write_bytes(content)
    with (
        prepare(source, "table.csv", HEADLESS) as result,
        pytest.raises(DataError, match="expected a header and rows"),
    ):
        read_csv(result.path)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\x1f\x8b\x08", "a gzip archive.*Unpack it"),
        (b"BZh9", "a bzip2 archive.*Unpack it"),
        (b"\xfd7zXZ\0", "an xz archive.*Unpack it"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive.*Unpack it"),
        (b"PARE", "encrypted Parquet file.*without encryption"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"the old form \(\.xls\).*save it as \.xlsx or CSV"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "without a password.*save it without the password",
        ),
    ],
)
def test_file_of_another_kind_is_refused_with_a_remedy(
    tmp_path: Path, content: bytes, form: str
) -> None:
    with pytest.raises(DataError, match=f"table.csv: expected .*{form}"):
        prepared(tmp_path, content)


def test_sheet_of_a_file_without_sheets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sheet 'Data', received a file without sheets"):
        prepared(tmp_path, b"a,b\n", SourceOptions(sheet="Data"))


def test_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match=r"none.csv: cannot be read \(No such file"),
        prepare(tmp_path / "none.csv", "none.csv", PLAIN),
    ):
        pass
