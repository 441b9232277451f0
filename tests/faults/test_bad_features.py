"""`Features` is text that anybody may have written: it is read as plain values, or not at all.

Then the reviewer reads which record to drop, and the export contains the text unchanged.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from app.services.export.csv_export import escape_formula, records_csv
from app.services.review.verdicts import fields_of
from iris_core.data.extending import extend
from iris_core.data.feature_text import LONGEST_FEATURES, Plain
from iris_core.errors import DataError, IrisError
from iris_core.records.record import Record
from iris_core.storage.dataset_store import DataSetStore
from tests.faults.budget import budget
from tests.iris_core.samples import flowers

NOT_PLAIN = "expected texts"

# What is stored, and words of the message besides the record.
REFUSED = [
    pytest.param("", NOT_PLAIN, id="nothing"),
    pytest.param("{'a': ", NOT_PLAIN, id="cut off"),
    pytest.param("{'a': 'b", NOT_PLAIN, id="quote not closed"),
    pytest.param("\0", NOT_PLAIN, id="NUL"),
    pytest.param("\ufeff{'a': 1}", NOT_PLAIN, id="BOM"),
    pytest.param("[1, 2]", NOT_PLAIN, id="list"),
    pytest.param("'a'", NOT_PLAIN, id="text"),
    pytest.param("None", NOT_PLAIN, id="None"),
    pytest.param('{"a": null}', NOT_PLAIN, id="JSON"),
    pytest.param("__import__('os').system('true')", NOT_PLAIN, id="call"),
    pytest.param("{'a': __class__}", NOT_PLAIN, id="name"),
    pytest.param("{'a': (lambda: 1)()}", NOT_PLAIN, id="function"),
    pytest.param("{**{'a': 1}}", NOT_PLAIN, id="unpacking"),
    pytest.param("{'a': nan}", NOT_PLAIN, id="nan"),
    pytest.param("{'a': 1e999}", NOT_PLAIN, id="number that overflows"),
    pytest.param("{'a': -1e39}", NOT_PLAIN, id="number beyond float32"),
    pytest.param("{'a': 1+2j}", NOT_PLAIN, id="complex number"),
    pytest.param("{'a': np.float64(5.1)}", NOT_PLAIN, id="repr of NumPy 2"),
    pytest.param("{'a': array([1.0])}", NOT_PLAIN, id="repr of an array"),
    pytest.param("{'a': datetime.date(2026, 1, 1)}", NOT_PLAIN, id="repr of a date"),
    pytest.param(f"{{'a': {'9' * 5_000}}}", NOT_PLAIN, id="5,000 digits"),
    pytest.param(f"{{'a': 0x{'f' * 90_000}}}", NOT_PLAIN, id="90,000 hexadecimal digits"),
    pytest.param("{'a': [1]}", NOT_PLAIN, id="list as a value"),
    pytest.param("{'a': {'b': 1}}", NOT_PLAIN, id="dict as a value"),
    pytest.param("{'a': b'x'}", NOT_PLAIN, id="bytes as a value"),
    pytest.param("{1: 'a'}", NOT_PLAIN, id="number as a name"),
    pytest.param("{[]: 1}", NOT_PLAIN, id="list as a name"),
    pytest.param("{{}: 1}", NOT_PLAIN, id="dict as a name"),
    pytest.param(r"{'a': '\ud800'}", NOT_PLAIN, id="half a surrogate pair"),
    pytest.param(r"{'\udc00': 1}", NOT_PLAIN, id="half a surrogate pair as a name"),
    pytest.param(r"{'a': '\x00'}", NOT_PLAIN, id="NUL as a value"),
    pytest.param(f"{{'a': '{'z' * 10_001}'}}", NOT_PLAIN, id="long value"),
    pytest.param("(" * 90_000, NOT_PLAIN, id="open parentheses"),
    pytest.param("{'a': " * 15_000 + "1" + "}" * 9_000, NOT_PLAIN, id="deep dict"),
    pytest.param("[" * 199 + "]" * 199, NOT_PLAIN, id="deep list"),
    pytest.param("-" * 99_999 + "1", NOT_PLAIN, id="signs"),
    pytest.param("1" + "+1" * 49_000, NOT_PLAIN, id="sums"),
    pytest.param("1" + "<1" * 49_000, NOT_PLAIN, id="comparisons"),
    pytest.param("not " * 24_000 + "1", NOT_PLAIN, id="negations"),
    pytest.param("lambda:" * 14_000 + "1", NOT_PLAIN, id="functions of functions"),
    pytest.param("[" + "()," * 33_000 + "]", NOT_PLAIN, id="33,000 tuples"),
    pytest.param("1" + "+1" * 200_000, "at most 390,000 characters", id="400 KB of operators"),
    pytest.param("(" * 400_000, "at most 390,000 characters", id="400 KB of parentheses"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_features_that_cannot_be_read_back_are_refused_and_exported_as_they_are(
    text: str, words: str
) -> None:
    with budget(), pytest.raises(DataError) as caught:
        fields_of(text, "Row 7")
    message = str(caught.value)
    assert message.startswith("Row 7: ")
    assert words in message
    assert message.endswith(". Drop it.")
    assert len(message) < 300
    with budget():
        content = records_csv([Record(7, text, "a", "b", "0.5")])
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header[-1] == "Features"
    assert row[-1] == escape_formula(text)


READ: list[object] = [
    pytest.param("{}", {}, id="no fields"),
    pytest.param(" {'a': 1}", {"a": 1}, id="space in front"),
    pytest.param("{'a': -5, 'b': 1.5, 'c': None}", {"a": -5, "b": 1.5, "c": None}, id="plain"),
    pytest.param("{'a': 9007199254740993}", {"a": 2**53 + 1}, id="2^53+1"),
    pytest.param("{'a': 1, 'a': 2}", {"a": 2}, id="name twice"),
    pytest.param("{'a': '=1+1', 'b': '<b>'}", {"a": "=1+1", "b": "<b>"}, id="formula and HTML"),
    pytest.param(
        "{'a': '\u202e\U0001f33c'}", {"a": "\u202e\U0001f33c"}, id="bidi text and a flower"
    ),
    pytest.param(
        "{'__class__': 'x', 'partition_key': 1, '../x': 2}",
        {"__class__": "x", "partition_key": 1, "../x": 2},
        id="reserved names",
    ),
    pytest.param(
        str({f"c{number}": 1.5 for number in range(7_000)}),
        {f"c{number}": 1.5 for number in range(7_000)},
        id="7,000 fields",
    ),
]


@pytest.mark.parametrize(("text", "fields"), READ)
def test_unusual_features_are_read_back(text: str, fields: dict[str, Plain]) -> None:
    assert len(text) <= LONGEST_FEATURES
    with budget():
        assert fields_of(text, "Row 7") == fields


RECORD: dict[str, Plain] = {
    "species": "setosa",
    "length": 1.5,
    "width": 5.5,
    "soil": 2,
    "colour": "red",
}

# Changed fields of a reviewed record, and the new row, or words of the message.
REVIEWED = [
    pytest.param({}, RECORD, id="plain"),
    pytest.param({"length": 2}, {**RECORD, "length": 2.0}, id="whole number among fractions"),
    pytest.param({"soil": None}, {**RECORD, "soil": None}, id="missing among whole numbers"),
    pytest.param({"soil": 1.5}, {**RECORD, "soil": 1.5}, id="fraction among whole numbers"),
    pytest.param({"soil": 2**63}, {**RECORD, "soil": 2.0**63}, id="whole number of 64 bits"),
    pytest.param({"length": "2.5"}, {**RECORD, "length": 2.5}, id="number as text"),
    pytest.param({"colour": 7}, {**RECORD, "colour": "7"}, id="number among categories"),
    pytest.param({"colour": None}, {**RECORD, "colour": None}, id="missing category"),
    pytest.param({"colour": ""}, {**RECORD, "colour": None}, id="empty category"),
    pytest.param({"Reason": "wrong"}, RECORD, id="further field"),
    pytest.param({"length": "tall"}, "'length': expected numbers", id="text among numbers"),
    pytest.param({"length": "inf"}, "'length': expected numbers", id="infinity as text"),
    pytest.param({"soil": "1e300"}, "'soil': expected numbers", id="large number as text"),
]


@pytest.mark.parametrize(("change", "expected"), REVIEWED)
def test_reviewed_record_fits_its_data_set_or_is_refused(
    tmp_path: Path, change: dict[str, Plain], expected: dict[str, Plain] | str
) -> None:
    base = flowers()
    rows = [RECORD, {**RECORD, **change}]
    if isinstance(expected, str):
        with budget(), pytest.raises(IrisError, match=expected):
            extend(base, "more", rows)
        return
    with budget():
        extended = extend(base, "more", rows)
    last = extended.frame.astype(object).iloc[-1]
    assert last.where(last.notna(), None).to_dict() == expected
    first = extended.frame.iloc[: base.rows]
    pd.testing.assert_frame_equal(first, base.frame, check_dtype=False)
    store = DataSetStore(tmp_path)
    assert store.load(store.add(extended).id).rows == base.rows + 2
