"""The records of a test run, collected."""

from __future__ import annotations

from iris_core.data.datasets import DataSet
from iris_core.evaluation.testing import test
from iris_core.model.models import Model
from iris_core.records.record import Record


def records_of(model: Model, dataset: DataSet) -> list[Record]:
    """Return the records that a test run passes to its sink, in order."""
    records: list[Record] = []
    test(model, dataset, records.append)
    return records
