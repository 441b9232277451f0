"""A search matches words and numbers in any column, and counts all matching rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iris_core.data.datasets import DataSet
from iris_core.errors import OptionError
from iris_core.exploration.search import search


@pytest.fixture
def flowers() -> DataSet:
    return DataSet(
        "flowers",
        "kind",
        pd.DataFrame(
            {
                "kind": pd.Series(["Rose (wild)", "tulip", "rose", "Lily 5"], dtype="str"),
                "shade": pd.Series(["red", None, "deep RED", "<b>"], dtype="str"),
                "size": [5.1, 5.19, 5.2, np.nan],
                "petals": [5, 51, -5, 6],
                "drop": [-0.51, 0.0, -0.5, -0.6],
            }
        ),
    )


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("ROSE", [0, 2]),
        ("rose red", [0, 2]),
        ("rose deep", [2]),
        ("(wild", [0]),
        ("<b>", [3]),
        (".*", []),
        ("5.1", [0, 1]),
        ("5.19", [1]),
        ("51", [1]),
        ("6", [3]),
        ("5", [0, 1, 2, 3]),
        ("-5", [2]),
        ("-0.5", [0, 2]),
        ("rose 5.2", [2]),
        ("nan", []),
        ("9" * 200, []),
        ("1e999", []),
    ],
)
def test_words_are_found_in_any_column(flowers: DataSet, query: str, rows: list[int]) -> None:
    result = search(flowers, query, limit=10)
    assert result.frame.index.to_list() == rows
    assert (result.total_matches, result.total_rows) == (len(rows), 4)


def test_no_more_rows_than_asked_for_come_back_but_all_are_counted(flowers: DataSet) -> None:
    result = search(flowers, "rose", limit=1)
    assert result.frame.index.to_list() == [0]
    assert result.total_matches == 2
    with pytest.raises(OptionError):
        search(flowers, "", limit=0)
