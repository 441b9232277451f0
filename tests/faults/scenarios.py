"""The faults that the table tells of: each strikes a run, and nothing is lost by it.

Between dashboard and local cloud, in the local cloud itself, and between the two tables. Every
scenario ends with an audit from outside.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from app.services import recovery
from app.services.pipeline import OnProgress
from aws import function
from aws.clients import Cloud
from aws.retry_policy import RETRY_SECONDS
from aws.tables import typed
from iris_core.records.keys import Key, key_of
from iris_core.records.run import Run, RunState
from tests.aws.test_local_cloud import emulator_pid
from tests.faults import proxy as faults
from tests.faults.audit import Audit
from tests.faults.cloud_workspace import CloudTrial, GivenCloud
from tests.faults.loop import POISONS, Loop
from tests.faults.proxy import Fault, Proxy, Struck

SHORT = 6.0
"""Patience, in seconds, with a cloud that will not come back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fault did to a run: `lost`, `doubled` and `verdicts_changed` should be 0.

    `seconds`: from the fault's end until every record is accounted for, 0 when the run itself
    got there.
    """

    injected: int
    lost: int
    doubled: int
    verdicts_changed: int
    seconds: float
    found: str = ""
    """What is lost or doubled, in words."""


Scenario = Callable[[CloudTrial, int], Outcome]
"""Strikes a run of the workspace; the number seeds the chance."""


def _outcome(injected: int, found: Audit, changed: int, seconds: float) -> Outcome:
    lost = len(found.lost) + len(found.uncopied)
    doubled = len(found.doubled) + len(found.uncalled)
    return Outcome(injected, lost, doubled, changed, seconds, str(found))


def _struck(
    trial: CloudTrial, strike: Callable[[Run], tuple[int, Run]], *, lost: bool = False
) -> Outcome:
    """Let a fault strike a run while an earlier one has verdicts, then bring the run to its end.

    A later run tells that the loop works again, and that all is delivered that was late.

    `lost`: the earlier run has to be brought back too.
    """
    trial.empty_cloud()
    earlier = trial.reviewed_run()
    decided = trial.verdicts(earlier)
    injected, run = strike(earlier)
    assert run.id != earlier.id
    began = time.monotonic()
    for broken in (run, earlier) if lost else (run,):
        if broken.state != RunState.RECONCILED or lost:
            _, result = recovery.replay(trial.workspace, broken.id)
            assert result.complete, "a run that was replayed says that nothing is missing"
    seconds = 0.0 if run.state == RunState.RECONCILED else time.monotonic() - began
    later = trial.short_run()
    now = trial.verdicts(earlier)
    changed = sum(now.get(key) != was for key, was in decided.items())
    return _outcome(injected, trial.audit(earlier, run, later), changed, seconds)


def _on_the_wire(
    fault: Callable[[int, int], Struck], *, retry_seconds: float = RETRY_SECONDS
) -> Scenario:
    """A fault between dashboard and cloud, made of a seed and of half the run's batches."""

    def scenario(trial: CloudTrial, seed: int) -> Outcome:
        def strike(_earlier: Run) -> tuple[int, Run]:
            endpoint = trial.cloud.endpoint
            assert endpoint
            with Proxy(endpoint) as proxy:
                strikes = proxy.fault = fault(seed, trial.dataset.rows // 50)
                workspace = trial.through(proxy.endpoint, retry_seconds=retry_seconds)
                run, problem = trial.attempt(workspace)
            assert (problem is None) is (run.state == RunState.RECONCILED), (
                "a run that cannot end says so"
            )
            return strikes.times, run

        return _struck(trial, strike)

    return scenario


def _passing(fault: Callable[[], Fault], share: float) -> Scenario:
    return _on_the_wire(lambda seed, _half: faults.at_rate(fault(), share, seed))


def _staying(fault: Callable[[], Fault]) -> Scenario:
    return _on_the_wire(lambda _seed, half: faults.after(fault(), half), retry_seconds=SHORT)


def _halfway(rows: int, do: Callable[[], object]) -> OnProgress:
    """Does something once, when half of the rows are predicted."""
    waiting = iter([do])

    def progress(line: str, done: int, _total: int) -> None:
        if line == "predicted" and 2 * done >= rows:
            next(waiting, lambda: None)()

    return progress


def writer_thread_dies(trial: CloudTrial, seed: int) -> Outcome:
    """A thread that writes ends in the middle."""

    def strike(_earlier: Run) -> tuple[int, Run]:
        cloud = replace(trial.cloud)
        calls = iter(range(10**9))

        def die(**_call: Any) -> None:
            if next(calls) == trial.dataset.rows // 50:
                raise SystemExit

        cloud.dynamodb.meta.events.register("before-call.dynamodb.BatchWriteItem", die)
        run, problem = trial.attempt(GivenCloud(trial.workspace.home, cloud))
        assert problem, "a run that cannot end says so"
        return 1, run

    return _struck(trial, strike)


def local_cloud_killed(trial: CloudTrial, seed: int) -> Outcome:
    """The local cloud is killed in the middle, with all that it had not saved."""

    def strike(_earlier: Run) -> tuple[int, Run]:
        def kill() -> None:
            os.kill(emulator_pid(trial.workspace.home / "cloud"), signal.SIGKILL)

        progress = _halfway(trial.dataset.rows, kill)
        run, problem = trial.attempt(trial.workspace, on_progress=progress)
        assert problem, "a run that cannot end says so"
        return 1, run

    return _struck(trial, strike, lost=True)


def local_cloud_emptied(trial: CloudTrial, seed: int) -> Outcome:
    """Somebody deletes the stack in the middle, and makes it again."""

    def strike(_earlier: Run) -> tuple[int, Run]:
        progress = _halfway(trial.dataset.rows, trial.empty_cloud)
        run, _ = trial.attempt(trial.workspace, on_progress=progress, timeout=1)
        assert run.state != RunState.RECONCILED, "a run that cannot end says so"
        return 1, run

    return _struck(trial, strike, lost=True)


def mapping_switched_off(trial: CloudTrial, seed: int) -> Outcome:
    """The stream's mapping is disabled, and enabled when the run was replayed."""

    def strike(_earlier: Run) -> tuple[int, Run]:
        _switch(trial.cloud, on=False)
        run, _ = trial.attempt(trial.workspace, timeout=1)
        assert run.state != RunState.RECONCILED, "a run that cannot end says so"
        recovery.replay(trial.workspace, run.id)
        _switch(trial.cloud, on=True)
        return 1, run

    return _struck(trial, strike)


def _switch(cloud: Cloud, *, on: bool) -> None:
    found = function.mapping(cloud)
    assert found
    cloud.lambda_.update_event_source_mapping(UUID=found["UUID"], Enabled=on)


def two_replays_at_once(trial: CloudTrial, seed: int) -> Outcome:
    """Records and candidates vanish, and two dashboards replay the run at the same time."""

    def strike(_earlier: Run) -> tuple[int, Run]:
        run, problem = trial.attempt(trial.workspace)
        assert problem is None
        settings = trial.workspace.settings
        every_fifth = [key_of(run.id, row) for row in range(0, run.rows, 5)]
        for key in every_fifth:
            for table in (settings.score_table, settings.retrain_table):
                trial.cloud.dynamodb.delete_item(TableName=table, Key=typed(key._asdict()))
        before = function.threshold(trial.cloud)
        sessions = (
            trial.workspace,
            GivenCloud(trial.workspace.home, replace(trial.cloud)),
        )
        with ThreadPoolExecutor(len(sessions)) as pool:
            replays = [pool.submit(recovery.replay, one, run.id) for one in sessions]
        assert all(replay.result()[1].complete for replay in replays)
        assert function.threshold(trial.cloud) == before
        return len(every_fifth), run

    return _struck(trial, strike)


def _in_the_stream(strike: Callable[[Loop], object], **mapping: Any) -> Scenario:
    """A fault between the tables: delivered, decided on, delivered again, and what lacks replayed.

    Other keywords are those of `StreamMapping`.
    """

    def scenario(trial: CloudTrial, seed: int) -> Outcome:
        loop = Loop(trial.dataset.rows, seed=seed, **mapping)
        loop.write()
        strike(loop)
        loop.mapping.deliver()
        loop.heal()
        began = time.monotonic()
        lacking = loop.replay()
        seconds = time.monotonic() - began if lacking else 0.0
        decided = loop.decide_all()
        loop.mapping.enabled = True
        loop.mapping.deliver()
        loop.mapping.deliver_again(20)
        now = loop.candidates()
        changed = sum(now.get(key) != was for key, was in decided.items())
        return _outcome(loop.injected, loop.audit(), changed, seconds)

    return scenario


def _poison_everywhere(loop: Loop) -> None:
    for place in (0, loop.run.rows // 2, loop.run.rows):
        for how in POISONS:
            loop.poison(how, place)


def _switch_off(loop: Loop) -> None:
    loop.mapping.enabled = False
    loop.injected += 1


def _grow_too_old(loop: Loop) -> None:
    loop.mapping.now = 2 * loop.mapping.maximum_age
    loop.injected += len(loop.cloud.stream)


def _repeat(loop: Loop) -> None:
    loop.mapping.deliver()
    loop.injected += loop.mapping.invocations - len(loop.mapping.delivered)


def redelivered_10000_times(trial: CloudTrial, seed: int) -> Outcome:
    """Each candidate has a verdict, and the stream delivers it again and again."""
    loop = Loop(min(trial.dataset.rows, 1_000), seed=seed, batch_size=1)
    loop.write()
    loop.mapping.deliver()
    decided = loop.decide_all()
    loop.mapping.delivered = [
        batch for batch in loop.mapping.delivered if _key_of_record(batch[0]) in decided
    ]
    before = loop.mapping.invocations
    loop.mapping.deliver_again(10_000)
    now = loop.candidates()
    changed = sum(now.get(key) != was for key, was in decided.items())
    return _outcome(loop.mapping.invocations - before, loop.audit(), changed, 0.0)


def _key_of_record(record: dict[str, Any]) -> Key:
    """The key of the item that a record of the stream is about."""
    keys = record["dynamodb"]["Keys"]
    return Key(keys["partition_key"]["S"], keys["sort_key"]["S"])


SCENARIOS: Mapping[str, Scenario] = {
    "30 % of requests throttled": _passing(faults.throttle, 0.3),
    "30 % of items handed back": _on_the_wire(
        lambda seed, _half: faults.at_rate(faults.leave_unprocessed(0.3, seed), 1)
    ),
    "20 % of requests answered 500": _passing(faults.fail, 0.2),
    "20 % reset before the write": _passing(lambda: faults.reset_before, 0.2),
    "20 % reset after the write": _passing(lambda: faults.reset_after, 0.2),
    "20 % answered late": _passing(lambda: faults.delay(0.1), 0.2),
    "items never processed": _staying(lambda: faults.leave_unprocessed(1)),
    "credentials expire half way": _staying(faults.expire),
    "endpoint falls silent": _staying(lambda: faults.hang),
    "endpoint resets everything": _staying(lambda: faults.reset_before),
    "writer thread dies": writer_thread_dies,
    "local cloud killed": local_cloud_killed,
    "local cloud emptied": local_cloud_emptied,
    "mapping switched off, then on": mapping_switched_off,
    "two replays at once": two_replays_at_once,
    "batches delivered 1 to 5 times": _in_the_stream(_repeat, deliveries=5),
    "retrain table 30 % throttled": _in_the_stream(lambda loop: loop.throttle_copies(0.3)),
    "copies applied, not answered": _in_the_stream(lambda loop: loop.cut_answers(0.3)),
    "handler stopped in the middle": _in_the_stream(
        lambda loop: loop.stop_handler(1), batch_size=1_000, shards=1
    ),
    "poison first, middle and last": _in_the_stream(_poison_everywhere),
    "mapping late": _in_the_stream(_switch_off),
    "records grown too old": _in_the_stream(_grow_too_old),
    "10,000 redeliveries": redelivered_10000_times,
}
