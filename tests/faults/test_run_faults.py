"""Faults in whole runs: when a run gives up, and what a resumed run writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from app.services.runs import recovery
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import function, retrain_table, run_table
from aws.errors import CredentialsError, WriteError, is_unreachable
from aws.settings import Settings
from aws.stack import stack_state
from aws.tables import typed
from iris_core.records import keys
from iris_core.records.run import RunState
from tests.faults import proxy as faults
from tests.faults.cloud_workspace import CloudTestBed, WorkspaceOnCloud, cloud_test_bed
from tests.faults.proxy import Forward, Proxy, Reply, Request

pytestmark = pytest.mark.cloud
ROWS = 1_200
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudTestBed]:
    with cloud_test_bed(tmp_path_factory.mktemp("home"), ROWS) as opened:
        yield opened


@pytest.fixture
def proxy(bed: CloudTestBed) -> Iterator[Proxy]:
    bed.empty_cloud()
    assert bed.cloud.endpoint
    with Proxy(bed.cloud.endpoint) as running:
        yield running


def test_run_on_a_cloud_that_stops_answering_ends_within_one_retry_time(
    bed: CloudTestBed, proxy: Proxy
) -> None:
    proxy.fault = hanging = faults.after(faults.hang, 10)
    run, problem = bed.attempt(bed.through(proxy.endpoint, retry_seconds=6))
    assert time.monotonic() - hanging.first < 11, "not one retry time after the other"
    assert isinstance(problem, WriteError)
    assert is_unreachable(problem)
    assert run.state == RunState.FAILED
    assert "can be replayed" in run.note


def test_resumed_run_writes_what_is_not_stored_and_nothing_else(
    bed: CloudTestBed, proxy: Proxy
) -> None:
    proxy.fault = faults.after(faults.expire(), 20)
    run, problem = bed.attempt(bed.through(proxy.endpoint))
    assert isinstance(problem, WriteError)
    missing = bed.audit(run).lost
    assert len(missing) >= ROWS - 20 * 25
    assert missing >= set(problem.refused)

    written: list[tuple[str, str]] = []

    def watch(request: Request, forward: Forward) -> Reply:
        if request.operation == "BatchWriteItem":
            ((_, puts),) = json.loads(request.body)["RequestItems"].items()
            items = [put["PutRequest"]["Item"] for put in puts]
            written.extend((i["partition_key"]["S"], i["sort_key"]["S"]) for i in items)
        return forward(request)

    proxy.fault = watch
    resumed, result = recovery.replay(bed.through(proxy.endpoint), run.id)
    assert result.complete
    assert resumed.state == RunState.RECONCILED
    assert len(written) == len(set(written))
    # A record that was sent and not answered may have been stored after it was found missing.
    assert missing - set(problem.unknown) <= set(written) <= missing
    assert bed.audit(run).clean


def test_run_survives_faults_while_it_is_resumed(bed: CloudTestBed, proxy: Proxy) -> None:
    proxy.fault = faults.after(faults.reset_before, 10)
    run, problem = bed.attempt(bed.through(proxy.endpoint))
    for batches in (5, 10):
        assert problem
        proxy.fault = faults.after(faults.expire(), batches)
        with pytest.raises(WriteError) as caught:
            recovery.replay(bed.through(proxy.endpoint), run.id)
        problem = caught.value
    proxy.fault = faults.healthy
    assert recovery.replay(bed.through(proxy.endpoint), run.id)[1].complete
    assert bed.audit(run).clean


@pytest.mark.parametrize("step", [0, -60], ids=["frozen", "backward"])
def test_runs_under_a_clock_that_does_not_advance_do_not_mix(
    bed: CloudTestBed, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    start = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    times = (start + timedelta(seconds=number * step) for number in range(10))
    monkeypatch.setattr(keys, "datetime", SimpleNamespace(now=lambda _zone: next(times)))
    for _ in range(2):
        bed.attempt(bed.through(proxy.endpoint))
    runs = list(run_table.runs(bed.cloud))
    assert len({run.id for run in runs}) == 2
    assert {run.state for run in runs} == {RunState.RECONCILED}
    assert bed.audit(*runs).clean


def test_concurrent_runs_with_two_thresholds_are_each_filtered_by_their_own(
    bed: CloudTestBed, proxy: Proxy
) -> None:
    sessions = [WorkspaceOnCloud(bed.workspace.home, bed.cloud) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        tests = [
            pool.submit(run_test, session, bed.model, bed.dataset, threshold=threshold)
            for session, threshold in zip(sessions, ("0.6", "0.95"), strict=True)
        ]
    assert all(tested.result().reconciliation.complete for tested in tests)


def test_two_processes_replay_one_run_at_once(bed: CloudTestBed, proxy: Proxy) -> None:
    run, _ = bed.attempt(bed.workspace)
    candidates = list(retrain_table.candidates(bed.cloud, run))
    lost = candidates[::3]
    for candidate in lost:
        bed.cloud.dynamodb.delete_item(
            TableName=bed.cloud.settings.retrain_table, Key=typed(candidate.key._asdict())
        )
    threshold = function.threshold(bed.cloud)
    command = [sys.executable, "cli.py", "replay", "--run", run.id, "--json"]
    replays = [
        subprocess.Popen(
            [*command, "--home", str(bed.workspace.home)],
            cwd=PROJECT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [json.loads(replay.communicate(timeout=120)[0])["replay"] for replay in replays]
    assert [answer[0]["state"] for answer in answers] == ["reconciled"] * 2
    assert list(retrain_table.candidates(bed.cloud, run)) == candidates
    assert function.threshold(bed.cloud) == threshold
    assert bed.audit(run).clean


def expired(**_call: object) -> tuple[SimpleNamespace, dict[str, Any]]:
    """AWS's answer to a session token that is too old."""
    return SimpleNamespace(status_code=400), {
        "Error": {"Code": "ExpiredTokenException"},
        "ResponseMetadata": {"RequestId": "r"},
    }


def test_renewed_credentials_are_used_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mock_aws():
        workspace = Workspace(tmp_path, Settings(target="aws"))
        before = workspace.cloud()
        assert workspace.cloud() is before
        answers: Any = expired
        before.dynamodb.meta.events.register("before-call", answers)
        with pytest.raises(CredentialsError, match="Get fresh ones"):
            run_table.load(before, keys.new_run_id())

        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renewed")
        renewed = workspace.cloud()
        credentials = renewed.session.get_credentials()
        assert credentials
        assert credentials.access_key == "renewed"
        assert stack_state(renewed) is None
