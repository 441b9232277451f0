"""A model beside its baselines: counted row by row, and called better only beyond chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.evaluation import testing
from iris_core.evaluation.baselines import (
    BaselineTotals,
    baselines_of,
    beats_baselines,
    is_better,
    is_worse,
)
from iris_core.evaluation.metrics import class_metrics, confusion_matrix
from iris_core.model.encoding import encode
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.run_metrics import RunMetrics
from tests.iris_core.samples import flowers

rows_of_three = st.lists(
    st.tuples(st.integers(-1, 2), st.integers(0, 2), st.integers(0, 2), st.booleans()),
    min_size=1,
    max_size=30,
)


def paired(model: list[bool], other: list[bool]) -> PairedCounts:
    """The counts from their definition."""
    both = list(zip(model, other, strict=True))
    return PairedCounts(
        len(both), sum(model), sum(a and not b for a, b in both), sum(b and not a for a, b in both)
    )


@given(rows=rows_of_three, counts=st.none() | st.tuples(*[st.integers(0, 9)] * 3))
def test_counts_are_those_of_each_row(
    model: Model,
    rows: list[tuple[int, int, int, bool]],
    counts: tuple[int, int, int] | None,
) -> None:
    actual, predicted, logistic, seen = map(np.array, zip(*rows, strict=True))
    card = replace(model.card, class_counts=counts)
    totals = BaselineTotals(card, has_logistic=True)
    for part in (slice(0, 3), slice(3, None)):
        totals.add(
            actual[part], predicted[part], logistic=logistic[part], seen=seen[part].astype(bool)
        )
    majority, regression = totals.baselines()
    if counts is None:
        assert majority.kind == BaselineKind.TESTED_MAJORITY
        always = max(range(3), key=lambda number: (list(actual).count(number), -number))
    else:
        assert majority.kind == BaselineKind.MAJORITY
        always = counts.index(max(counts))
    assert majority.label == card.schema.classes[always]
    right = (actual == predicted).tolist()
    for baseline, says in ((majority, np.full(len(actual), always)), (regression, logistic)):
        other = (actual == says).tolist()
        assert baseline.counts == paired(right, other)
        assert baseline.counts.baseline_correct == sum(other)
        left = [index for index in range(len(rows)) if not seen[index]]
        expected = paired([right[i] for i in left], [other[i] for i in left])
        assert baseline.unseen == expected


def test_test_counts_the_logistic_regression_on_the_same_rows(model: Model) -> None:
    ds = flowers(60, seed=4)
    report = testing.test(model, ds, lambda _record: None)
    assert [entry.kind for entry in report.baselines] == ["majority", "logistic regression"]
    assert model.logistic is not None
    says = model.logistic.predict(encode(model.card.schema, ds.frame).matrix)
    numbers = model.card.schema.class_indices(ds.frame["species"])
    right = predict(model, ds.frame).argmax(axis=1) == numbers
    assert report.baselines[1].counts == paired(right.tolist(), (says == numbers).tolist())
    assert report.baselines[0].counts.baseline_accuracy == pytest.approx(1 / 3)


def test_model_of_an_earlier_version_has_the_majority_class_of_the_tested_rows(
    model: Model,
) -> None:
    earlier = Model(replace(model.card, class_counts=None), model.network)
    (only,) = testing.test(earlier, flowers(30), lambda _record: None).baselines
    assert (only.kind, only.label, only.unseen) == ("tested majority", "setosa", None)


@given(rows=rows_of_three)
def test_run_of_an_earlier_version_has_the_majority_class_by_its_confusion_matrix(
    model: Model, rows: list[tuple[int, int, int, bool]]
) -> None:
    actual, predicted, _, _ = map(np.array, zip(*rows, strict=True))
    confusion = confusion_matrix(actual, predicted, classes=3)
    names = model.card.schema.classes
    metrics = RunMetrics(
        classes=class_metrics(confusion, names),
        confusion=tuple(map(tuple, confusion.tolist())),
    )
    totals = BaselineTotals(replace(model.card, class_counts=None), has_logistic=False)
    totals.add(actual, predicted, logistic=None, seen=None)
    assert baselines_of(metrics) == totals.baselines()


def test_run_without_any_metrics_has_no_baseline() -> None:
    assert baselines_of(RunMetrics()) == ()


def of(fixed: int, broken: int) -> PairedCounts:
    return PairedCounts(500, 400, fixed, broken)


@pytest.mark.parametrize(
    ("majority", "logistic", "beats"),
    [
        # 6 to 0 is the first that McNemar's exact test calls more than chance: 2 / 2^6 = .031.
        pytest.param(of(6, 0), of(3, 3), True, id="better than the majority class"),
        pytest.param(of(5, 0), of(3, 3), False, id="which may be chance: 2 / 2^5 = .063"),
        pytest.param(of(20, 24), of(3, 3), False, id="79.0 beside 79.8 %"),
        pytest.param(of(0, 6), of(3, 3), False, id="worse than the majority class"),
        pytest.param(of(60, 0), of(0, 6), False, id="worse than the logistic regression"),
        pytest.param(of(60, 0), of(0, 5), True, id="which may be chance"),
        pytest.param(of(60, 0), of(6, 0), True, id="better than both"),
    ],
)
def test_green_is_for_what_beats_its_baselines(
    majority: PairedCounts, logistic: PairedCounts, beats: bool
) -> None:
    counts = [(BaselineKind.MAJORITY, majority), (BaselineKind.LOGISTIC, logistic)]
    assert beats_baselines(counts) is beats
    assert is_better(majority) == (majority.fixed > 5 and majority.broken == 0)
    assert is_worse(logistic) == (logistic.broken > 5)


def test_accuracy_without_a_majority_class_is_never_green() -> None:
    assert not beats_baselines([])
    assert not beats_baselines([(BaselineKind.LOGISTIC, of(60, 0))])


def test_stored_baseline_of_an_unknown_kind_leaves_the_run_readable() -> None:
    entry = Baseline(BaselineKind.MAJORITY, "no", of(1, 2)).to_dict()
    assert RunMetrics.from_dict({"baselines": [{**entry, "kind": "other"}]}) == RunMetrics()
