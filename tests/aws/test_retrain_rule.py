"""Stored probabilities are read as the Lambda's retrain rule reads them."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from aws.retrain_rule import probabilities
from lambda_src.index import InvalidRecordError, parse_share

near_numbers = st.text("0123456789.eE+- _naif", max_size=8)


@given(near_numbers | st.floats(0, 1).map(repr) | st.decimals(-2, 2, places=30).map(str))
@example("1.00000000000000000000000001")
@example("-1e-400")
@example("1e99999")
@example("\u0660.\u0665")
def test_texts_are_read_as_the_retrain_function_reads_them(text: str) -> None:
    (probability,) = probabilities([text])
    try:
        expected = float(parse_share(text))
    except InvalidRecordError:
        assert math.isnan(probability)
    else:
        assert probability == expected


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_texts_that_differ_stay_in_order(one: int, other: int) -> None:
    texts = [f"0.{number:015d}" for number in (one, other) if number < 10**15]
    shares = probabilities(texts)
    assert sorted(texts) == [text for _, text in sorted(zip(shares, texts, strict=True))]
    assert len(set(shares)) == len(set(texts))
