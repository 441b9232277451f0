"""A test run: one test of one model on one data set, with its state and its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.keys import started_at
from iris_core.records.run_metrics import RunMetrics


class RunState(StrEnum):
    """The state of a run; the values are stored."""

    RUNNING = "running"
    WRITTEN = "written"
    """Every record is in the score table; the Lambda may still be at work."""
    RECONCILED = "reconciled"
    """Every record and every candidate is accounted for."""
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


_TESTED = (RunState.WRITTEN, RunState.RECONCILED, RunState.INCOMPLETE)
"""The states of a run of which every record was tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One test of one model on one data set.

    Attributes:
        id: begins with the run's start, see `keys`.
        model: the model's id.
        dataset: the data set's id.
        dataset_name: name of the data set, for people.
        rows: number of records that the run will have.
        threshold: of the retrain rule, 0 to 1, as text; every record of the run has it.
        state: of the run.
        tested: number of records that the model has predicted.
        stored: number of records in the score table, as of the last check.
        expected: number of candidates by the retrain rule, as of the last check.
        found: number of candidates in the retrain table, as of the last check.
        accuracy: share of the tested records that are predicted correctly, 0 to 1; None before it
            is known, and of rows without labels.
        loss: mean cross-entropy in nats; None before it is known.
        seconds: its duration; None before it is known.
        metrics: all others, empty before they are known.
        note: why it failed, for people.
        project: id of the project of its model; empty for a run of an earlier version.
        record_days: days from its start for which the score table keeps its records; 0 for ever.
    """

    id: str
    model: str
    dataset: str
    dataset_name: str
    rows: int
    threshold: str
    state: RunState = RunState.RUNNING
    tested: int = 0
    stored: int = 0
    expected: int = 0
    found: int = 0
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    metrics: RunMetrics = field(default_factory=RunMetrics)
    note: str = ""
    project: str = ""
    record_days: int = 0

    @property
    def records_expire_at(self) -> datetime | None:
        """The time from which the score table may delete its records, UTC; None for never."""
        return self.started + timedelta(days=self.record_days) if self.record_days else None

    def records_expired(self, now: datetime | None = None) -> bool:
        """Return whether the time for which its records are kept is over.

        DynamoDB deletes them in the days that follow, so some may still be there.

        Args:
            now: the time that is asked about; the current one by default.
        """
        expiry = self.records_expire_at
        return expiry is not None and (now or datetime.now(UTC)) >= expiry

    @property
    def started(self) -> datetime:
        """The start of the run, UTC."""
        return started_at(self.id)

    @property
    def ended_early(self) -> bool:
        """Whether it failed or was cancelled: it says nothing of the model."""
        return self.state in (RunState.FAILED, RunState.CANCELLED)

    @property
    def is_unlabelled(self) -> bool:
        """Whether it was tested to its end on rows whose classes nobody knows."""
        return self.accuracy is None and self.tested > 0 and self.state in _TESTED

    @property
    def accuracy_interval(self) -> Interval | None:
        """Wilson's 95% interval of the accuracy; None before the accuracy is known."""
        if self.accuracy is None or not self.tested:
            return None
        return wilson_interval(round(self.accuracy * self.tested), self.tested)

    @property
    def unseen_rows(self) -> int | None:
        """Number of tested records that the model was not trained on; None if not known."""
        return None if self.metrics.seen is None else self.tested - self.metrics.seen

    @property
    def unseen_accuracy(self) -> float | None:
        """The accuracy of those records, 0 to 1; None if it is not known, or there are none."""
        correct, rows = self.metrics.unseen_correct, self.unseen_rows
        return correct / rows if correct is not None and rows else None

    @property
    def unseen_interval(self) -> Interval | None:
        """Wilson's 95% interval of that accuracy; None without one."""
        correct, rows = self.metrics.unseen_correct, self.unseen_rows
        return wilson_interval(correct, rows) if correct is not None and rows else None

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain values, fit for JSON."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {**plain, "state": str(self.state), "metrics": self.metrics.to_dict()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Run:
        """Return the run that `to_dict` wrote, in this version or another.

        Fields that this version does not have are ignored.

        Raises:
            ValueError: the state is not one of `RunState`.
            TypeError: a field without a default is missing.
        """
        names = {entry.name for entry in fields(cls)}
        values = {name: value for name, value in stored.items() if name in names}
        if "state" in values:
            values["state"] = RunState(values["state"])
        if "metrics" in values:
            values["metrics"] = RunMetrics.from_dict(values["metrics"])
        return cls(**values)
