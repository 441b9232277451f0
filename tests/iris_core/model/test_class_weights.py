"""Balanced class weights: each class counts as much as any other, and all rows as many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.errors import OptionError
from iris_core.evaluation.testing import test as run_test
from iris_core.model.class_weights import IMBALANCED, balanced_weights, smallest_class
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.training import train
from iris_core.records.run_metrics import balanced_accuracy
from tests.iris_core.samples import data_set

OPTIONS = TrainOptions(epochs=20, seed=1)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any))
def test_weights_of_all_rows_add_up_to_them(counts: list[int]) -> None:
    weights = balanced_weights(counts)
    shares = weights.astype(np.float64) * counts
    assert shares.sum() == pytest.approx(sum(counts), rel=1e-5)
    with_rows = shares[np.array(counts) > 0]
    assert with_rows == pytest.approx([with_rows[0]] * len(with_rows), rel=1e-5)


def test_weights_are_those_of_the_formula() -> None:
    # n / (classes * n_class): 100 / (2 * 80) and 100 / (2 * 20).
    assert balanced_weights([80, 20]).tolist() == pytest.approx([0.625, 2.5])


def test_smallest_class_is_measured_by_an_even_share() -> None:
    assert smallest_class([70, 30]) == (1, 0.6)
    assert smallest_class([91, 9])[1] < IMBALANCED <= smallest_class([90, 10])[1]


def test_weights_find_more_of_a_rare_class() -> None:
    rng = np.random.default_rng(0)
    is_rare = rng.random(800) < 0.07
    frame = pd.DataFrame(
        {
            "label": pd.Series(np.where(is_rare, "yes", "no"), dtype="str"),
            "x": rng.normal(is_rare * 1.2, 1.0),
            "y": rng.normal(is_rare * 1.2, 1.0),
        }
    )
    ds, spec = data_set(frame), ModelSpec(units=(8,), learning_rate=0.01)
    found = []
    for is_weighted in (False, True):
        model = train(ds, spec, options=replace(OPTIONS, class_weights=is_weighted))
        assert model.card.options.class_weights is is_weighted
        report = run_test(model, ds, lambda _record: None)
        found.append((report.classes[1].recall, balanced_accuracy(report.classes) or 0.0))
    plain, weighted = found
    assert weighted[0] > plain[0] + 0.2
    assert weighted[1] > plain[1] + 0.1


def test_equal_classes_train_the_same_with_weights() -> None:
    rng = np.random.default_rng(0)
    kinds = np.arange(80) % 2
    frame = pd.DataFrame(
        {
            "label": pd.Series(np.array(["a", "b"])[kinds], dtype="str"),
            "x": kinds + rng.normal(0, 0.5, 80),
        }
    )
    options = TrainOptions(epochs=3, validation_share=0)
    plain, weighted = (
        train(
            data_set(frame),
            ModelSpec(units=(4,)),
            options=replace(options, class_weights=is_weighted),
        )
        for is_weighted in (False, True)
    )
    pairs = zip(plain.network.get_weights(), weighted.network.get_weights(), strict=True)
    assert all(np.array_equal(first, second) for first, second in pairs)


@pytest.mark.parametrize("value", [1, "yes", None])
def test_option_is_yes_or_no(value: object) -> None:
    with pytest.raises(OptionError, match="class_weights"):
        TrainOptions(class_weights=value)  # type: ignore[arg-type]
