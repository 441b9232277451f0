"""A test run: one test of one model on one data set, its state and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from iris_core.records.interval import Interval, wilson_interval
from iris_core.records.keys import started_at
from iris_core.records.run_metrics import RunMetrics


class RunState(StrEnum):
    """How far a run is; its words are stored."""

    RUNNING = "running"
    WRITTEN = "written"
    """Every record is in the score table; the Lambda may still be at work."""
    RECONCILED = "reconciled"
    """Every record and every candidate is accounted for."""
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One test of one model on one data set.

    Attributes:
        id: begins with the run's start, see `keys`.
        model: the model's id.
        dataset: the data set's id.
        dataset_name: what people call it.
        rows: how many records the run is to have.
        threshold: the one that its records carry, 0 to 1, as text.
        state: how far it is.
        tested: records that the model has predicted so far.
        stored: records in the score table, as far as that is known.
        expected: candidates that the retrain rule asks for, as far as that is known.
        found: candidates in the retrain table, as far as that is known.
        accuracy: share of the tested records that is correct, 0 to 1.
        loss: mean cross-entropy in nats.
        seconds: how long it took.
        metrics: what it measured.
        note: why it failed, for people.
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

    @property
    def started(self) -> datetime:
        """When the run started, UTC."""
        return started_at(self.id)

    @property
    def accuracy_interval(self) -> Interval | None:
        """The 95% interval of the accuracy (Wilson's); None before it is known."""
        if self.accuracy is None or not self.tested:
            return None
        return wilson_interval(round(self.accuracy * self.tested), self.tested)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON takes them."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {**plain, "state": str(self.state), "metrics": self.metrics.to_dict()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Run:
        """Return the run that `to_dict` wrote; unknown fields, of a newer version, are passed over.

        Raises:
            ValueError: the state is none of ours.
            TypeError: a field is lacking.
        """
        known = {entry.name for entry in fields(cls)}
        given = {name: value for name, value in stored.items() if name in known}
        if "state" in given:
            given["state"] = RunState(given["state"])
        if "metrics" in given:
            given["metrics"] = RunMetrics.from_dict(given["metrics"])
        return cls(**given)
