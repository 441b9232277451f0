"""A training overfits since its best epoch, once that is more than noise."""

from __future__ import annotations

import pytest

from iris_core.evaluation.overfitting import overfitting_since
from iris_core.model.models import Epoch


def history(training: list[float], validation: list[float] | list[None]) -> list[Epoch]:
    return [
        Epoch(number, len(training), loss, 0.5, val_loss, None if val_loss is None else 0.5)
        for number, (loss, val_loss) in enumerate(zip(training, validation, strict=True), start=1)
    ]


FALLING = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("training", "validation", "since"),
    [
        pytest.param(FALLING, [0.6, 0.5, 0.55, 0.56, 0.57, 0.58], 2, id="risen since the second"),
        pytest.param(FALLING, [0.6, 0.5, 0.55, 0.52, 0.57, 0.58], None, id="a dip just now"),
        pytest.param(FALLING, [0.6, 0.5, 0.45, 0.44, 0.43, 0.42], None, id="still falling"),
        pytest.param(FALLING, [0.6, 0.5, 0.51, 0.52, 0.52, 0.52], None, id="risen by 4 %"),
        pytest.param(FALLING[::-1], [0.6, 0.5, 0.6, 0.7, 0.8, 0.9], None, id="training rises too"),
        pytest.param(
            FALLING, [0.006, 0.005, 0.007, 0.008, 0.009, 0.01], None, id="noise on a loss near 0"
        ),
        pytest.param(FALLING, [0.4, 0.6, 0.5, 0.7, 0.8, 0.9], 1, id="since the first"),
        pytest.param(FALLING, [None] * 6, None, id="no validation rows"),
        pytest.param([0.5, 0.4, 0.3], [0.1, 0.5, 0.9], None, id="too few epochs"),
        pytest.param([], [], None, id="no epochs yet"),
    ],
)
def test_overfitting_is_since_the_best_epoch(
    training: list[float], validation: list[float] | list[None], since: int | None
) -> None:
    assert overfitting_since(history(training, validation)) == since
