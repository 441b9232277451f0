"""How sure a model was of a run's records, in few enough numbers for the run table's item.

Collected while the run is written, so that no page has to read its records again: the reliability
of the probabilities, and what each threshold would have people review.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_core.evaluation.calibration import (
    Calibration,
    CalibrationBin,
    calibration,
    probabilities_of,
    wilson_interval,
)
from iris_core.evaluation.threshold_curve import (
    STEPS,
    ThresholdCurve,
    at_threshold,
    threshold_curve,
)
from iris_core.records.record import Record

POINTS = 100
"""Thresholds that are kept beside those of the even grid: some kilobytes a run."""
_TEXTS_AT_ONCE = 4_096


class ProbabilityCollector:
    """Collects how sure the model was and where it was wrong, nine bytes a record; a sink."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._probabilities = array("d")
        self._wrong = bytearray()

    def __call__(self, record: Record) -> None:
        """Take one record."""
        self._texts.append(record.prob_string)
        self._wrong.append(record.class_string != record.actual_string)
        if len(self._texts) == _TEXTS_AT_ONCE:
            self._read()

    def metrics(self, threshold: str) -> dict[str, Any]:
        """The figures as plain values, fit for JSON; the lab has `threshold` (0…1) among others."""
        self._read()
        probability = np.array(self._probabilities, dtype=np.float64)
        wrong = np.frombuffer(bytes(self._wrong), dtype=np.bool_)
        return {
            "reliability": _reliability_values(calibration(probability, ~wrong)),
            "lab": _lab_values(wrong, probability, threshold),
        }

    def _read(self) -> None:
        self._probabilities.extend(probabilities_of(self._texts).tolist())
        self._texts.clear()


def calibration_of(metrics: Mapping[str, Any]) -> Calibration | None:
    """The reliability among a run's metrics; None in runs of before it was kept."""
    kept = metrics.get("reliability")
    if not kept:
        return None
    bins = kept["bins"]
    rows = sum(count for count, _, _ in bins)
    distance = sum(abs(count * confidence - right) for count, confidence, right in bins)
    return Calibration(
        tuple(
            CalibrationBin(
                low=place / len(bins),
                high=(place + 1) / len(bins),
                rows=count,
                confidence=confidence if count else None,
                accuracy=right / count if count else None,
                interval=wilson_interval(right, count),
            )
            for place, (count, confidence, right) in enumerate(bins)
        ),
        distance / rows if rows else 0.0,
        rows,
        kept["unjudged"],
    )


def threshold_curve_of(metrics: Mapping[str, Any]) -> ThresholdCurve | None:
    """The threshold curve among a run's metrics; None in runs of before it was kept."""
    kept = metrics.get("lab")
    if not kept:
        return None
    marks = np.array(kept["thresholds"], dtype=np.float64)
    thresholds = np.union1d(marks, np.arange(STEPS + 1) / STEPS)
    # Between two marks nothing changes.
    places = np.searchsorted(marks, thresholds, side="right") - 1
    below = np.array(kept["below"], dtype=np.int64)[places]
    caught = np.array(kept["caught"], dtype=np.int64)[places]
    return ThresholdCurve(
        rows=kept["rows"],
        errors=kept["errors"],
        unjudged=kept["unjudged"],
        thresholds=thresholds,
        reviews=kept["errors"] + below - caught,
        below=below,
        caught=caught,
    )


def _reliability_values(found: Calibration) -> dict[str, Any]:
    """For each bin its rows, mean confidence and right rows."""
    bins = [
        [entry.rows, entry.confidence or 0.0, round((entry.accuracy or 0.0) * entry.rows)]
        for entry in found.bins
    ]
    return {"bins": bins, "unjudged": found.unjudged}


def _lab_values(
    wrong: NDArray[np.bool_], probability: NDArray[np.float64], threshold: str
) -> dict[str, Any]:
    """The curve's points at which something changes, and that of the run's own threshold."""
    curve = threshold_curve(wrong, probability, points=POINTS)
    own = at_threshold(wrong, probability, float(threshold))
    thresholds, first = np.unique(
        np.concatenate((curve.thresholds, own.thresholds)), return_index=True
    )
    below = np.concatenate((curve.below, own.below))[first]
    caught = np.concatenate((curve.caught, own.caught))[first]
    kept = np.append(True, below[1:] != below[:-1]) | (thresholds == own.thresholds[0])
    return {
        "rows": curve.rows,
        "errors": curve.errors,
        "unjudged": curve.unjudged,
        "thresholds": thresholds[kept].tolist(),
        "below": below[kept].tolist(),
        "caught": caught[kept].tolist(),
    }
