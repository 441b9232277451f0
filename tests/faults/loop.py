"""A run in a cloud in memory, its stream and the true function, and the faults between them."""

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
from tests.faults.memory import ITEM_LIMIT, MemoryCloud, error, undisturbed
from tests.faults.stream import StreamMapping, TimedOutError


class Loop:
    """A run of `rows` sample records; `injected` counts the faults that struck.

    Other keywords are those of `StreamMapping`.
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
        """Write the run's records, the sample ones unless others are given."""
        with ScoreWriter(self.cloud, self.run.id, threshold=self.run.threshold) as writer:
            for record in records or sample_records(self.run.rows):
                writer(record)

    def correct_every_third(self) -> None:
        """Write every third record anew: right now, but unsure."""
        table = self.cloud.settings.score_table
        for record in sample_records(self.run.rows):
            if record.row % 3 == 0:
                changed = replace(record, class_string=record.actual_string, prob_string="0.5")
                item = changed.to_item(key_of(self.run.id, record.row))
                self.cloud.dynamodb.put_item(TableName=table, Item=typed(item))

    def decide_all(self) -> dict[Key, Candidate]:
        """Give a verdict on every candidate; returns them as they are then."""
        verdicts = itertools.cycle((("right", None), ("relabel", "setosa"), ("drop", None)))
        return {
            found.key: retrain_table.save_verdict(self.cloud, found, decision, label=label)  # type: ignore[arg-type]
            for found, (decision, label) in zip(self.candidates().values(), verdicts, strict=False)
        }

    def candidates(self) -> dict[Key, Candidate]:
        """The run's candidates as a reviewer sees them."""
        return {found.key: found for found in retrain_table.candidates(self.cloud, self.run)}

    def replay(self) -> int:
        """Replay what reconciliation finds missing; returns how many records that are."""
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
        """Let every third invocation be stopped after so many calls of the table."""
        invocations = itertools.count()
        handler = self.mapping.handler

        def stopped_sometimes(event: Mapping[str, Any]) -> None:
            done = itertools.count()

            def interrupt(when: str, _operation: str) -> None:
                if when == "before" and next(done) >= writes:
                    self.injected += 1
                    raise TimedOutError

            if next(invocations) % 3 == 0:
                self.cloud.dynamodb.interrupt = interrupt
            try:
                handler(event)
            finally:
                self.cloud.dynamodb.interrupt = undisturbed

        self.mapping.handler = stopped_sometimes

    def heal(self) -> None:
        """End what `throttle_copies`, `cut_answers` and `stop_handler` began."""
        self.cloud.dynamodb.interrupt = undisturbed
        self.mapping.handler = self.cloud.lambda_.handle

    def poison(self, how: str, at: int) -> None:
        """Put a record into the stream that the function can do nothing with."""
        self.cloud.stream.insert(at, poisoned(how))
        self.injected += 1


POISONS = ("unjudgeable", "no image", "too large to copy")


def poisoned(how: str) -> dict[str, Any]:
    """The stream's record of one of `POISONS`, of a run of its own."""
    cloud: Any = MemoryCloud()
    item = {**sample_record(0).to_item(key_of(new_run_id(), 0)), "Features": ""}
    if how == "unjudgeable":
        item |= {"Class": item["Actual"], "Probability": "nan"}
    if how == "too large to copy":
        size = sum(len(name) + len(text) for name, text in item.items())
        item["Features"] = "x" * (ITEM_LIMIT - size)
    cloud.dynamodb.put_item(TableName=cloud.settings.score_table, Item=typed(item))
    (record,) = cloud.stream
    if how == "no image":
        del record["dynamodb"]["NewImage"]
    return dict(record)
