"""A run in a cloud in memory, its stream and the real function, and faults between them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aws import retrain_table
from aws.reconciliation import reconcile, replay
from aws.score_table import ScoreWriter
from aws.tables import typed
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.record import Record
from tests.aws.samples import sample_record, sample_records, sample_run
from tests.faults.audit import Audit, audit
from tests.faults.conditions import cancelled, error
from tests.faults.memory import ITEM_LIMIT, MemoryCloud, undisturbed
from tests.faults.stream import StreamMapping, TimedOutError


class Loop:
    """A run of sample records.

    Args:
        rows: how many records.
        seed: of the random faults.
        mapping: further arguments of `StreamMapping`.

    Attributes:
        injected: how many faults were injected.
    """

    def __init__(self, rows: int, *, seed: int = 1, **mapping: Any) -> None:
        self.cloud: Any = MemoryCloud()
        self.run = sample_run(rows)
        self.injected = 0
        self.mapping = StreamMapping(
            self.cloud.stream, self.cloud.lambda_.handle, random.Random(seed), **mapping
        )
        self._chance = random.Random(seed)

    def write(self, records: Iterable[Record] | None = None) -> None:
        """Write the run's records, by default the sample ones."""
        with ScoreWriter(self.cloud, self.run.id, threshold=self.run.threshold) as writer:
            for record in records or sample_records(self.run.rows):
                writer(record)

    def correct_every_third(self) -> None:
        """Rewrite every third record: classified correctly, but of low confidence."""
        table = self.cloud.settings.score_table
        for record in sample_records(self.run.rows):
            if record.row % 3 == 0:
                changed = replace(record, class_string=record.actual_string, prob_string="0.5")
                item = changed.to_item(key_of(self.run.id, record.row))
                self.cloud.dynamodb.put_item(TableName=table, Item=typed(item))

    def review_all(self) -> dict[Key, Candidate]:
        """Give a verdict on every candidate, and return the candidates with it."""
        verdicts = itertools.cycle((("right", None), ("relabel", "setosa"), ("drop", None)))
        return {
            key: retrain_table.save_verdict(self.cloud, candidate, decision, label=label)  # type: ignore[arg-type]
            for (key, candidate), (decision, label) in zip(
                self.candidates().items(), verdicts, strict=False
            )
        }

    def candidates(self) -> dict[Key, Candidate]:
        """Return the run's candidates as a reviewer sees them."""
        return {each.key: each for each in retrain_table.candidates(self.cloud, self.run)}

    def replay(self) -> int:
        """Replay what reconciliation finds missing, and return how many records that are."""
        missing = reconcile(self.cloud, self.run.id, self.run.rows, self.run.threshold).missing
        return replay(self.cloud, missing, self.run.threshold)

    def audit(self) -> Audit:
        """Compare both tables with what was tested."""
        settings = self.cloud.settings
        return audit(
            self.cloud.items(settings.score_table),
            self.cloud.items(settings.retrain_table),
            [key_of(self.run.id, row) for row in range(self.run.rows)],
            self.run.threshold,
        )

    def throttle_copies(self, share: float) -> None:
        """Let the retrain table refuse a share (0…1) of the writes."""

        def interrupt(when: str, operation: str) -> None:
            if when == "before" and operation != "Query" and self._chance.random() < share:
                self.injected += 1
                # Inside a transaction it may also come as a reason for cancelling that.
                if operation == "TransactWriteItems" and self.injected % 2:
                    raise cancelled(["None", "ThrottlingError"])
                raise error("ThrottlingException")

        self.cloud.dynamodb.interrupt = interrupt

    def cut_answers(self, share: float) -> None:
        """Let a share (0…1) of the transactions fail after they were applied."""

        def interrupt(when: str, operation: str) -> None:
            if (when, operation) == ("after", "TransactWriteItems") and (
                self._chance.random() < share
            ):
                self.injected += 1
                raise error("InternalServerError")

        self.cloud.dynamodb.interrupt = interrupt

    def stop_handler(self, writes: int) -> None:
        """Stop every third invocation after so many calls of the table."""
        invocations = itertools.count()
        handler = self.mapping.handler

        def handler_with_stops(event: Mapping[str, Any]) -> None:
            calls = itertools.count()

            def interrupt(when: str, _operation: str) -> None:
                if when == "before" and next(calls) >= writes:
                    self.injected += 1
                    raise TimedOutError

            if next(invocations) % 3 == 0:
                self.cloud.dynamodb.interrupt = interrupt
            try:
                handler(event)
            finally:
                self.cloud.dynamodb.interrupt = undisturbed

        self.mapping.handler = handler_with_stops

    def heal(self) -> None:
        """End the faults of `throttle_copies`, `cut_answers` and `stop_handler`."""
        self.cloud.dynamodb.interrupt = undisturbed
        self.mapping.handler = self.cloud.lambda_.handle

    def poison(self, kind: str, index: int) -> None:
        """Insert a record into the stream that the function cannot process."""
        self.cloud.stream.insert(index, poisoned(kind))
        self.injected += 1


POISONS = ("unjudgeable", "no image", "too large to copy")


def poisoned(kind: str) -> dict[str, Any]:
    """Return a stream record of one of `POISONS`, in another run."""
    cloud: Any = MemoryCloud()
    item = {**sample_record(0).to_item(key_of(new_run_id(), 0)), "Features": ""}
    if kind == "unjudgeable":
        item |= {"Class": item["Actual"], "Probability": "nan"}
    if kind == "too large to copy":
        size = sum(len(name) + len(text) for name, text in item.items())
        item["Features"] = "x" * (ITEM_LIMIT - size)
    cloud.dynamodb.put_item(TableName=cloud.settings.score_table, Item=typed(item))
    (record,) = cloud.stream
    if kind == "no image":
        del record["dynamodb"]["NewImage"]
    return dict(record)
