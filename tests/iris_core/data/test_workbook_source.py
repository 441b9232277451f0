"""A sheet of an Excel workbook becomes CSV, with the row numbers of the sheet."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from iris_core.data import workbook_source
from iris_core.data.table_source import SourceOptions, prepare
from iris_core.errors import DataError

Rows = list[list[object]]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
PLAIN = SourceOptions()
TABLE: Rows = [["kind", "x"], ["a", 1], ["b", 2]]


def saved(folder: Path, sheets: dict[str, Rows]) -> Path:
    """Write a workbook."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def changed(path: Path, *changes: tuple[str, str, str]) -> Path:
    """Rewrite a workbook: in each member named, one text is replaced by another."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    for member, old, new in changes:
        content = members.get(member, "")
        assert old in content
        members[member] = content.replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read(path: Path, options: SourceOptions = PLAIN) -> tuple[list[str], int, tuple[str, ...]]:
    with prepare(path, "book.xlsx", options) as result:
        return result.path.read_text("utf-8").splitlines(), result.first_row, result.notes


def assert_read_or_refused(path: Path) -> None:
    try:
        read(path)
    except DataError as error:
        message = str(error)
        assert message.startswith("book.xlsx")
        assert message.endswith(".")


def test_each_kind_of_cell_has_its_text(tmp_path: Path) -> None:
    rows: Rows = [
        ["text", "whole", "decimal", "float", "truth", "day", "moment", "hour", "length"],
        [
            "ä, b",
            2,
            1.234,
            5.0,
            True,
            dt.date(2003, 2, 1),
            dt.datetime(2003, 2, 1, 10, 30),  # noqa: DTZ001
            dt.time(10, 30),
            dt.timedelta(hours=26, minutes=5),
        ],
        ["01", 10**15, 2, None, False, None, dt.datetime(2003, 2, 2), None, None],  # noqa: DTZ001
    ]
    lines, first_row, notes = read(saved(tmp_path, {"Data": rows}))
    assert lines == [
        "text,whole,decimal,float,truth,day,moment,hour,length",
        '"ä, b",2,1.234,5,True,2003-02-01,2003-02-01T10:30:00,10:30:00,26:05:00',
        "01,1000000000000000,2.0,,False,,2003-02-02,,",
    ]
    assert (first_row, notes) == (1, ())


@settings(max_examples=20)
@given(thousandths=st.lists(st.integers(-(10**14), 10**14), min_size=1))
def test_numbers_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, thousandths: list[int]
) -> None:
    # A workbook holds 15 digits.
    numbers = [number / 1000 for number in thousandths]
    path = saved(
        tmp_path_factory.mktemp("book"), {"Data": [["kind", "x"], *(["a", n] for n in numbers)]}
    )
    cells = [line.partition(",")[2] for line in read(path)[0][1:]]
    assert [float(cell) for cell in cells] == numbers


def test_blank_rows_titles_and_columns_keep_the_row_numbers(tmp_path: Path) -> None:
    rows: Rows = [
        [],
        [None, "Sales 2003"],
        [],
        [None, "kind", None, "x"],
        [None, "a", None, 1],
        [],
        [None, "b", None, None],
        [None, None, " "],
    ]
    path = saved(tmp_path, {"Data": rows})
    lines, first_row, notes = read(path)
    assert lines[:4] == ["kind,x", "a,1", "", "b,"]
    assert first_row == 4
    assert notes == ("Left out what stands above the table: 'Sales 2003'.",)


def test_merged_title_is_left_out(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Sales"
    sheet.merge_cells("A1:B1")
    for row in TABLE:
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    assert read(tmp_path / "book.xlsx") == (
        ["kind,x", "a,1", "b,2"],
        2,
        ("Left out what stands above the table: 'Sales'.",),
    )


def test_sheet_without_header_gets_one(tmp_path: Path) -> None:
    path = saved(tmp_path, {"Data": [[], *TABLE[1:]]})
    assert read(path, SourceOptions(header=False)) == (
        ["column_1,column_2", "a,1", "b,2"],
        1,
        ("The sheet has no header; its columns are named column_1 to column_2.",),
    )


def test_only_sheet_with_data_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, {"Notes": [], "Data": TABLE, "More": [[" "]]})
    assert read(path) == (["kind,x", "a,1", "b,2"], 1, ("Read the sheet 'Data'.",))


def test_several_sheets_are_named_and_one_is_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path, {"May": TABLE, "June": TABLE[:2], "July": []})
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == (
        "book.xlsx: expected one sheet with data, received 2: 'May', 'June'. Choose one of them "
        '(--sheet "May").'
    )
    assert read(path, SourceOptions(sheet="June"))[0] == ["kind,x", "a,1"]
    with pytest.raises(DataError, match=r"a sheet 'Mai', received 'May', 'June', 'July'. Choose"):
        read(path, SourceOptions(sheet="Mai"))
    with pytest.raises(
        DataError, match=r"sheet 'July': expected a header and rows, received empty"
    ):
        read(path, SourceOptions(sheet="July"))


def test_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"book.xlsx: expected a header and rows, received empty"):
        read(saved(tmp_path, {"Data": []}))


def test_formula_without_a_value_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path, {"Data": [["kind", "x"], ["a", 1], ["b", "=B2+1"]]})
    with pytest.raises(DataError, match=r"book.xlsx, sheet 'Data', cell B3: .*Open the workbook"):
        read(path)


def test_formula_has_the_value_that_was_saved(tmp_path: Path) -> None:
    path = changed(
        saved(tmp_path, {"Data": [["kind", "x"], ["a", 1], ["b", "=B2+1"], ["b", '=""']]}),
        (SHEET, "<f>B2+1</f><v />", "<f>B2+1</f><v>2</v>"),
        (SHEET, '<c r="B4"', '<c r="B4" t="str"'),
    )
    assert read(path)[0] == ["kind,x", "a,1", "b,2", "b,"]


def test_strings_that_the_sheets_share_are_read(tmp_path: Path) -> None:
    path = changed(
        saved(tmp_path, {"Data": TABLE}),
        (SHEET, 't="inlineStr"><is><t>a</t></is>', 't="s"><v>0</v>'),
        ("xl/sharedStrings.xml", "", f'<sst xmlns="{MAIN}"><si><t>ä, shared</t></si></sst>'),
        (
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{STRINGS}"/></Types>',
        ),
    )
    assert read(path)[0] == ["kind,x", '"ä, shared",1', "b,2"]


def test_wrong_size_of_a_sheet_is_not_believed(tmp_path: Path) -> None:
    path = changed(saved(tmp_path, {"Data": TABLE}), (SHEET, "A1:B3", "A1:A1"))
    assert read(path)[0] == ["kind,x", "a,1", "b,2"]


def test_row_below_what_a_sheet_can_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_source, "_MAX_ROWS", 3)
    assert read(saved(tmp_path, {"Data": TABLE}))[0] == ["kind,x", "a,1", "b,2"]
    with pytest.raises(DataError, match=r"at most 3 rows, received more. Save the sheet as CSV"):
        read(saved(tmp_path, {"Data": [*TABLE, *TABLE]}))


def test_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, {"Data": TABLE})
    monkeypatch.setattr(workbook_source, "_MAX_BYTES", path.stat().st_size)
    with pytest.raises(DataError, match=r"at most 1 GiB when unpacked, received a larger one"):
        read(path)


def test_entities_of_a_hostile_workbook_are_not_expanded(tmp_path: Path) -> None:
    entities = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]>'
    path = changed(
        saved(tmp_path, {"Data": TABLE}),
        (SHEET, "<worksheet", f"{entities}<worksheet"),
        (SHEET, "<t>a</t>", "<t>&c;</t>"),
    )
    with pytest.raises(DataError, match=r"cannot be read as an Excel workbook \("):
        read(path)


@pytest.mark.parametrize(
    ("member", "form"),
    [("data.csv", "another ZIP archive"), ("xl/workbook.bin", "a binary workbook")],
)
def test_other_archives_are_refused(tmp_path: Path, member: str, form: str) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr(member, "a,b\n")
    with pytest.raises(DataError, match=f"received {form}. Save the table as .xlsx or CSV, or"):
        read(tmp_path / "book.xlsx")


@settings(max_examples=40)
@given(cut=st.floats(0, 1), at=st.floats(0, 1), byte=st.integers(0, 255))
def test_broken_workbook_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cut: float, at: float, byte: int
) -> None:
    path = saved(tmp_path_factory.mktemp("broken"), {"Data": TABLE})
    content = bytearray(path.read_bytes())
    content[4 + int(at * (len(content) - 5))] = byte
    for broken in (content, content[: 4 + int(cut * (len(content) - 5))]):
        path.write_bytes(broken)
        assert_read_or_refused(path)


@pytest.mark.filterwarnings("ignore:Workbook contains no stylesheet")
@pytest.mark.parametrize("member", ["xl/workbook.xml", SHEET, "xl/styles.xml", "_rels/.rels"])
@pytest.mark.parametrize("content", ["", "<", "<a/>", "<c r='A1'><v>x</v></c>"])
def test_broken_member_is_read_or_refused_in_a_sentence(
    tmp_path: Path, member: str, content: str
) -> None:
    path = saved(tmp_path, {"Data": TABLE})
    with zipfile.ZipFile(path) as archive:
        whole = archive.read(member).decode()
    assert_read_or_refused(changed(path, (member, whole, content)))
