"""The retrain rule as the Lambda applies it, for those who want to know what it will do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from iris_core.records.keys import key_of
from iris_core.records.record import Record
from lambda_src.index import InvalidRecordError, evaluate_rule, parse_share


def is_candidate(predicted: str, actual: str, probability: str, threshold: Decimal) -> bool:
    """Return whether the rule makes a candidate of a record; an invalid one is none.

    Args:
        predicted: the predicted class, as stored.
        actual: the actual class, as stored.
        probability: of the predicted class, as stored.
        threshold: 0 to 1; equal is not below.
    """
    try:
        return evaluate_rule(predicted, actual, probability, threshold) is not None
    except InvalidRecordError:
        return False


def probabilities(texts: Iterable[str]) -> list[float]:
    """Return stored probabilities as numbers, NaN for a text that is no number from 0 to 1.

    The texts read are exactly those that the rule reads. Texts of up to 15 digits that differ give
    floats that differ, in the same order: compared with a threshold that is read likewise, equal
    stays equal and below stays below.
    """
    return [_probability(text) for text in texts]


def _probability(text: str) -> float:
    try:
        return float(parse_share(text))
    except InvalidRecordError:
        return math.nan


class ExpectedCandidates:
    """Counts, while a run is written, the candidates to expect a partition; a sink like any."""

    def __init__(self, run: str, threshold: str) -> None:
        """Apply the rule to the records of `run` by `threshold` (0 to 1)."""
        self.by_partition: Counter[str] = Counter()
        self._run = run
        self._threshold = parse_share(threshold)

    def __call__(self, record: Record) -> None:
        """Count one record."""
        if is_candidate(
            record.class_string, record.actual_string, record.prob_string, self._threshold
        ):
            self.by_partition[key_of(self._run, record.row).partition_key] += 1
