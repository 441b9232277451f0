"""The curves have the areas that counting pairs of rows gives, and the cheapest cut-off is it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from iris_core.errors import OptionError, SchemaError
from iris_core.evaluation import testing
from iris_core.evaluation.cut_off import at_cut_off, cut_off_costs
from iris_core.evaluation.ranking_curves import (
    RankingCurve,
    area_estimate,
    area_variance,
    average_precision,
    ranking_curve,
)
from iris_core.evaluation.score_histograms import (
    BINS,
    ScoreHistograms,
    ScoreTotals,
    bin_numbers,
    lower_edges,
)
from iris_core.model.models import Model
from iris_core.model.prediction import predict
from tests.iris_core.samples import flowers

scored = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.sampled_from([-1, 0, 1])), min_size=1, max_size=40
)


def histograms(rows: list[tuple[float, int]]) -> ScoreHistograms:
    """The histograms of rows with the probability of class 1 and the true class."""
    shares, actual = map(np.array, zip(*rows, strict=True))
    totals = ScoreTotals(("no", "yes"))
    for part in (slice(0, 5), slice(5, None)):
        second = shares[part].astype(np.float32)
        totals.add(np.column_stack((1 - second, second)), actual[part].astype(np.intp))
    return totals.histograms()


def curve_of(rows: list[tuple[float, int]]) -> RankingCurve | None:
    return ranking_curve(histograms(rows), 1)


def pairs(of_class: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The share of pairs in which the row of the class is ahead, ties counting half."""
    ahead = of_class[:, None] - others[None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


@given(rows=scored)
def test_area_is_that_of_counting_pairs(rows: list[tuple[float, int]]) -> None:
    curve = curve_of(rows)
    shares = np.array([np.float32(share) for share, _ in rows], dtype=np.float64)
    is_positive = np.array([label == 1 for _, label in rows])
    if curve is None:
        assert is_positive.all() or not is_positive.any()
        return
    assert (curve.positives, curve.negatives) == (is_positive.sum(), (~is_positive).sum())
    binned = bin_numbers(shares).astype(np.float64)
    expected = pairs(binned[is_positive], binned[~is_positive])
    assert curve.roc_area.value == pytest.approx(expected)
    exact = pairs(shares[is_positive], shares[~is_positive])
    assert abs(curve.roc_area.value - exact) <= curve.resolution + 1e-12
    assert curve.roc_area.low <= curve.roc_area.value <= curve.roc_area.high


@given(rows=scored)
def test_average_precision_is_the_mean_over_the_rows_of_the_class(
    rows: list[tuple[float, int]],
) -> None:
    curve = curve_of(rows)
    if curve is None:
        return
    binned = bin_numbers(np.array([share for share, _ in rows], dtype=np.float32))
    labels = np.array([label == 1 for _, label in rows])
    expected = [labels[binned >= own].mean() for own in binned[labels]]
    estimate = curve.average_precision
    assert estimate.value == pytest.approx(np.mean(expected))
    assert estimate.low - 1e-9 <= estimate.value <= estimate.high + 1e-9


def test_published_average_precision_is_found() -> None:
    # The example of scikit-learn's average_precision_score: labels 0 0 1 1, scores .1 .4 .35 .8.
    assert average_precision(np.array([0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 2])) == pytest.approx(
        0.8333, abs=1e-4
    )
    curve = curve_of([(0.1, 0), (0.4, 0), (0.35, 1), (0.8, 1)])
    assert curve is not None
    assert curve.average_precision.value == pytest.approx(5 / 6)
    assert curve.roc_area.value == 0.75


def test_variance_is_that_of_hanley_and_mcneil() -> None:
    # Their table: area .893 of 51 abnormal and 58 normal scans has the standard error .032.
    assert math.sqrt(area_variance(0.893, 51, 58)) == pytest.approx(0.032, abs=5e-4)
    # With as many of both, the formula of 1982 as it stands.
    area, rows = 0.8, 30
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    expected = area * (1 - area) + (rows - 1) * (first + second - 2 * area**2)
    assert area_variance(area, rows, rows) == pytest.approx(expected / rows**2)


@given(area=st.floats(0, 1), positives=st.integers(1, 10_000), negatives=st.integers(1, 10_000))
def test_interval_of_an_area_holds_it_and_mirrors(
    area: float, positives: int, negatives: int
) -> None:
    estimate = area_estimate(area, positives, negatives)
    assert 0 <= estimate.low <= area <= estimate.high <= 1
    mirrored = area_estimate(1 - area, negatives, positives)
    assert mirrored.low == pytest.approx(1 - estimate.high, abs=1e-9)


def test_perfect_area_of_few_rows_has_an_interval_all_the_same() -> None:
    few, many = area_estimate(1.0, 5, 5), area_estimate(1.0, 500, 500)
    assert few.low < 0.8
    assert 0.99 < many.low < 1
    # At the end of the interval the measured area is as far as the deviation says.
    assert 1 - few.low == pytest.approx(
        1.959964 * math.sqrt(area_variance(few.low, 5, 5)), rel=1e-6
    )


def test_interval_holds_the_true_area_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(400):
        of_class, others = rng.normal(1, 1, 40), rng.normal(0, 1, 60)
        estimate = area_estimate(pairs(of_class, others), 40, 60)
        # Of two normal distributions one deviation apart: the normal distribution of 1 / sqrt(2).
        held += estimate.low <= 0.5 * (1 + math.erf(0.5)) <= estimate.high
    assert 0.92 <= held / 400 <= 0.98


@given(rows=scored, false_alarm=st.integers(0, 20), miss=st.integers(0, 20))
def test_cheapest_cut_off_is_that_of_trying_all(
    rows: list[tuple[float, int]], false_alarm: int, miss: int
) -> None:
    curve = curve_of(rows)
    if curve is None or not false_alarm + miss:
        return
    binned = bin_numbers(np.array([share for share, _ in rows], dtype=np.float32))
    positive = np.array([label == 1 for _, label in rows])

    def cost(edge: int) -> int:
        said = binned >= edge
        return int(false_alarm * (said & ~positive).sum() + miss * (~said & positive).sum())

    found = cut_off_costs(curve, false_alarm=false_alarm, miss=miss)
    assert found.cheapest.cost == min(cost(edge) for edge in range(BINS + 1))
    half = at_cut_off(curve, 0.5, false_alarm=false_alarm, miss=miss)
    assert (half.cut_off, half.cost) == (0.5, cost(BINS // 2))
    assert (found.always.cost, found.never.cost) == (cost(0), cost(BINS))
    assert (found.always.misses, found.never.false_alarms) == (0, 0)
    for entry in (found.cheapest, half, found.always, found.never):
        assert entry.cost == false_alarm * entry.false_alarms + miss * entry.misses
    assert found.by_costs == pytest.approx(false_alarm / (false_alarm + miss))


def test_cut_off_of_dear_misses_is_low() -> None:
    rows = [(0.05, 0), (0.2, 0), (0.3, 1), (0.45, 0), (0.7, 1), (0.9, 1)]
    curve = curve_of(rows)
    assert curve is not None
    found = cut_off_costs(curve, false_alarm=1, miss=10)
    # From 0.3 on: one false alarm. At 0.5: one miss. Always: three false alarms. Never: all missed.
    assert 0.2 < found.cheapest.cut_off <= 0.3
    half = at_cut_off(curve, 0.5, false_alarm=1, miss=10)
    assert (found.cheapest.cost, half.cost) == (1, 10)
    assert (found.always.cost, found.never.cost) == (3, 30)


@pytest.mark.parametrize(("false_alarm", "miss"), [(0, 0), (-1, 1), (1, 1e10), (math.nan, 1)])
def test_impossible_costs_are_refused(false_alarm: float, miss: float) -> None:
    curve = curve_of([(0.2, 0), (0.9, 1)])
    assert curve is not None
    with pytest.raises(OptionError):
        cut_off_costs(curve, false_alarm=false_alarm, miss=miss)


def test_bins_hold_what_their_edges_say() -> None:
    edges = lower_edges()
    assert edges[BINS // 2] == 0.5
    assert (np.diff(edges) > 0).all()
    inside = (edges[:-1] + edges[1:]) / 2
    assert bin_numbers(inside).tolist() == list(range(BINS - 1))
    assert bin_numbers(np.array([0.0, 0.5, 1.0])).tolist() == [0, BINS // 2, BINS - 1]


@given(rows=scored)
def test_histograms_are_the_same_after_json(rows: list[tuple[float, int]]) -> None:
    first = histograms(rows)
    again = ScoreHistograms.from_dict(json.loads(json.dumps(first.to_dict())))
    assert again.names == first.names
    assert np.array_equal(again.positives, first.positives)
    assert np.array_equal(again.negatives, first.negatives)


@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored | {"bins": 100},
        lambda stored: stored | {"classes": 3},
        lambda _stored: {"bins": 512},
        lambda stored: stored | {"classes": [{**stored["classes"][0], "at": [512]}]},
        lambda stored: stored | {"classes": [{**stored["classes"][0], "positives": [-1, 1]}]},
    ],
)
def test_broken_histograms_are_refused(damage: object) -> None:
    stored = histograms([(0.2, 0), (0.9, 1)]).to_dict()
    with pytest.raises(SchemaError):
        ScoreHistograms.from_dict(damage(stored))  # type: ignore[operator]


def test_test_counts_the_probability_of_every_class(model: Model) -> None:
    ds = flowers(60, seed=4)
    scores = testing.test(model, ds, lambda _record: None).scores
    assert scores is not None
    shares = predict(model, ds.frame)
    numbers = model.card.schema.class_indices(ds.frame["species"])
    for number in range(3):
        curve = ranking_curve(scores, number)
        assert curve is not None
        exact = pairs(
            shares[numbers == number, number].astype(float),
            shares[numbers != number, number].astype(float),
        )
        assert abs(curve.roc_area.value - exact) <= curve.resolution + 1e-6
