"""Intervals hold what they promise, and bins hold every record once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aws.retrain_rule import probabilities
from iris_core.errors import OptionError
from iris_core.evaluation.calibration import calibration
from iris_core.records.interval import wilson_interval
from lambda_src.index import InvalidRecordError, parse_share

records = st.lists(
    st.tuples(
        st.floats(0, 1) | st.integers(0, 10).map(lambda tenth: tenth / 10) | st.just(math.nan),
        st.booleans(),
    ),
    max_size=60,
)
near_numbers = st.text("0123456789.eE+- _naif", max_size=8)


def test_interval_equals_published_figures() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    for right, rows, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson_interval(right, rows)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_mirrors_its_complement(pair: tuple[int, int]) -> None:
    right, rows = pair
    found = wilson_interval(right, rows)
    assert 0 <= found.low <= (right / rows if rows else 0.5) <= found.high <= 1
    other = wilson_interval(rows - right, rows)
    assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_interval_holds_the_truth_in_about_95_of_100_cases(share: float) -> None:
    right = np.random.default_rng(0).binomial(240, share, 4_000)
    intervals = [wilson_interval(int(count), 240) for count in right]
    held = np.mean([found.low <= share <= found.high for found in intervals])
    assert 0.93 < held < 0.975


@given(records, st.integers(1, 12))
def test_bins_equal_brute_force(rows: list[tuple[float, bool]], bins: int) -> None:
    shares, right = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [])
    found = calibration(np.asarray(shares, float), np.asarray(right, bool), bins=bins)
    known = [(share, hit) for share, hit in rows if not math.isnan(share)]
    assert (found.rows, found.invalid) == (len(known), len(rows) - len(known))
    error = 0.0
    for place, entry in enumerate(found.bins):
        inside = [
            (share, hit)
            for share, hit in known
            if place / bins < share <= (place + 1) / bins or (place == 0 and share == 0)
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
        error += len(inside) / len(known) * abs(entry.confidence - entry.accuracy)
    assert found.error == pytest.approx(error)


def test_end_of_a_bin_belongs_to_it() -> None:
    found = calibration(np.array([0.3, 0.1, 0.7]), np.array([True, False, True]))
    assert [entry.rows for entry in found.bins] == [1, 0, 1, 0, 0, 0, 1, 0, 0, 0]


def test_number_of_bins_out_of_range_is_refused() -> None:
    with pytest.raises(OptionError, match="bins"):
        calibration(np.array([0.3]), np.array([True]), bins=0)


@given(near_numbers | st.floats(0, 1).map(repr) | st.decimals(-2, 2, places=30).map(str))
@example("1.00000000000000000000000001")
@example("-1e-400")
@example("1e99999")
@example("\u0660.\u0665")
def test_texts_are_read_as_the_retrain_function_reads_them(text: str) -> None:
    (found,) = probabilities([text])
    try:
        expected = float(parse_share(text))
    except InvalidRecordError:
        assert math.isnan(found)
    else:
        assert found == expected


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_texts_that_differ_stay_in_order(one: int, other: int) -> None:
    texts = [f"0.{number:015d}" for number in (one, other) if number < 10**15]
    shares = probabilities(texts)
    assert sorted(texts) == [text for _, text in sorted(zip(shares, texts, strict=True))]
    assert len(set(shares)) == len(set(texts))
