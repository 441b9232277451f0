"""The short form of `make faults`: every scenario once, on few records."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.cloud_workspace import CloudTestBed, cloud_test_bed
from tests.faults.scenarios import SCENARIOS

pytestmark = pytest.mark.cloud
ROWS = 600


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudTestBed]:
    with cloud_test_bed(tmp_path_factory.mktemp("home"), ROWS) as opened:
        yield opened


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_doubled_or_changed(bed: CloudTestBed, name: str) -> None:
    outcome = SCENARIOS[name](bed, 1)
    assert outcome.injected
    assert (outcome.lost, outcome.doubled, outcome.verdicts_changed) == (0, 0, 0), outcome
