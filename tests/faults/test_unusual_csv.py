"""An unusual CSV file is read as intended, and takes no more than the budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from iris_core.data.csv_file import MAX_FEATURES
from iris_core.data.csv_reading import read_csv
from iris_core.storage.dataset_store import DataSetStore
from tests.faults.budget import budget
from tests.faults.csv_samples import GOOD, wide

NAN = float("nan")

# What is read, its columns and its rows.
READ = [
    pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), ["kind", "a"], [["x", 1], ["y", 2]], id="BOM"),
    pytest.param("\ufeff\ufeff" + GOOD, ["kind", "a"], [["x", 1], ["y", 2]], id="two BOMs"),
    pytest.param(
        "kind,a,\ufeffb\nx,1,2\ny,3,4\n",
        ["kind", "a", "b"],
        [["x", 1, 2], ["y", 3, 4]],
        id="BOM within",
    ),
    pytest.param(
        '\ufeff"kind",a\nx,1\ny,2\n', ["kind", "a"], [["x", 1], ["y", 2]], id="BOM and quotes"
    ),
    pytest.param("kind,a\rx,1\r\ry,2", ["kind", "a"], [["x", 1], ["y", 2]], id="lone CR"),
    pytest.param(
        "kind,a\nx,1\ry,2\r\n", ["kind", "a"], [["x", 1], ["y", 2]], id="all line ends in one file"
    ),
    pytest.param(
        "kind,a\n \t\nx,1\n\n  \ny,2\n \n", ["kind", "a"], [["x", 1], ["y", 2]], id="blank lines"
    ),
    pytest.param(
        'kind,a\n"x\r\n""",1\n"y,;",2\n',
        ["kind", "a"],
        [['x\r\n"', 1], ["y,;", 2]],
        id="line ends in quotes",
    ),
    pytest.param(
        "kind;a\nx;1,5\ny;p\nz;q\n",
        ["kind", "a"],
        [["x", "1,5"], ["y", "p"], ["z", "q"]],
        id="comma among categories",
    ),
    pytest.param(
        "kind|a\nx,y|1\ny;z|2\n",
        ["kind", "a"],
        [["x,y", 1], ["y;z", 2]],
        id="other separators in cells",
    ),
    pytest.param(
        "kind,a\nNA,NA\nnull,p\nx,q\n",
        ["kind", "a"],
        [["NA", "NA"], ["null", "p"], ["x", "q"]],
        id="NA as class and category",
    ),
    pytest.param(
        "kind,a\nx,NA\ny,2\n", ["kind", "a"], [["x", NAN], ["y", 2.0]], id="NA among numbers"
    ),
    pytest.param(
        "kind,a\nx,1\ny,9007199254740993\n",
        ["kind", "a"],
        [["x", 1], ["y", 2**53 + 1]],
        id="2^53+1 among whole numbers",
    ),
    pytest.param(
        "kind,a\nx,1e-999999999\ny,2.5\n",
        ["kind", "a"],
        [["x", 0.0], ["y", 2.5]],
        id="number that underflows",
    ),
    pytest.param(
        "kind,a\nx,\uff11\ny,\uff12\n",
        ["kind", "a"],
        [["x", "\uff11"], ["y", "\uff12"]],
        id="full-width digits",
    ),
    pytest.param(
        "kind,a,A,\u00e9,e\u0301\nx,1,2,3,4\ny,5,6,7,8\n",
        ["kind", "a", "A", "\u00e9", "e\u0301"],
        [["x", 1, 2, 3, 4], ["y", 5, 6, 7, 8]],
        id="headers that look alike",
    ),
    pytest.param(
        "kind,a\n<script>x</script>,1\n\u202ey\u2066,2\n",
        ["kind", "a"],
        [["<script>x</script>", 1], ["\u202ey\u2066", 2]],
        id="HTML and bidi text",
    ),
    pytest.param(
        "kind,a\nx\x0b,1\ny\u2028\x85,2\n",
        ["kind", "a"],
        [["x\x0b", 1], ["y\u2028\x85", 2]],
        id="line ends of other systems",
    ),
]


@pytest.mark.parametrize(("content", "columns", "cells"), READ)
def test_unusual_file_is_read_as_intended_and_stored_unchanged(
    tmp_path: Path, content: bytes | str, columns: list[str], cells: list[list[object]]
) -> None:
    data = content.encode() if isinstance(content, str) else content
    with budget():
        ds = read_csv(data)
    assert list(ds.frame.columns) == columns
    assert repr(ds.frame.to_numpy().tolist()) == repr(cells)
    store = DataSetStore(tmp_path)
    assert store.load(store.add(ds).id).id == ds.id


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        pytest.param(["1.5", "-2", "1e3"], [1.5, -2.0, 1000.0], id="numbers"),
        pytest.param(["p", "q", "r"], ["p", "q", "r"], id="categories"),
        pytest.param(["1", "", "NA"], [1.0, NAN, NAN], id="missing cells"),
    ],
)
def test_ten_thousand_columns_are_read(cells: list[str], read: list[object]) -> None:
    data = wide(*cells, name="a_name_of_some_length_").encode()
    with budget():
        ds = read_csv(data)
    assert len(ds.features) == MAX_FEATURES
    assert repr(ds.frame.iloc[:, -1].tolist()) == repr(read)
