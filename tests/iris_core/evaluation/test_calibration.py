"""Bins hold every record once, and their figures equal those of brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.errors import OptionError
from iris_core.evaluation.calibration import calibration

records = st.lists(
    st.tuples(
        st.floats(0, 1) | st.integers(0, 10).map(lambda tenth: tenth / 10) | st.just(math.nan),
        st.booleans(),
    ),
    max_size=60,
)


@given(records, st.integers(1, 12))
def test_bins_equal_brute_force(rows: list[tuple[float, bool]], bins: int) -> None:
    shares, correct = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [])
    result = calibration(np.asarray(shares, float), np.asarray(correct, bool), bins=bins)
    valid = [(share, hit) for share, hit in rows if not math.isnan(share)]
    assert (result.rows, result.invalid) == (len(valid), len(rows) - len(valid))
    error = 0.0
    for index, entry in enumerate(result.bins):
        inside = [
            (share, hit)
            for share, hit in valid
            if index / bins < share <= (index + 1) / bins or (index == 0 and share == 0)
        ]
        assert entry.rows == len(inside)
        if not inside:
            assert entry.accuracy is entry.confidence is None
            continue
        assert entry.accuracy is not None
        assert entry.confidence is not None
        assert entry.confidence == pytest.approx(np.mean([share for share, _ in inside]))
        assert entry.accuracy == pytest.approx(np.mean([hit for _, hit in inside]))
        assert entry.interval.low <= entry.accuracy <= entry.interval.high
        error += len(inside) / len(valid) * abs(entry.confidence - entry.accuracy)
    assert result.error == pytest.approx(error)


def test_upper_end_of_a_bin_is_in_it() -> None:
    result = calibration(np.array([0.3, 0.1, 0.7]), np.array([True, False, True]))
    assert [entry.rows for entry in result.bins] == [1, 0, 1, 0, 0, 0, 1, 0, 0, 0]


def test_number_of_bins_out_of_range_is_refused() -> None:
    with pytest.raises(OptionError, match="bins"):
        calibration(np.array([0.3]), np.array([True]), bins=0)
