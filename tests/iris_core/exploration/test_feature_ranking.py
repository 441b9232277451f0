"""A column scores higher, the more of its variance the classes explain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iris_core.exploration.feature_ranking import feature_scores


def test_share_of_the_variance_between_the_classes() -> None:
    numbers = pd.DataFrame(
        {
            "exact": [1.0, 1.0, 3.0, 3.0],
            "half": [0.0, 2.0, 2.0, 4.0],
            "blind": [1.0, 2.0, 1.0, 2.0],
            "constant": [0.1, 0.1, 0.1, 0.1],
            "gaps": [1.0, np.nan, 3.0, np.nan],
            "empty": [np.nan] * 4,
            "huge": [1e300, 1e300, -1e300, -1e300],
        }
    )
    scores = feature_scores(numbers, np.array([0, 0, 2, 2]))
    assert scores == pytest.approx(
        {"exact": 1, "half": 0.5, "blind": 0, "constant": 0, "gaps": 1, "empty": 0, "huge": 1}
    )
