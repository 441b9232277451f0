"""Faults between dashboard and local cloud, and in the local cloud itself.

Every scenario ends with an audit from outside.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from app.services.runs import recovery
from app.services.runs.pipeline import OnProgress
from aws import function
from aws.clients import Cloud
from aws.retry_policy import RETRY_SECONDS
from aws.tables import typed
from iris_core.records.keys import key_of
from iris_core.records.run import Run, RunState
from tests.aws.test_local_cloud import emulator_pid
from tests.faults import proxy as faults
from tests.faults.cloud_workspace import CloudTestBed, WorkspaceOnCloud
from tests.faults.proxy import Fault, Proxy, Struck
from tests.faults.run_outcome import Outcome, Scenario, outcome_of

SHORT_RETRY_SECONDS = 6.0
"""For a cloud that will not come back."""


def _run_with_fault(
    bed: CloudTestBed, inject: Callable[[Run], tuple[int, Run]], *, lost: bool = False
) -> Outcome:
    """Inject a fault into a run while an earlier one has verdicts, then complete the run.

    A later run shows that the loop works again, and that everything late is delivered.

    Args:
        bed: the test bed.
        inject: takes the earlier run, and returns the number of faults and the run with them.
        lost: whether the earlier run has to be replayed too.
    """
    bed.empty_cloud()
    earlier = bed.reviewed_run()
    verdicts = bed.verdicts(earlier)
    injected, run = inject(earlier)
    assert run.id != earlier.id
    began = time.monotonic()
    for broken in (run, earlier) if lost else (run,):
        if broken.state != RunState.RECONCILED or lost:
            _, result = recovery.replay(bed.workspace, broken.id)
            assert result.complete, "a replayed run says that nothing is missing"
    seconds = 0.0 if run.state == RunState.RECONCILED else time.monotonic() - began
    later = bed.short_run()
    now = bed.verdicts(earlier)
    changed = sum(now.get(key) != before for key, before in verdicts.items())
    return outcome_of(injected, bed.audit(earlier, run, later), changed, seconds)


def on_the_wire(
    fault: Callable[[int, int], Struck], *, retry_seconds: float = RETRY_SECONDS
) -> Scenario:
    """Make the scenario of a fault between dashboard and cloud.

    Args:
        fault: makes the fault of a seed and of half the number of the run's batches.
        retry_seconds: how long the dashboard retries.
    """

    def scenario(bed: CloudTestBed, seed: int) -> Outcome:
        def inject(_earlier: Run) -> tuple[int, Run]:
            endpoint = bed.cloud.endpoint
            assert endpoint
            with Proxy(endpoint) as proxy:
                injected = proxy.fault = fault(seed, bed.dataset.rows // 50)
                workspace = bed.through(proxy.endpoint, retry_seconds=retry_seconds)
                run, problem = bed.attempt(workspace)
            assert (problem is None) is (run.state == RunState.RECONCILED), (
                "a run that cannot be completed says so"
            )
            return injected.times, run

        return _run_with_fault(bed, inject)

    return scenario


def transient(fault: Callable[[], Fault], share: float) -> Scenario:
    """Make the scenario of a fault in a share (0…1) of the requests."""
    return on_the_wire(lambda seed, _half: faults.at_rate(fault(), share, seed))


def permanent(fault: Callable[[], Fault]) -> Scenario:
    """Make the scenario of a fault in every request from the middle of the run on."""
    return on_the_wire(
        lambda _seed, half: faults.after(fault(), half), retry_seconds=SHORT_RETRY_SECONDS
    )


def _halfway(rows: int, do: Callable[[], object]) -> OnProgress:
    """Do something once, when half of the rows are predicted."""
    waiting = iter([do])

    def progress(line: str, done: int, _total: int) -> None:
        if line == "predicted" and 2 * done >= rows:
            next(waiting, lambda: None)()

    return progress


def writer_thread_dies(bed: CloudTestBed, seed: int) -> Outcome:
    """End a thread that writes in the middle of the run."""

    def inject(_earlier: Run) -> tuple[int, Run]:
        cloud = replace(bed.cloud)
        calls = iter(range(10**9))

        def die(**_call: Any) -> None:
            if next(calls) == bed.dataset.rows // 50:
                raise SystemExit

        cloud.dynamodb.meta.events.register("before-call.dynamodb.BatchWriteItem", die)
        run, problem = bed.attempt(WorkspaceOnCloud(bed.workspace.home, cloud))
        assert problem, "a run that cannot be completed says so"
        return 1, run

    return _run_with_fault(bed, inject)


def local_cloud_killed(bed: CloudTestBed, seed: int) -> Outcome:
    """Kill the local cloud in the middle of the run, with everything that it had not saved."""

    def inject(_earlier: Run) -> tuple[int, Run]:
        def kill() -> None:
            os.kill(emulator_pid(bed.workspace.home / "cloud"), signal.SIGKILL)

        progress = _halfway(bed.dataset.rows, kill)
        run, problem = bed.attempt(bed.workspace, on_progress=progress)
        assert problem, "a run that cannot be completed says so"
        return 1, run

    return _run_with_fault(bed, inject, lost=True)


def local_cloud_emptied(bed: CloudTestBed, seed: int) -> Outcome:
    """Destroy and deploy the stack in the middle of the run."""

    def inject(_earlier: Run) -> tuple[int, Run]:
        progress = _halfway(bed.dataset.rows, bed.empty_cloud)
        run, _ = bed.attempt(bed.workspace, on_progress=progress, timeout=1)
        assert run.state != RunState.RECONCILED, "a run that cannot be completed says so"
        return 1, run

    return _run_with_fault(bed, inject, lost=True)


def mapping_switched_off(bed: CloudTestBed, seed: int) -> Outcome:
    """Disable the stream's mapping, and enable it when the run has been replayed."""

    def inject(_earlier: Run) -> tuple[int, Run]:
        _enable_mapping(bed.cloud, on=False)
        run, _ = bed.attempt(bed.workspace, timeout=1)
        assert run.state != RunState.RECONCILED, "a run that cannot be completed says so"
        recovery.replay(bed.workspace, run.id)
        _enable_mapping(bed.cloud, on=True)
        return 1, run

    return _run_with_fault(bed, inject)


def _enable_mapping(cloud: Cloud, *, on: bool) -> None:
    mapping = function.mapping(cloud)
    assert mapping
    cloud.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def two_replays_at_once(bed: CloudTestBed, seed: int) -> Outcome:
    """Delete records and candidates, and let two dashboards replay the run at the same time."""

    def inject(_earlier: Run) -> tuple[int, Run]:
        run, problem = bed.attempt(bed.workspace)
        assert problem is None
        settings = bed.workspace.settings
        every_fifth = [key_of(run.id, row) for row in range(0, run.rows, 5)]
        for key in every_fifth:
            for table in (settings.score_table, settings.retrain_table):
                bed.cloud.dynamodb.delete_item(TableName=table, Key=typed(key._asdict()))
        before = function.threshold(bed.cloud)
        sessions = (
            bed.workspace,
            WorkspaceOnCloud(bed.workspace.home, replace(bed.cloud)),
        )
        with ThreadPoolExecutor(len(sessions)) as pool:
            replays = [pool.submit(recovery.replay, one, run.id) for one in sessions]
        assert all(replay.result()[1].complete for replay in replays)
        assert function.threshold(bed.cloud) == before
        return len(every_fifth), run

    return _run_with_fault(bed, inject)
