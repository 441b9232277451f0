"""Files for spreadsheets hold everything, and run nothing."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import example, given
from hypothesis import strategies as st

from app.services.export.csv_export import (
    candidates_csv,
    csv_bytes,
    escape_formula,
    records_csv,
    unescape_formula,
)
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.record import Record
from iris_core.records.verdict import Verdict

STARTERS = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
FORMULA = "=cmd|'/C calc'!A0"
texts = st.text(
    st.sampled_from(STARTERS + ";,\"' a1.e") | st.characters(codec="utf-8"), max_size=12
)


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    )


def is_safe(cell: str) -> bool:
    return (
        not cell or cell[0] not in STARTERS or bool(re.fullmatch(r"[+-][\d.]+(e[+-]?\d+)?", cell))
    )


def record(row: int, features: str, label: str = "setosa") -> Record:
    return Record(row, features, label, "virginica", "0.5123")


@given(texts)
@example("-1\n")
@example("\u0661")
def test_no_cell_begins_like_a_formula(text: str) -> None:
    ((name,), (cell,)) = read(csv_bytes([text or "x"], [[text or "x"]]))
    assert is_safe(name)
    assert is_safe(cell)
    # Nothing but apostrophes is added.
    assert cell.replace("'", "") == (text or "x").replace("'", "")


@given(texts)
def test_no_cell_begins_like_a_formula_where_a_semicolon_ends_it(text: str) -> None:
    cells = [cell for row in read(csv_bytes(["a"], [["b", text]]), ";") for cell in row]
    for cell in cells:
        for part in re.split(r"[\t\r\n]", cell):
            assert is_safe(part.strip("\"' ")) or part.startswith(("'", "b,")), cells


def test_values_are_written_as_they_are() -> None:
    content = csv_bytes(["a", "b", "c", "d", "e"], [[1, -2.5, None, True, 'ä,"b"']])
    assert content.startswith(b"\xef\xbb\xbfa,b")
    assert read(content)[1] == ["1", "-2.5", "", "True", 'ä,"b"']


def test_records_have_a_column_for_each_field() -> None:
    content = records_csv(
        [
            record(0, "{'species': 'setosa', 'length': 5.1, 'soil': None}"),
            record(1, "{'species': '=1+1', 'length': -3.2, 'Class': 'x'}", label=FORMULA),
        ]
    )
    header = [
        "Row",
        "Class",
        "Actual",
        "Probability",
        "Fingerprint",
        "species",
        "length",
        "soil",
        "Class (feature)",
    ]
    assert read(content) == [
        header,
        ["0", "setosa", "virginica", "0.5123", "", "setosa", "5.1", "", ""],
        ["1", f"'{FORMULA}", "virginica", "0.5123", "", "'=1+1", "-3.2", "", "x"],
    ]


def test_candidates_say_why_and_what_was_decided() -> None:
    key = Key("20261122T093000.123456Z-0123456789abcdef#000000", "000000007")
    undecided = Candidate(key, record(7, "{'length': 5.1}"), "unsure", "0.9", None, 0)
    verdict = Verdict("relabel", "@tulip", "2026-11-22T10:00:00.000+00:00", who="+ada")
    decided = Candidate(key, record(8, "{'length': 6}"), "wrong", "0.9", verdict, 1)
    header, first, second = read(candidates_csv([undecided, decided]))
    review = ["Verdict", "Label", "ReviewedAt", "Note", "CarriedFrom", "Reviewer"]
    assert header[-9:] == ["Reason", "Threshold", *review, "length"]
    assert first[:2] == ["20261122T093000.123456Z-0123456789abcdef", "7"]
    assert first[-9:] == ["unsure", "0.9", "", "", "", "", "", "", "5.1"]
    decided_at = "2026-11-22T10:00:00.000+00:00"
    assert second[-7:] == ["relabel", "'@tulip", decided_at, "", "", "'+ada", "6"]


def test_nothing_to_export_is_a_header() -> None:
    assert read(records_csv([])) == [["Row", "Class", "Actual", "Probability", "Fingerprint"]]


@given(st.text(max_size=8))
def test_harmless_text_gives_the_text_back(text: str) -> None:
    # But for what is harmless only because of an apostrophe of its own, or one within.
    if not text.startswith("'") and not any(mark in text for mark in ";\t\r\n"):
        assert unescape_formula(escape_formula(text)) == text
