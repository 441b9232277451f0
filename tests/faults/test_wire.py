"""Faults between the dashboard and the cloud: what is acknowledged is there, and once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from aws import run_table
from aws.clients import Cloud, connect_local
from aws.errors import CredentialsError, ServiceError, UnreachableError, WriteError
from aws.retry_policy import RETRY_SECONDS
from aws.score_table import ScoreWriter, read_block
from aws.settings import Settings
from iris_core.records.keys import partitions
from tests.aws.samples import sample_records, sample_run
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy, Struck

pytestmark = pytest.mark.cloud
ROWS = 1_000
BATCHES = ROWS // 25


@pytest.fixture
def proxy(local_cloud: Cloud) -> Iterator[Proxy]:
    assert local_cloud.endpoint
    with Proxy(local_cloud.endpoint) as standing:
        yield standing


def through(proxy: Proxy, *, retry_seconds: float = RETRY_SECONDS) -> Cloud:
    """The local cloud, seen through the proxy."""
    return replace(connect_local(Settings(), proxy.endpoint), retry_seconds=retry_seconds)


def write(
    cloud: Cloud, run: str, rows: int = ROWS, *, retry_seconds: float = RETRY_SECONDS
) -> ScoreWriter:
    with ScoreWriter(cloud, run, retry_seconds=retry_seconds) as writer:
        for record in sample_records(rows):
            writer(record)
    return writer


def stored_rows(cloud: Cloud, run: str) -> list[int]:
    return [
        int(item["sort_key"])
        for name in partitions(run, ROWS)
        for item in read_block(cloud, name, "sort_key")
    ]


PASSING: dict[str, Callable[[], Struck]] = {
    "throttled": lambda: faults.at_rate(faults.throttle(), 0.3),
    "unprocessed": lambda: faults.at_rate(faults.leave_unprocessed(0.3), 1),
    "server error": lambda: faults.at_rate(faults.fail(), 0.2),
    "reset before": lambda: faults.at_rate(faults.reset_before, 0.2),
    "reset after": lambda: faults.at_rate(faults.reset_after, 0.2),
    "garbled": lambda: faults.at_rate(faults.garble, 0.2),
    "late": lambda: faults.at_rate(faults.delay(0.1), 0.2),
}


@pytest.mark.parametrize("name", PASSING)
def test_fault_that_passes_costs_time_and_nothing_else(
    proxy: Proxy, local_cloud: Cloud, name: str
) -> None:
    run = sample_run(ROWS).id
    fault = proxy.fault = PASSING[name]()
    assert write(through(proxy), run).written == ROWS
    assert fault.times
    assert stored_rows(local_cloud, run) == list(range(ROWS))


def test_of_requests_at_30_percent_throttling_few_are_sent_twice(proxy: Proxy) -> None:
    proxy.fault = faults.at_rate(faults.throttle(), 0.3, seed=7)
    write(through(proxy), sample_run(ROWS).id, 2 * ROWS)
    assert proxy.calls["BatchWriteItem"] <= 1.6 * 2 * BATCHES


def test_reading_and_saving_outlast_30_percent_throttling(proxy: Proxy) -> None:
    proxy.fault = faults.at_rate(faults.throttle(), 0.3)
    cloud = through(proxy)
    for _ in range(20):
        run = sample_run(ROWS)
        run_table.save(cloud, run)
        assert run_table.load(cloud, run.id) == run


def test_items_that_are_never_processed_are_named_when_patience_ends(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.leave_unprocessed(1), 10)
    with pytest.raises(WriteError, match="took no more for 1 s") as caught:
        write(through(proxy), run, retry_seconds=1)
    stored = stored_rows(local_cloud, run)
    accepted = {key.row for key in caught.value.unwritten} | set(stored)
    assert len(caught.value.unwritten) + len(stored) == len(accepted)
    gaps = sorted(set(range(max(accepted) + 1)) - accepted)
    assert not gaps, "each accepted row is stored or named"


def test_expired_credentials_are_named_with_the_remedy(proxy: Proxy, local_cloud: Cloud) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.expire(), BATCHES // 2)
    with pytest.raises(WriteError, match="Get fresh ones") as caught:
        write(through(proxy), run)
    sent = proxy.calls["BatchWriteItem"]
    assert sent <= BATCHES // 2 + Settings().threads, "waiting does not renew credentials"
    assert isinstance(caught.value.__cause__, CredentialsError)
    assert len(stored_rows(local_cloud, run)) == 25 * (BATCHES // 2)


def test_endpoint_that_falls_silent_is_given_up_in_the_time_of_one_patience(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.hang, 10)
    began = time.monotonic()
    with pytest.raises(WriteError, match="does not answer") as caught:
        write(through(proxy, retry_seconds=4), run)
    assert time.monotonic() - began < 7, "one patience, not one after the other"
    assert isinstance(caught.value.__cause__, UnreachableError)
    stored = stored_rows(local_cloud, run)
    assert {key.row for key in caught.value.unwritten}.isdisjoint(stored)


def test_refused_connections_are_given_up_sooner() -> None:
    nobody = connect_local(Settings(), f"http://{faults.LOOPBACK}:9")
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        run_table.load(nobody, sample_run(1).id)
    assert time.monotonic() - began < RETRY_SECONDS / 2


def test_answers_of_somebody_else_are_told_as_no_connection(proxy: Proxy) -> None:
    proxy.fault = faults.garble
    with pytest.raises(UnreachableError, match="Check the connection"):
        run_table.load(through(proxy), sample_run(1).id)


@pytest.mark.parametrize("client", ["dynamodb", "lambda_", "cloudformation", "logs", "sqs"])
def test_default_time_limits_add_up_to_at_most_a_minute(client: str) -> None:
    cloud = connect_local(Settings(), f"http://{faults.LOOPBACK}:9")
    config = getattr(cloud, client).meta.config
    assert RETRY_SECONDS <= 60
    assert config.connect_timeout + config.read_timeout <= RETRY_SECONDS
    assert config.retries["total_max_attempts"] == 1, "patience alone decides about another try"


class DyingCloud:
    """A cloud whose client ends the thread that calls it, once."""

    def __init__(self, cloud: Cloud) -> None:
        self.settings = cloud.settings
        self.dynamodb = self
        self._cloud = cloud
        self._calls = 0

    def batch_write_item(self, **request: object) -> object:
        self._calls += 1
        if self._calls == 5:
            raise SystemExit("the thread dies")
        return self._cloud.dynamodb.batch_write_item(**request)  # type: ignore[arg-type]


def test_writer_thread_that_dies_takes_no_record_with_it_unnoticed(local_cloud: Cloud) -> None:
    run = sample_run(ROWS).id
    with pytest.raises(WriteError, match="the thread dies") as caught:
        write(DyingCloud(local_cloud), run)  # type: ignore[arg-type]
    assert isinstance(caught.value.__cause__, ServiceError)
    stored = stored_rows(local_cloud, run)
    assert {key.row for key in caught.value.unwritten}.isdisjoint(stored)
    assert len(caught.value.unwritten) + len(stored) >= 25 * 5
