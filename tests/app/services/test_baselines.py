"""An accuracy in words never stands alone, and says what to do where it is not worth a network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.services.baselines import (
    baseline_accuracies,
    card_baselines,
    card_metrics,
    finding,
    finding_of_card,
    finding_of_run,
)
from iris_core.data.datasets import DataSet
from iris_core.evaluation.testing import test as run_test
from iris_core.model.models import Model
from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.run_metrics import RunMetrics
from tests.aws.samples import sample_run


def churn(fixed: int, broken: int, *, logistic: tuple[int, int]) -> list[Baseline]:
    """The baselines of a model that is right in 395 of 500 rows."""
    return [
        Baseline(BaselineKind.MAJORITY, "no", PairedCounts(500, 395, fixed, broken)),
        Baseline(BaselineKind.LOGISTIC, "", PairedCounts(500, 395, *logistic)),
    ]


def found(baselines: list[Baseline]) -> tuple[str, bool | None, str]:
    result = finding(395, 500, [(entry, entry.counts) for entry in baselines])
    return result.accuracy, result.beats, result.advice


def test_accuracy_below_always_saying_no_is_not_green_and_says_what_to_do() -> None:
    text, beats, advice = found(churn(20, 24, logistic=(10, 15)))
    assert text == (
        "79.0 % (always saying 'no': 79.8 %; logistic regression: 80.0 %), 95 % interval 75.2 % to "
        "82.3 % of 500 rows"
    )
    assert not beats
    assert advice.startswith("Look at the balanced accuracy")
    assert "no better beyond chance than always saying 'no' (McNemar's exact test, p = 0." in advice


@pytest.mark.parametrize(
    ("logistic", "beats", "words"),
    [
        ((2, 40), False, "a logistic regression is better beyond chance"),
        ((40, 2), True, "better than both beyond chance"),
        ((10, 12), True, "a logistic regression does as well within chance"),
    ],
)
def test_advice_follows_the_logistic_regression(
    logistic: tuple[int, int], beats: bool, words: str
) -> None:
    _, is_green, advice = found(churn(90, 20, logistic=logistic))
    assert is_green is beats
    assert words in advice


def test_worse_than_the_majority_class_is_said_so() -> None:
    assert "it is worse than always saying 'no'" in found(churn(2, 40, logistic=(0, 0)))[2]


def test_accuracy_without_a_baseline_says_how_to_get_one() -> None:
    result = finding(9, 10, [])
    assert result.beats is None
    assert result.advice.startswith("Train the model anew")


def test_long_class_is_cut_in_a_sentence() -> None:
    entry = replace(churn(1, 2, logistic=(0, 0))[0], label="x" * 100)
    assert f"'{'x' * 39}…'" in found([entry])[0]


def test_run_has_the_accuracy_of_the_rows_that_were_not_trained_on() -> None:
    counts = PairedCounts(10, 9, 4, 1)
    entry = Baseline(BaselineKind.MAJORITY, "no", PairedCounts(30, 29, 9, 1), counts)
    metrics = RunMetrics(seen=20, unseen_correct=9, baselines=(entry,))
    run = replace(sample_run(30), tested=30, accuracy=29 / 30, metrics=metrics)
    result = finding_of_run(run)
    assert result is not None
    assert result.accuracy.startswith("90.0 % (always saying 'no': 60.0 %)")
    assert result.accuracy.endswith("of 10 rows")


def test_run_that_measured_nothing_has_no_finding() -> None:
    assert finding_of_run(replace(sample_run(1), accuracy=None, metrics=RunMetrics())) is None


def test_card_keeps_what_its_test_found(model: Model, dataset: DataSet) -> None:
    report = run_test(model, dataset, lambda _record: None)
    card = replace(model.card, metrics=card_metrics(report))
    kept = card_baselines(card)
    assert [(entry.kind, entry.counts) for entry in kept] == [
        (entry.kind, entry.counts) for entry in report.baselines
    ]
    assert kept[0].label == report.baselines[0].label
    result = finding_of_card(card)
    assert result is not None
    assert "always saying 'setosa': 33.3 %; logistic regression: " in result.accuracy
    assert baseline_accuracies(kept) == baseline_accuracies(report.baselines)


def test_card_of_an_earlier_version_has_no_baselines(model: Model) -> None:
    card = replace(model.card, metrics={"test_accuracy": 0.9, "test_rows": 10.0})
    assert card_baselines(card) == ()
    assert baseline_accuracies(()) == {"baseline_accuracy": None, "logistic_accuracy": None}
    assert finding_of_card(replace(card, metrics={})) is None
