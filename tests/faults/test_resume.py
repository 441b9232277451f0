"""A test that broke off at any batch goes on with what was not acknowledged, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iris_core import evaluation
from iris_core.records import Record
from tests.faults.file_workspace import trained
from tests.iris_core.samples import flowers

BATCH = 25
ROWS = 2_100


class Killed(BaseException):
    """The end of the process, as a sink sees it."""


class Store:
    """Takes records batch by batch, and acknowledges a batch once it is stored whole."""

    def __init__(self, *, dies_at: int | None = None) -> None:
        self.stored: list[Record] = []
        self._batch: list[Record] = []
        self._dies_at = dies_at

    def __call__(self, record: Record) -> None:
        """Take a record."""
        if len(self.stored) // BATCH == self._dies_at:
            raise Killed
        self._batch.append(record)
        if len(self._batch) == BATCH:
            self.stored += self._batch
            self._batch = []


@pytest.mark.parametrize("batch", range(0, ROWS // BATCH, 17))
def test_run_killed_at_any_batch_hands_on_what_was_not_acknowledged(batch: int) -> None:
    model, dataset = trained(), flowers(ROWS, seed=5)
    whole = Store()
    report = evaluation.test(model, dataset, whole)
    first, second = Store(dies_at=batch), Store()
    with pytest.raises(Killed):
        evaluation.test(model, dataset, first)
    again = evaluation.test(model, dataset, second, start=len(first.stored))
    assert first.stored + second.stored == whole.stored
    assert len(whole.stored) == ROWS
    assert replace(again, seconds=0) == replace(report, seconds=0)
