"""A threshold is chosen by the errors that it is to catch."""

from __future__ import annotations

import numpy as np

from app.services.runs.threshold_choice import lowest_thresholds, nearest_threshold
from iris_core.evaluation.threshold_curve import threshold_curve


def test_lowest_threshold_is_just_above_the_error_and_an_error_at_one_is_out_of_reach() -> None:
    # GIVEN two errors, one of them with the probability 1
    curve = threshold_curve(np.array([True, False, True]), np.array([0.4, 0.6, 1.0]))
    # THEN half of them are caught at the next point of the curve, and no threshold catches both
    (half,) = lowest_thresholds(curve, (0.5, 1.0))
    assert (half.error_share, half.threshold, half.below) == (0.5, 0.41, 1)
    assert half.below_share == 1 / 3


def test_nearest_threshold_is_one_of_the_curve() -> None:
    assert nearest_threshold([0.0, 0.5, 0.9], 0.87) == 0.9
