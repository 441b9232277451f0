"""The faults of the first table of `make faults`, by name: each is injected into a run."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults import proxy as faults
from tests.faults.cloud_scenarios import (
    local_cloud_emptied,
    local_cloud_killed,
    mapping_switched_off,
    on_the_wire,
    permanent,
    transient,
    two_replays_at_once,
    writer_thread_dies,
)
from tests.faults.run_outcome import Scenario
from tests.faults.stream_scenarios import (
    deliver_repeatedly,
    disable_mapping,
    expire_records,
    in_the_stream,
    poison_everywhere,
    redelivered_10000_times,
)

SCENARIOS: Mapping[str, Scenario] = {
    "30 % of requests throttled": transient(faults.throttle, 0.3),
    "30 % of items unprocessed": on_the_wire(
        lambda seed, _half: faults.at_rate(faults.leave_unprocessed(0.3, seed), 1)
    ),
    "20 % of requests answered 500": transient(faults.fail, 0.2),
    "20 % reset before the write": transient(lambda: faults.reset_before, 0.2),
    "20 % reset after the write": transient(lambda: faults.reset_after, 0.2),
    "20 % answered late": transient(lambda: faults.delay(0.1), 0.2),
    "items never processed": permanent(lambda: faults.leave_unprocessed(1)),
    "credentials expire half way": permanent(faults.expire),
    "endpoint stops answering": permanent(lambda: faults.hang),
    "endpoint resets everything": permanent(lambda: faults.reset_before),
    "writer thread dies": writer_thread_dies,
    "local cloud killed": local_cloud_killed,
    "local cloud emptied": local_cloud_emptied,
    "mapping switched off, then on": mapping_switched_off,
    "two replays at once": two_replays_at_once,
    "batches delivered 1 to 5 times": in_the_stream(deliver_repeatedly, deliveries=5),
    "retrain table 30 % throttled": in_the_stream(lambda loop: loop.throttle_copies(0.3)),
    "copies applied, not answered": in_the_stream(lambda loop: loop.cut_answers(0.3)),
    "handler stopped in the middle": in_the_stream(
        lambda loop: loop.stop_handler(1), batch_size=1_000, shards=1
    ),
    "poison first, middle and last": in_the_stream(poison_everywhere),
    "mapping late": in_the_stream(disable_mapping),
    "records too old": in_the_stream(expire_records),
    "10,000 redeliveries": redelivered_10000_times,
}
