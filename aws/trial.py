"""A small run with known outcomes, on a cloud that is made for it: what `verification` checks with.

What the function is to make of each record is written down here, not computed by its rule.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aws import prices, tables
from aws.clients import Cloud
from aws.inventory import pause
from iris_core.records.attributes import Item
from iris_core.records.keys import key_of, new_run_id
from iris_core.records.reason import Reason
from iris_core.records.record import Record
from iris_core.records.run import Run

THRESHOLD: Final = "0.9"
"""The threshold that the records carry."""
_CASES: Final = (
    ("setosa", "setosa", "0.99", ""),
    ("setosa", "setosa", "0.9", ""),  # equal to the threshold is not below it
    ("setosa", "setosa", "0.8999", Reason.UNSURE),
    ("versicolor", "virginica", "0.97", Reason.WRONG),
    ("versicolor", "setosa", "0.4", Reason.WRONG_AND_UNSURE),
    ("virginica", "", "0.97", ""),  # nobody knows its label
    ("virginica", "", "0.5", Reason.UNSURE),
    ("virginica", "virginica", "1", ""),
)
"""Predicted class, true label, probability, and the reason that the function is to give."""
ROWS: Final = 5 * len(_CASES)
_PASSES: Final = 4
"""How often each record counts in the price: written, delivered again, replayed, reconciled."""
_METRICS: Final = 9 * 3
"""The counts in the function's log: of the function, and of each of its two thresholds."""
_HOURS: Final = 2
"""Hours in which metrics are written at most: it takes some minutes, which may be of two."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A run with known outcomes on a cloud.

    Attributes:
        cloud: with a stack of this trial's own.
        patience: seconds for which the cloud is waited for.
        run: whose records are written.
    """

    cloud: Cloud
    patience: float
    run: Run = field(
        default_factory=lambda: Run(
            id=new_run_id(),
            model="verification",
            dataset="verification",
            dataset_name="verification",
            rows=ROWS,
            threshold=THRESHOLD,
        )
    )

    @property
    def partition(self) -> str:
        """Return the partition of all its records."""
        return key_of(self.run.id, 0).partition_key

    def copies(self) -> list[Item]:
        """Return what the retrain table holds of the run."""
        return list(tables.query(self.cloud, self.cloud.settings.retrain_table, self.partition))

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, or patience is at its end."""
        deadline = time.monotonic() + self.patience
        while not is_so() and time.monotonic() < deadline:
            time.sleep(min(self.patience, pause(self.cloud)))


def known_records() -> list[Record]:
    """Return the records of the run, in test order."""
    return [
        Record(
            row,
            str({"species": actual or None, "petal_length": 1.0 + row}),
            predicted,
            actual,
            probability,
            f"{row:016x}",
        )
        for row, (predicted, actual, probability, _) in enumerate(_CASES * (ROWS // len(_CASES)))
    ]


def known_reasons() -> dict[int, str]:
    """Return the rows that are to become candidates, with their reasons."""
    reasons = (case[-1] for case in _CASES * (ROWS // len(_CASES)))
    return {row: str(reason) for row, reason in enumerate(reasons) if reason}


def estimated_dollars() -> float:
    """Return what a verification costs on AWS at most, by list prices; each step counts in full.

    It makes neither alarms nor a dashboard, whatever the settings say.
    """
    run = new_run_id()
    items = [record.to_item(key_of(run, record.row)) for record in known_records()]
    usage = prices.usage_of(items, candidates=len(known_reasons()) / ROWS)
    records = _PASSES * ROWS * prices.total(prices.charges(usage))
    return records + _METRICS * _HOURS * prices.METRIC_HOUR
