"""How confident a model was in a run, and where it was wrong: collected while the run is written.

So no page has to read the records again for the calibration or the threshold curve.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aws.retrain_rule import probabilities
from aws.run_table import METRICS_BYTES, stored_text
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.testing import TestReport
from iris_core.evaluation.threshold_curve import threshold_counts
from iris_core.records.record import Record
from iris_core.records.run_metrics import RunMetrics

MAX_LISTED, MAX_NAME = 100, 200
"""Labels or columns that a run lists, and characters of each."""
FEW_LISTED, SHORT_NAME = 20, 50
"""The same where the run's item would grow too large."""
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
        self._wrong.append(record.is_wrong)
        if len(self._texts) == _TEXTS_AT_ONCE:
            self._read()

    @property
    def records(self) -> int:
        """How many records it has taken."""
        return len(self._wrong)

    def metrics(self, report: TestReport, threshold: str) -> RunMetrics:
        """Return the figures of a run, few enough for its item in the run table.

        Of labels and columns the most frequent are listed. If the classes are so many, or their
        names so long, that the item would grow too large all the same, the figures by class are
        left out: a name cut short would be another class.

        Args:
            report: on the same records.
            threshold: of the run, 0 to 1.
        """
        self._read()
        probability = np.array(self._probabilities, dtype=np.float64)
        wrong = np.frombuffer(bytes(self._wrong), dtype=np.bool_)
        metrics = RunMetrics(
            classes=report.classes,
            confusion=report.confusion,
            seen=report.seen,
            unseen_correct=report.unseen_correct,
            baselines=report.baselines,
        )
        if report.accuracy is not None:
            metrics = replace(
                metrics,
                calibration=calibration(probability, ~wrong),
                thresholds=threshold_counts(wrong, probability, float(threshold)),
            )
        for listed, length in ((MAX_LISTED, MAX_NAME), (FEW_LISTED, SHORT_NAME)):
            metrics = _with_remarks(metrics, report, listed, length)
            if len(stored_text(metrics.to_dict())) <= METRICS_BYTES:
                return metrics
        return replace(metrics, classes=(), confusion=())

    def _read(self) -> None:
        self._probabilities.extend(probabilities(self._texts))
        self._texts.clear()


def _with_remarks(metrics: RunMetrics, report: TestReport, listed: int, length: int) -> RunMetrics:
    """Return metrics with what the model had not seen.

    Args:
        metrics: without it, or with other limits.
        report: that has all of it.
        listed: names of each kind at most.
        length: characters of a name at most.
    """
    return replace(
        metrics,
        unseen_labels=_most_frequent(report.unseen_labels, listed, length),
        unseen_categories=_most_frequent(report.unseen_categories, listed, length),
        missing=_most_frequent(report.missing, listed, length),
        ignored=tuple(name[:length] for name in report.ignored[:listed]),
    )


def _most_frequent(counts: Mapping[str, int], listed: int, length: int) -> dict[str, int]:
    """Return the most frequent names with their counts, each short enough to be stored."""
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])[:listed]
    return {name[:length]: count for name, count in ranked}
