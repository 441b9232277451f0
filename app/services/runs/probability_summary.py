"""How confident a model was in a run, and where it was wrong: collected while the run is written.

So no page has to read the records again for the calibration or the threshold curve.
"""

from __future__ import annotations

from array import array

import numpy as np

from aws.retrain_rule import probabilities
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.testing import TestReport
from iris_core.evaluation.threshold_curve import threshold_counts
from iris_core.records.record import Record
from iris_core.records.run_metrics import RunMetrics

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
            unseen_labels=report.unseen_labels,
            unseen_categories=report.unseen_categories,
            missing=report.missing,
            ignored=report.ignored,
            calibration=calibration(probability, ~wrong),
            thresholds=threshold_counts(wrong, probability, float(threshold)),
        )

    def _read(self) -> None:
        self._probabilities.extend(probabilities(self._texts))
        self._texts.clear()
