"""Correlations equal those of two passes over each two columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.exploration import correlation
from iris_core.exploration.correlation import correlations
from tests.iris_core.samples import data_set, flowers

values = st.none() | st.integers(-3, 3).map(float) | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def labelled(columns: Mapping[str, Sequence[float | None]]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    labels = pd.Series(["x"] * rows, dtype="str")
    numbers = {name: pd.Series(list(column), dtype="float64") for name, column in columns.items()}
    return pd.DataFrame({"label": labels, **numbers})


@given(st.lists(st.tuples(values, values, values), min_size=2, max_size=40), st.booleans())
def test_correlations_equal_two_passes(
    rows: list[tuple[float | None, ...]], without_gaps: bool
) -> None:
    if without_gaps:
        rows = [tuple(value or 0.0 for value in row) for row in rows]
    frame = labelled(
        {name: list(column) for name, column in zip("abc", zip(*rows, strict=True), strict=True)}
    )
    result = correlations(data_set(frame)).values
    for i, one in enumerate("abc"):
        for j, other in enumerate("abc"):
            both = frame[[one, other]].dropna().to_numpy().T if one != other else None
            x, y = both if both is not None else [frame[one].dropna().to_numpy()] * 2
            if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
                assert np.isnan(result[i, j])
                continue
            x, y = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
            expected = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())
            assert result[i, j] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("gaps", [False, True])
def test_many_rows_equal_pandas(gaps: bool) -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=60_000)
    frame = labelled({f"c{k}": (common * k + rng.normal(size=60_000)).tolist() for k in range(9)})
    if gaps:
        frame.iloc[:, 1:] = frame.iloc[:, 1:].where(rng.random((60_000, 9)) > 0.1)
    result = correlations(data_set(frame))
    assert result.columns == tuple(frame.columns[1:])
    expected = frame.iloc[:, 1:].corr().to_numpy()
    assert np.allclose(result.values, expected, atol=1e-12)


def test_constant_has_no_correlation_with_anything_but_others_have() -> None:
    ds = data_set(labelled({"a": [1, 2, 3, 5], "b": [7, 7, 7, 7], "c": [3, 2, 1, -1]}))
    result = correlations(ds).values
    assert np.isnan(result[1]).all()
    assert np.isnan(result[:, 1]).all()
    assert result[0, 2] == pytest.approx(-1)


def test_column_that_is_constant_in_the_rows_of_another_has_none_with_that() -> None:
    # In the rows that b has, a is always 100.1: sums alone would leave a rounding error to divide.
    a = [100.1] * 7 + [5.3, 1e6]
    b: list[float | None] = [*map(float, range(7)), None, None]
    result = correlations(data_set(labelled({"a": a, "b": b}))).values
    assert np.isnan(result[0, 1])
    assert result[0, 0] == pytest.approx(1)


def test_offset_far_beyond_the_spread_loses_no_digits() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    a, b = 1e7 + x, x + rng.normal(size=500)
    rows: dict[str, list[float | None]] = {"a": [*a.tolist(), -1e7], "b": [*b.tolist(), None]}
    result = correlations(data_set(labelled(rows))).values
    assert result[0, 1] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-6)


def test_text_and_label_are_left_out() -> None:
    assert correlations(flowers()).columns == ("length", "width", "soil")
    only_text = data_set(pd.DataFrame({"kind": ["x", "y"], "colour": ["red", "blue"]}))
    assert correlations(only_text).values.shape == (0, 0)


def test_blocks_of_few_rows_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = correlations(flowers()).values
    monkeypatch.setattr(correlation, "_BLOCK_CELLS", 1)
    monkeypatch.setattr(correlation, "_SMALL_PRODUCT", 1)
    assert np.allclose(correlations(flowers()).values, whole, atol=1e-12)
