"""How confident a model was in a run, and where it was wrong: collected while the run is written.

So no page has to read the records again for the calibration or the threshold curve.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from aws.retrain_rule import probabilities
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.testing import TestReport
from iris_core.evaluation.threshold_curve import threshold_counts
from iris_core.records.record import Record
from iris_core.records.run_metrics import RunMetrics

MAX_LISTED, MAX_NAME = 100, 200
"""Labels or columns that a run lists, and characters of each: its item has at most 400 KB."""
_TEXTS_AT_ONCE = 4_096


class ProbabilityCollector:
    """Collects each record's probability and whether it is wrong, nine bytes a record; a sink."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._probabilities = array("d")
        self._wrong = bytearray()

    def __call__(self, record: Record) -> None:
        """Take one record."""
        self._texts.append(record.prob_string)
        self._wrong.append(not record.is_correct)
        if len(self._texts) == _TEXTS_AT_ONCE:
            self._read()

    @property
    def records(self) -> int:
        """How many records it has taken."""
        return len(self._wrong)

    def metrics(self, report: TestReport, threshold: str) -> RunMetrics:
        """Return the figures of a run for its item in the run table.

        Args:
            report: on the same records.
            threshold: of the run, 0 to 1.
        """
        self._read()
        probability = np.array(self._probabilities, dtype=np.float64)
        wrong = np.frombuffer(bytes(self._wrong), dtype=np.bool_)
        return RunMetrics(
            classes=report.classes,
            confusion=report.confusion,
            unseen_labels=_most_frequent(report.unseen_labels),
            unseen_categories=_most_frequent(report.unseen_categories),
            missing=_most_frequent(report.missing),
            ignored=tuple(name[:MAX_NAME] for name in report.ignored[:MAX_LISTED]),
            seen=report.seen,
            unseen_correct=report.unseen_correct,
            calibration=calibration(probability, ~wrong),
            thresholds=threshold_counts(wrong, probability, float(threshold)),
        )

    def _read(self) -> None:
        self._probabilities.extend(probabilities(self._texts))
        self._texts.clear()


def _most_frequent(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the most frequent names with their counts, few and short enough to be stored."""
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])[:MAX_LISTED]
    return {name[:MAX_NAME]: count for name, count in ranked}
