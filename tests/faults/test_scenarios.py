"""The short form of `make faults`: every scenario once, on few records."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.cloud_workspace import CloudTrial, cloud_trial
from tests.faults.scenarios import SCENARIOS

pytestmark = pytest.mark.cloud
ROWS = 600


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudTrial]:
    with cloud_trial(tmp_path_factory.mktemp("home"), ROWS) as made:
        yield made


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_doubled_or_changed(small: CloudTrial, name: str) -> None:
    outcome = SCENARIOS[name](small, 1)
    assert outcome.injected
    assert (outcome.lost, outcome.doubled, outcome.verdicts_changed) == (0, 0, 0), outcome
