"""Faults between the dashboard and the cloud: acknowledged records are stored, and once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from aws import retrain_table, run_table
from aws.clients import Cloud, connect_local
from aws.errors import CredentialsError, ServiceError, UnreachableError, WriteError
from aws.reconciliation import wait_for_candidates
from aws.retry_policy import RETRY_SECONDS
from aws.score_table import ScoreWriter, read_partition
from aws.settings import Settings
from iris_core.records.keys import partitions
from tests.aws.samples import expected_of, sample_records, sample_run, write_run
from tests.faults import proxy as faults
from tests.faults.proxy import Forward, Proxy, Reply, Request, Struck

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


@dataclass(frozen=True)
class FailedWrite:
    """A write that ended with an error, and what became of each row that the writer accepted."""

    accepted: set[int]
    acknowledged: int
    error: WriteError

    @property
    def refused(self) -> set[int]:
        return {key.row for key in self.error.refused}

    @property
    def unknown(self) -> set[int]:
        return {key.row for key in self.error.unknown}


def failed_write(
    cloud: Cloud, run: str, *, match: str, retry_seconds: float = RETRY_SECONDS
) -> FailedWrite:
    accepted = set()
    writer = ScoreWriter(cloud, run, retry_seconds=retry_seconds)

    def write_all() -> None:
        with writer:
            for record in sample_records(ROWS):
                writer(record)
                accepted.add(record.row)

    with pytest.raises(WriteError, match=match) as caught:
        write_all()
    return FailedWrite(accepted, writer.written, caught.value)


def assert_promises_are_kept(failed: FailedWrite, stored: list[int]) -> None:
    """Each row is acknowledged and stored, refused and not stored, or unknown and either."""
    assert failed.refused.isdisjoint(failed.unknown)
    assert failed.refused | failed.unknown <= failed.accepted
    acknowledged = failed.accepted - failed.refused - failed.unknown
    assert len(acknowledged) == failed.acknowledged
    assert acknowledged <= set(stored)
    assert failed.refused.isdisjoint(stored)
    assert set(stored) <= acknowledged | failed.unknown
    assert len(stored) == len(set(stored))


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
        for item in read_partition(cloud, name, "sort_key")
    ]


PASSING: dict[str, Callable[[], Struck]] = {
    "throttled": lambda: faults.at_rate(faults.throttle(), 0.3),
    "unprocessed": lambda: faults.at_rate(faults.leave_unprocessed(0.3), 1),
    "server error": lambda: faults.at_rate(faults.fail(), 0.2),
    "reset before": lambda: faults.at_rate(faults.reset_before, 0.2),
    "reset after": lambda: faults.at_rate(faults.reset_after, 0.2),
    "garbled": lambda: faults.at_rate(faults.garble, 0.2),
    "cut": lambda: faults.at_rate(faults.cut(0.5), 0.2),
    "cut, and without a checksum": lambda: faults.at_rate(faults.cut(0.9, checksum=False), 0.2),
    "empty": lambda: faults.at_rate(faults.cut(0, checksum=False), 0.2),
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


def test_items_that_are_never_processed_are_named_when_their_time_is_up(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.leave_unprocessed(1), 10)
    failed = failed_write(through(proxy), run, match="took no more for 1 s", retry_seconds=1)
    assert failed.refused
    assert_promises_are_kept(failed, stored_rows(local_cloud, run))


def test_expired_credentials_are_named_with_the_remedy(proxy: Proxy, local_cloud: Cloud) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.expire(), BATCHES // 2)
    failed = failed_write(through(proxy), run, match="Get fresh ones")
    sent = proxy.calls["BatchWriteItem"]
    assert sent <= BATCHES // 2 + Settings().threads, "waiting does not renew credentials"
    assert isinstance(failed.error.__cause__, CredentialsError)
    stored = stored_rows(local_cloud, run)
    assert len(stored) <= 25 * (BATCHES // 2)
    assert_promises_are_kept(failed, stored)


def test_dead_endpoint_is_given_up_in_time_and_each_record_is_stored_refused_or_unknown(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    run = sample_run(ROWS).id
    proxy.fault = faults.after(faults.hang, 10)
    began = time.monotonic()
    failed = failed_write(through(proxy, retry_seconds=4), run, match="does not answer")
    assert time.monotonic() - began < 7, "the retry time once, not once a batch"
    assert isinstance(failed.error.__cause__, UnreachableError)
    assert failed.unknown
    assert_promises_are_kept(failed, stored_rows(local_cloud, run))


def test_write_that_was_applied_but_not_answered_is_unknown_and_harmless_to_send_again(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    # GIVEN a cloud that from some request on applies each write, and never answers
    run = sample_run(ROWS).id
    applied = threading.Event()

    def apply_without_answer(request: Request, forward: Forward) -> Reply:
        assert forward(request).status == 200
        applied.set()
        return faults.hang(request, forward)

    proxy.fault = faults.after(apply_without_answer, 10)
    # WHEN a run is written
    failed = failed_write(through(proxy, retry_seconds=2), run, match="sending unknown records")
    # THEN records that are stored are named, as unknown ones
    assert applied.wait(60)
    stored = stored_rows(local_cloud, run)
    assert failed.unknown.intersection(stored)
    assert_promises_are_kept(failed, stored)
    # AND sending all of them again leaves each stored once
    assert write(local_cloud, run).written == ROWS
    assert stored_rows(local_cloud, run) == list(range(ROWS))


@pytest.mark.parametrize("first", ["reset after", "server error", "garbled"])
def test_request_that_is_refused_after_an_unanswered_try_is_unknown(
    proxy: Proxy, local_cloud: Cloud, first: str
) -> None:
    unanswered = {
        "reset after": faults.reset_after,
        "server error": faults.fail(),
        "garbled": faults.garble,
    }[first]
    run = sample_run(ROWS).id
    tries = iter([unanswered])
    cloud = through(proxy)
    cloud = replace(cloud, settings=Settings(threads=1))

    def fault(request: Request, forward: Forward) -> Reply:
        return next(tries, faults.expire())(request, forward)

    proxy.fault = fault
    failed = failed_write(cloud, run, match="Get fresh ones")
    assert failed.unknown == set(range(25))
    assert failed.refused == failed.accepted - failed.unknown
    assert_promises_are_kept(failed, stored_rows(local_cloud, run))


def test_records_that_were_never_sent_are_refused() -> None:
    nobody = connect_local(Settings(), f"http://{faults.LOOPBACK}:9")
    failed = failed_write(
        replace(nobody, retry_seconds=1), sample_run(ROWS).id, match="does not answer"
    )
    assert failed.refused == failed.accepted
    assert not failed.unknown


def test_refused_connections_are_given_up_sooner() -> None:
    nobody = connect_local(Settings(), f"http://{faults.LOOPBACK}:9")
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        run_table.load(nobody, sample_run(1).id)
    assert time.monotonic() - began < RETRY_SECONDS / 2


@pytest.mark.parametrize("body", [None, b"[]", b'"ok"', b"\xff", b""])
def test_answers_of_another_program_count_as_no_connection(
    proxy: Proxy, body: bytes | None
) -> None:
    other = Reply(200, body or b"", {"Content-Type": "application/json"})
    proxy.fault = faults.garble if body is None else lambda *_: other
    with pytest.raises(UnreachableError, match="Check the connection"):
        run_table.load(through(proxy), sample_run(1).id)


@pytest.mark.parametrize("client", ["dynamodb", "lambda_", "cloudformation", "logs", "sqs"])
def test_default_time_limits_add_up_to_at_most_a_minute(client: str) -> None:
    cloud = connect_local(Settings(), f"http://{faults.LOOPBACK}:9")
    config = getattr(cloud, client).meta.config
    assert RETRY_SECONDS <= 60
    assert config.connect_timeout + config.read_timeout <= RETRY_SECONDS
    assert config.retries["total_max_attempts"] == 1, "the policy alone decides"


def test_verdict_during_a_transaction_of_the_function_is_given_all_the_same(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    run = write_run(local_cloud, 1)
    assert wait_for_candidates(local_cloud, expected_of(run).by_partition, timeout=60)
    candidate = next(retrain_table.candidates(local_cloud, run))
    conflict = proxy.fault = faults.once(
        faults.refuse("TransactionConflictException"), "UpdateItem"
    )
    reviewed = retrain_table.save_verdict(through(proxy), candidate, "right")
    assert conflict.times == 1
    assert retrain_table.load(local_cloud, candidate.key) == reviewed


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
    dying: Any = DyingCloud(local_cloud)
    failed = failed_write(dying, run, match="the thread dies")
    assert isinstance(failed.error.__cause__, ServiceError)
    assert len(failed.accepted) >= 25 * 5
    assert failed.unknown, "nobody knows what the thread had done"
    assert_promises_are_kept(failed, stored_rows(local_cloud, run))
