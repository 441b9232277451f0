"""A calibration and the counts that store it are the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given

from iris_core.records.calibration import BinCounts, Calibration
from iris_core.records.interval import wilson_interval
from tests.iris_core.records.strategies import bin_counts


@given(bin_counts)
def test_calibration_of_counts_has_these_counts(counts: list[BinCounts]) -> None:
    calibration = Calibration.from_counts(counts, invalid=3)
    assert calibration.counts() == counts
    assert Calibration.from_counts(calibration.counts(), invalid=3) == calibration


@given(bin_counts)
def test_bins_adjoin_and_hold_all_rows(counts: list[BinCounts]) -> None:
    calibration = Calibration.from_counts(counts, invalid=0)
    ends = [entry.high for entry in calibration.bins]
    assert [0.0, *ends[:-1]] == [entry.low for entry in calibration.bins]
    assert ends[-1] == 1.0
    assert calibration.rows == sum(entry.rows for entry in calibration.bins)
    assert 0 <= calibration.error <= 1


def test_figures_equal_those_worked_out_by_hand() -> None:
    calibration = Calibration.from_counts([(0, 0.0, 0), (10, 0.8, 6)], invalid=2)
    empty, full = calibration.bins
    assert (empty.confidence, empty.accuracy, empty.interval) == (None, None, wilson_interval(0, 0))
    assert (full.low, full.high, full.rows) == (0.5, 1.0, 10)
    assert (full.confidence, full.accuracy, full.interval) == (0.8, 0.6, wilson_interval(6, 10))
    assert calibration.error == pytest.approx(0.2)
    assert (calibration.rows, calibration.invalid) == (10, 2)


def test_error_without_rows_is_zero() -> None:
    assert Calibration.from_counts([(0, 0.0, 0)], invalid=5).error == 0.0
