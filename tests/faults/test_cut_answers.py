"""Answers of which a part is lost, at each operation: they are asked for again, not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from aws import failures, function, lab_steps, retrain_table, run_table, score_records, stack
from aws.clients import Cloud, connect_local
from aws.errors import UnreachableError
from aws.reconciliation import reconcile, wait_for_candidates
from aws.score_table import ScoreWriter, read_partition
from aws.settings import Settings
from aws.status import status
from aws.tables import count as count_items
from aws.tables import description
from iris_core.records.keys import partitions
from iris_core.records.run import Run
from tests.aws.samples import expected_of, sample_records, sample_run, write_run
from tests.faults import proxy as faults
from tests.faults.proxy import Forward, Proxy, Reply, Request

pytestmark = pytest.mark.cloud
ROWS = 200

CUTS = {
    "half": faults.cut(0.5),
    "half, without a checksum": faults.cut(0.5, checksum=False),
    "all but the last byte": faults.cut(1),
    "all but the last byte, without a checksum": faults.cut(1, checksum=False),
    "nothing": faults.cut(0),
    "nothing, without a checksum": faults.cut(0, checksum=False),
}


@pytest.fixture
def proxy(local_cloud: Cloud) -> Iterator[Proxy]:
    assert local_cloud.endpoint
    with Proxy(local_cloud.endpoint) as standing:
        yield standing


@pytest.fixture(scope="module")
def run(local_cloud: Cloud) -> Run:
    """A run that is stored, noted and copied."""
    run = write_run(local_cloud, ROWS)
    run_table.save(local_cloud, run)
    assert wait_for_candidates(local_cloud, expected_of(run).by_partition, timeout=60)
    return run


def first_partition(run: Run) -> str:
    return next(iter(partitions(run.id, run.rows)))


READS: dict[str, Callable[[Cloud, Run], object]] = {
    "GetItem": lambda cloud, run: (
        run_table.load(cloud, run.id),
        score_records.load(cloud, run, 7),
    ),
    "Query": lambda cloud, run: list(read_partition(cloud, first_partition(run))),
    "Query that counts": lambda cloud, run: count_items(
        cloud, cloud.settings.retrain_table, first_partition(run), unless=("Reason", "withdrawn")
    ),
    "BatchGetItem": lambda cloud, run: retrain_table.load_many(
        cloud, [entry.key for entry in retrain_table.page(cloud, run, limit=9).candidates]
    ),
    "DescribeTable": lambda cloud, _run: description(cloud, cloud.settings.runs_table)["KeySchema"],
    "Scan": lambda cloud, _run: [step.done for step in lab_steps.lab_steps(cloud)],
    "ListTables": lambda cloud, _run: stack.deploy(cloud),
    "": lambda cloud, _run: (status(cloud), function.log_lines(cloud), failures.peek(cloud)),
}
"""What is read, by the operation; without a name those of the other services with JSON."""


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("operation", READS)
def test_answer_that_was_cut_is_asked_for_again(
    proxy: Proxy, local_cloud: Cloud, run: Run, operation: str, how: str
) -> None:
    whole = READS[operation](local_cloud, run)
    cloud = connect_local(Settings(), proxy.endpoint)
    requests = count()

    def every_other(request: Request, forward: Forward) -> Reply:
        named = operation.partition(" ")[0]
        is_json = request.operation == named and "cloudformation" not in str(request.body)
        is_other = not named and b"Action=" not in request.body
        strikes = (is_json if named else is_other) and next(requests) % 2 == 0
        return (CUTS[how] if strikes else faults.healthy)(request, forward)

    proxy.fault = every_other
    assert READS[operation](cloud, run) == whole


@pytest.mark.parametrize("how", CUTS)
def test_run_whose_answers_are_cut_is_complete(proxy: Proxy, local_cloud: Cloud, how: str) -> None:
    # GIVEN a cloud of whose answers every third is cut, to whatever operation
    cloud = connect_local(Settings(), proxy.endpoint)
    proxy.fault = fault = faults.at_rate(CUTS[how], 0.3, seed=3)
    run = sample_run(ROWS)
    # WHEN a run is written, noted, reviewed and reconciled
    run_table.save(cloud, run)
    with ScoreWriter(cloud, run.id) as writer:
        for record in sample_records(ROWS):
            writer(record)
    assert writer.written == ROWS
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    candidate = next(retrain_table.candidates(cloud, run))
    reviewed = retrain_table.save_verdict(cloud, candidate, "relabel", label="setosa")
    # THEN all of it is there, and as one would see it without the cuts
    assert fault.times > 3
    assert reconcile(cloud, run.id, ROWS, "0.9").complete
    assert run_table.load(local_cloud, run.id) == run
    assert retrain_table.load(local_cloud, candidate.key) == reviewed


@pytest.mark.parametrize("how", ["half", "nothing, without a checksum"])
def test_cloud_whose_answers_are_always_cut_is_said_not_to_answer(
    proxy: Proxy, run: Run, how: str
) -> None:
    cloud = replace(connect_local(Settings(), proxy.endpoint), retry_seconds=4)
    proxy.fault = CUTS[how]
    for read in (
        lambda: run_table.load(cloud, run.id),
        lambda: list(read_partition(cloud, first_partition(run))),
        lambda: description(cloud, cloud.settings.runs_table),
    ):
        with pytest.raises(UnreachableError, match="come cut off"):
            read()


def test_error_that_was_cut_is_asked_for_again(proxy: Proxy, run: Run) -> None:
    cloud = connect_local(Settings(), proxy.endpoint)
    refuse = faults.refuse("ProvisionedThroughputExceededException")
    cut = faults.cut(0.5)

    def refuse_in_part(request: Request, forward: Forward) -> Reply:
        return cut(request, lambda refused: refuse(refused, forward))

    proxy.fault = faults.once(refuse_in_part, "GetItem")
    assert run_table.load(cloud, run.id) == run


def test_answer_that_was_cut_within_a_character_is_asked_for_again(
    proxy: Proxy, local_cloud: Cloud
) -> None:
    key = {"partition_key": {"S": "characters"}, "sort_key": {"S": sample_run(1).id}}
    table = local_cloud.settings.score_table
    local_cloud.dynamodb.put_item(TableName=table, Item={**key, "Features": {"S": "ü" * 99}})

    def within(request: Request, forward: Forward) -> Reply:
        body = '{"Item": {"Features": {"S": "ü'.encode()[:-1]
        return replace(forward(request), body=body, headers=faults.JSON)

    proxy.fault = faults.once(within, "GetItem")
    cloud = connect_local(Settings(), proxy.endpoint)
    answer = cloud.dynamodb.get_item(TableName=table, Key=key)
    assert answer["Item"]["Features"] == {"S": "ü" * 99}
