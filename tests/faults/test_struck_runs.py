"""Faults that strike whole runs: how long they are waited for, and what a run costs to resume."""

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

from app.services import recovery
from app.services.pipeline import run_test
from app.services.workspace import Workspace
from aws import function, retrain_table, run_table
from aws.errors import CredentialsError, WriteError, is_unreachable
from aws.settings import Settings
from aws.stack import stack_state
from aws.tables import typed
from iris_core.records import keys
from iris_core.records.run import RunState
from tests.faults import proxy as faults
from tests.faults.cloud_workspace import CloudTrial, GivenCloud, cloud_trial
from tests.faults.proxy import Forward, Proxy, Reply, Request

pytestmark = pytest.mark.cloud
ROWS = 1_200
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudTrial]:
    with cloud_trial(tmp_path_factory.mktemp("home"), ROWS) as opened:
        yield opened


@pytest.fixture
def proxy(made: CloudTrial) -> Iterator[Proxy]:
    made.empty_cloud()
    assert made.cloud.endpoint
    with Proxy(made.cloud.endpoint) as standing:
        yield standing


def test_run_on_a_cloud_that_falls_silent_ends_in_the_time_of_one_patience(
    made: CloudTrial, proxy: Proxy
) -> None:
    proxy.fault = silent = faults.after(faults.hang, 10)
    run, problem = made.attempt(made.through(proxy.endpoint, retry_seconds=6))
    assert time.monotonic() - silent.first < 11, "not one patience after the other"
    assert isinstance(problem, WriteError)
    assert is_unreachable(problem)
    assert run.state == RunState.FAILED
    assert "can be replayed" in run.note


def test_resumed_run_writes_what_is_not_stored_and_nothing_else(
    made: CloudTrial, proxy: Proxy
) -> None:
    proxy.fault = faults.after(faults.expire(), 20)
    run, problem = made.attempt(made.through(proxy.endpoint))
    assert isinstance(problem, WriteError)
    lacking = made.audit(run).lost
    assert len(lacking) == ROWS - 20 * 25

    written: list[tuple[str, str]] = []

    def watch(request: Request, forward: Forward) -> Reply:
        if request.operation == "BatchWriteItem":
            ((_, puts),) = json.loads(request.body)["RequestItems"].items()
            items = [put["PutRequest"]["Item"] for put in puts]
            written.extend((i["partition_key"]["S"], i["sort_key"]["S"]) for i in items)
        return forward(request)

    proxy.fault = watch
    resumed, result = recovery.replay(made.through(proxy.endpoint), run.id)
    assert result.complete
    assert resumed.state == RunState.RECONCILED
    assert sorted(written) == sorted(lacking)
    assert made.audit(run).clean


def test_fault_while_a_run_is_resumed_is_survived_too(made: CloudTrial, proxy: Proxy) -> None:
    proxy.fault = faults.after(faults.reset_before, 10)
    run, problem = made.attempt(made.through(proxy.endpoint))
    for batches in (5, 10):
        assert problem
        proxy.fault = faults.after(faults.expire(), batches)
        with pytest.raises(WriteError) as caught:
            recovery.replay(made.through(proxy.endpoint), run.id)
        problem = caught.value
    proxy.fault = faults.healthy
    assert recovery.replay(made.through(proxy.endpoint), run.id)[1].complete
    assert made.audit(run).clean


@pytest.mark.parametrize("step", [0, -60], ids=["frozen", "backward"])
def test_runs_of_a_clock_that_does_not_go_on_do_not_mix(
    made: CloudTrial, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    start = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    times = (start + timedelta(seconds=number * step) for number in range(10))
    monkeypatch.setattr(keys, "datetime", SimpleNamespace(now=lambda _zone: next(times)))
    for _ in range(2):
        made.attempt(made.through(proxy.endpoint))
    runs = list(run_table.runs(made.cloud))
    assert len({run.id for run in runs}) == 2
    assert {run.state for run in runs} == {RunState.RECONCILED}
    assert made.audit(*runs).clean


def test_two_runs_at_once_with_two_thresholds_are_each_judged_by_their_own(
    made: CloudTrial, proxy: Proxy
) -> None:
    sessions = [GivenCloud(made.workspace.home, made.cloud) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        tests = [
            pool.submit(run_test, session, made.model, made.dataset, threshold=threshold)
            for session, threshold in zip(sessions, ("0.6", "0.95"), strict=True)
        ]
    assert all(tested.result().reconciliation.complete for tested in tests)


def test_two_processes_replay_one_run_at_once(made: CloudTrial, proxy: Proxy) -> None:
    run, _ = made.attempt(made.workspace)
    found = list(retrain_table.candidates(made.cloud, run))
    lost = found[::3]
    for candidate in lost:
        made.cloud.dynamodb.delete_item(
            TableName=made.cloud.settings.retrain_table, Key=typed(candidate.key._asdict())
        )
    threshold = function.threshold(made.cloud)
    command = [sys.executable, "cli.py", "replay", "--run", run.id, "--json"]
    replays = [
        subprocess.Popen(
            [*command, "--home", str(made.workspace.home)],
            cwd=PROJECT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [json.loads(replay.communicate(timeout=120)[0])["replay"] for replay in replays]
    assert [answer[0]["state"] for answer in answers] == ["reconciled"] * 2
    assert list(retrain_table.candidates(made.cloud, run)) == found
    assert function.threshold(made.cloud) == threshold
    assert made.audit(run).clean


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
