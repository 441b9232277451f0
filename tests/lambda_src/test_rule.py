"""The retrain rule: what makes a record a candidate, by the strings as stored."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.index import (
    UNSURE,
    WRONG,
    WRONG_AND_UNSURE,
    InvalidRecordError,
    evaluate_rule,
    parse_share,
)

NINE_TENTHS = Decimal("0.9")


def test_misclassified_record_becomes_candidate_whatever_its_probability() -> None:
    assert evaluate_rule("setosa", "virginica", "1.0", NINE_TENTHS) == WRONG


def test_low_confidence_record_becomes_candidate() -> None:
    assert evaluate_rule("setosa", "setosa", "0.8999999", NINE_TENTHS) == UNSURE


def test_misclassified_low_confidence_record_has_both_reasons() -> None:
    assert evaluate_rule("setosa", "virginica", "0.5", NINE_TENTHS) == WRONG_AND_UNSURE


def test_correct_high_confidence_record_is_no_candidate() -> None:
    assert evaluate_rule("setosa", "setosa", "0.95", NINE_TENTHS) is None


def test_equal_to_the_threshold_is_not_below_it() -> None:
    assert evaluate_rule("setosa", "setosa", "0.9", NINE_TENTHS) is None


def test_stored_float32_of_nine_tenths_is_not_below_nine_tenths() -> None:
    as_stored = str(np.float32(0.9))
    assert float(np.float32(0.9)) < 0.9 or as_stored == "0.9"
    assert evaluate_rule("setosa", "setosa", as_stored, NINE_TENTHS) is None


def test_threshold_0_finds_only_wrong_predictions() -> None:
    assert evaluate_rule("setosa", "setosa", "0", Decimal(0)) is None
    assert evaluate_rule("setosa", "virginica", "0", Decimal(0)) == WRONG


def test_threshold_1_finds_every_record_below_certainty() -> None:
    assert evaluate_rule("setosa", "setosa", "0.9999999", Decimal(1)) == UNSURE
    assert evaluate_rule("setosa", "setosa", "1.0", Decimal(1)) is None


NOT_WRITTEN_AS_NUMBERS = ("nan", "NaN", "inf", "None", "", " 0.9", "0.9\n", "0,95", "0x1", "\uff19")
OUT_OF_RANGE = ("1.0000001", "-0.1", "1e5", "1_000", "1e-99999", "9" * 100)


@pytest.mark.parametrize("text", NOT_WRITTEN_AS_NUMBERS + OUT_OF_RANGE)
def test_probability_that_is_no_number_from_0_to_1_is_invalid(text: str) -> None:
    with pytest.raises(InvalidRecordError):
        evaluate_rule("setosa", "setosa", text, NINE_TENTHS)


def test_wrong_record_is_a_candidate_even_with_a_probability_that_is_none() -> None:
    assert evaluate_rule("setosa", "virginica", "nan", NINE_TENTHS) == WRONG


@pytest.mark.parametrize("text", ["0", "1", "0.5", ".5", "1.", "1e-1", "5E-05", "+0.25", "0.0"])
def test_every_way_to_write_a_share_is_read(text: str) -> None:
    assert parse_share(text) == Decimal(text)


@given(
    probability=st.floats(0, 1, width=32),
    threshold=st.floats(0, 1, width=32),
    wrong=st.booleans(),
)
def test_rule_is_what_it_says_for_every_stored_float32(
    probability: float, threshold: float, wrong: bool
) -> None:
    stored, limit = str(np.float32(probability)), Decimal(str(np.float32(threshold)))
    reason = evaluate_rule("a", "b" if wrong else "a", stored, limit)
    assert (reason is not None) == (wrong or Decimal(stored) < limit)


@given(st.text(max_size=80))
def test_any_text_is_either_a_share_or_refused(text: str) -> None:
    try:
        share = parse_share(text)
    except InvalidRecordError:
        return
    assert 0 <= share <= 1
    assert float(text) == pytest.approx(float(share))
