"""The stub accepts and counts whatever boto3 writes, and answers after its latency."""

from __future__ import annotations

import time
from typing import Any

import pytest

from aws.clients import Cloud, connect_local
from aws.score_table import ScoreWriter
from aws.settings import Settings
from bench.stub_dynamodb import stub_counts, stub_dynamodb
from lambda_src.index import Image, update_of
from tests.aws.samples import sample_records, sample_run


def test_items_of_every_kind_of_request_are_counted() -> None:
    with stub_dynamodb(0) as url:
        cloud = connect_local(Settings(), url)
        with ScoreWriter(cloud, sample_run(60).id) as writer:
            for record in sample_records(60):
                writer(record)
        assert (writer.written, stub_counts(url).items) == (60, 60)
        key = {"partition_key": {"S": "p"}, "sort_key": {"S": "s"}}
        cloud.dynamodb.put_item(TableName="any", Item=key)
        cloud.dynamodb.update_item(TableName="any", Key=key)
        assert stub_counts(url).items == 62
        image = Image(("p", "s"), {"Class": "setosa"}, "wrong", "0.9", "1")
        update: Any = update_of(image, "any")
        cloud.dynamodb.transact_write_items(TransactItems=[{"Update": update}] * 3)
        assert stub_counts(url).items == 65


@pytest.mark.parametrize("latency", [0.0, 0.1])
def test_answer_comes_after_the_latency(latency: float) -> None:
    with stub_dynamodb(latency) as url:
        cloud: Cloud = connect_local(Settings(), url)
        cloud.dynamodb.describe_table(TableName="any")
        began = time.perf_counter()
        table = cloud.dynamodb.describe_table(TableName="any")["Table"]
        assert time.perf_counter() - began >= latency
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["partition_key", "sort_key"]
