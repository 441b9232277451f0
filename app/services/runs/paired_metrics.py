"""The metrics of two runs on the same records, and their difference, each with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aws.retrain_rule import probabilities
from aws.score_records import Outcome
from iris_core.evaluation.model_comparison import (
    MetricComparison,
    ModelComparison,
    compare_models,
)
from iris_core.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of two runs, as a table lists it.

    Attributes:
        name: of the metric.
        comparison: the baseline is the champion, the compared run the challenger.
        records: number of records that it is measured on.
        is_share: whether it is a share, 0 to 1.
        class_name: of the class that it is about; empty if it is about all.
    """

    name: str
    comparison: MetricComparison
    records: int
    is_share: bool = True
    class_name: str = ""


def compare_outcomes(
    baseline: Sequence[Outcome], compared: Sequence[Outcome], names: Iterable[str]
) -> ModelComparison:
    """Compare what two runs predicted for the same records.

    Args:
        baseline: what the one run predicted.
        compared: what the other did, for the same rows in the same order.
        names: of the classes that either model knows.
    """
    predicted = (entry.predicted for entry in (*baseline, *compared))
    numbers = {name: number for number, name in enumerate(dict.fromkeys((*names, *predicted)))}
    actual = np.array([numbers.get(entry.actual, -1) for entry in compared], dtype=np.intp)
    return compare_models(
        actual, _predictions(baseline, numbers), _predictions(compared, numbers), names=[*numbers]
    )


def metric_rows(comparison: ModelComparison) -> list[MetricRow]:
    """Return the metrics over all records."""
    records = comparison.paired.rows
    rows = [
        MetricRow("Accuracy", comparison.accuracy, records),
        MetricRow("Balanced accuracy", comparison.balanced_accuracy, records),
        MetricRow("Macro F1", comparison.macro_f1, records),
        MetricRow("Calibration error", comparison.calibration_error, records, is_share=False),
    ]
    if comparison.log_loss is not None:
        rows.append(MetricRow("Log loss", comparison.log_loss, records, is_share=False))
    return rows


def class_rows(comparison: ModelComparison) -> list[MetricRow]:
    """Return recall and precision of each class."""
    return [
        MetricRow(name, metric, entry.support, class_name=entry.name)
        for entry in comparison.classes
        for name, metric in (("Recall", entry.recall), ("Precision", entry.precision))
    ]


def _predictions(outcomes: Sequence[Outcome], numbers: Mapping[str, int]) -> Predictions:
    """Return the predictions as arrays, with the number of each class."""
    confidences = probabilities(entry.probability for entry in outcomes)
    return Predictions(
        predicted=np.array([numbers[entry.predicted] for entry in outcomes], dtype=np.intp),
        confidence=np.array(confidences, dtype=np.float64),
    )
