"""Faults between the two tables, on a cloud in memory with the real function.

Every scenario ends with an audit from outside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from iris_core.records.keys import Key
from tests.faults.cloud_workspace import CloudTestBed
from tests.faults.loop import POISONS, Loop
from tests.faults.run_outcome import Outcome, Scenario, outcome_of


def in_the_stream(inject: Callable[[Loop], object], **mapping: Any) -> Scenario:
    """Make the scenario of a fault between the tables: deliver, replay, review, deliver again.

    Args:
        inject: injects the fault into a run whose records are written and not yet delivered.
        mapping: arguments of `StreamMapping`.
    """

    def scenario(bed: CloudTestBed, seed: int) -> Outcome:
        loop = Loop(bed.dataset.rows, seed=seed, **mapping)
        loop.write()
        inject(loop)
        loop.mapping.deliver()
        loop.heal()
        began = time.monotonic()
        replayed = loop.replay()
        seconds = time.monotonic() - began if replayed else 0.0
        reviewed = loop.review_all()
        loop.mapping.enabled = True
        loop.mapping.deliver()
        loop.mapping.deliver_again(20)
        now = loop.candidates()
        changed = sum(now.get(key) != before for key, before in reviewed.items())
        return outcome_of(loop.injected, loop.audit(), changed, seconds)

    return scenario


def poison_everywhere(loop: Loop) -> None:
    """Insert records that the function cannot process at the start, middle and end."""
    for index in (0, loop.run.rows // 2, loop.run.rows):
        for kind in POISONS:
            loop.poison(kind, index)


def disable_mapping(loop: Loop) -> None:
    """Disable the mapping until the run has been replayed."""
    loop.mapping.enabled = False
    loop.injected += 1


def expire_records(loop: Loop) -> None:
    """Let all records of the stream exceed the mapping's maximum age."""
    loop.mapping.now = 2 * loop.mapping.maximum_age
    loop.injected += len(loop.cloud.stream)


def deliver_repeatedly(loop: Loop) -> None:
    """Deliver each batch as often as the mapping does, and count the repetitions."""
    loop.mapping.deliver()
    loop.injected += loop.mapping.invocations - len(loop.mapping.delivered)


def redelivered_10000_times(bed: CloudTestBed, seed: int) -> Outcome:
    """Deliver candidates again and again when each has a verdict."""
    loop = Loop(min(bed.dataset.rows, 1_000), seed=seed, batch_size=1)
    loop.write()
    loop.mapping.deliver()
    reviewed = loop.review_all()
    loop.mapping.delivered = [
        batch for batch in loop.mapping.delivered if _key_of_record(batch[0]) in reviewed
    ]
    before = loop.mapping.invocations
    loop.mapping.deliver_again(10_000)
    now = loop.candidates()
    changed = sum(now.get(key) != candidate for key, candidate in reviewed.items())
    return outcome_of(loop.mapping.invocations - before, loop.audit(), changed, 0.0)


def _key_of_record(record: dict[str, Any]) -> Key:
    """Return the key of the item that a stream record is about."""
    keys = record["dynamodb"]["Keys"]
    return Key(keys["partition_key"]["S"], keys["sort_key"]["S"])
