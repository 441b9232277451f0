"""Whether a row evaluates is decided once, by its fingerprint."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from iris_core.data.datasets import DataSet
from iris_core.data.evaluation_split import SHARE, EvaluationSplit
from tests.iris_core.samples import flowers


def table(labels: list[str], values: list[float]) -> DataSet:
    frame = pd.DataFrame({"species": pd.Series(labels, dtype="str"), "length": values})
    return DataSet("flowers", "species", frame.astype({"length": "float64"}))


def test_each_class_has_its_share() -> None:
    ds = table(["a"] * 103 + ["b"] * 48 + ["c"] * 2 + ["d"], list(range(154)))
    training, evaluation = EvaluationSplit.of(ds).divide(ds)
    counts = Counter(evaluation.frame["species"])
    assert counts == {"a": 21, "b": 10, "c": 1}
    assert training.rows + evaluation.rows == ds.rows


def test_order_and_labels_of_the_rows_do_not_move_them() -> None:
    ds = flowers(120)
    split = EvaluationSplit.of(ds)
    turned = ds.with_rows("turned", ds.frame.iloc[::-1])
    assert (EvaluationSplit.of(turned).evaluation == split.evaluation).all()
    relabelled = ds.with_rows("other", ds.frame.assign(species=ds.frame["species"].iloc[0]))
    assert (split.evaluates(relabelled.fingerprints) == split.evaluates(ds.fingerprints)).all()


def test_rows_that_come_later_evaluate_as_often() -> None:
    split = EvaluationSplit.of(flowers(120))
    later = table(["a"] * 20_000, list(np.linspace(5, 6, 20_000)))
    share = split.evaluates(later.fingerprints).mean()
    # Six standard deviations of a share of 20,000 rows.
    assert abs(share - SHARE) < 0.017


def test_rows_that_train_at_first_train_for_ever() -> None:
    ds = flowers(500)
    split = EvaluationSplit.of(ds)
    appended = ds.with_rows("more", pd.concat([ds.frame, ds.frame.assign(length=99.0)]))
    evaluates = split.evaluates(appended.fingerprints)
    assert (evaluates[: ds.rows] == split.evaluates(ds.fingerprints)).all()
    assert split.evaluates(ds.fingerprints).sum() == len(split.evaluation)


def test_all_but_an_evaluation_set_that_was_brought_train() -> None:
    ds = flowers(120)
    brought = ds.with_rows("mine", ds.frame.iloc[:30])
    training, evaluation = EvaluationSplit.by(brought).divide(ds)
    assert evaluation.frame.equals(brought.frame)
    assert training.rows == 90


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), min_size=1, max_size=80))
def test_copies_of_a_row_are_on_the_same_side(rows: list[tuple[str, int]]) -> None:
    ds = table([label for label, _ in rows], [float(value) for _, value in rows])
    training, evaluation = EvaluationSplit.of(ds).divide(ds)
    assert not set(training.frame["length"]) & set(evaluation.frame["length"])
    assert training.rows + evaluation.rows == ds.rows


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_a_class_of_different_rows_is_within_one_row_of_its_share(sizes: list[int]) -> None:
    labels = [f"c{number}" for number, size in enumerate(sizes) for _ in range(size)]
    ds = table(labels, [float(row) for row in range(len(labels))])
    _, evaluation = EvaluationSplit.of(ds).divide(ds)
    counts = Counter(evaluation.frame["species"])
    for number, size in enumerate(sizes):
        chosen = counts[f"c{number}"]
        assert abs(chosen - SHARE * size) <= 1
        assert chosen < size
        assert chosen or size == 1
