"""Least privilege of the function: its role allows what it and Lambda do, no more and no less."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_src import index
from tests.lambda_src.events import stream_event, stream_record
from tests.security.api_calls import (
    Recorder,
    calls_of_the_function,
)
from tests.security.policies import many, template

OF_THE_SERVICE = {
    ("dynamodb:DescribeStream", "ScoreTableName/stream/*"),
    ("dynamodb:GetRecords", "ScoreTableName/stream/*"),
    ("dynamodb:GetShardIterator", "ScoreTableName/stream/*"),
    ("dynamodb:ListStreams", "*"),
    ("sqs:SendMessage", "FunctionName-failures"),
    ("logs:CreateLogStream", "the log"),
    ("logs:PutLogEvents", "the log"),
}
"""What Lambda itself does in the role's name: read the stream, report failures, write the log."""


def test_function_may_do_exactly_what_it_and_lambda_do(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN what the function does with a batch of candidates, one of which it knows already
    recorder = Recorder()
    monkeypatch.setenv("RETRAIN_TABLE", "RetrainTableName")
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    with mock_aws():
        boto3.setup_default_session()
        boto3.client("dynamodb").create_table(
            TableName="RetrainTableName",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in index.KEYS
            ],
            KeySchema=[
                {"AttributeName": "partition_key", "KeyType": "HASH"},
                {"AttributeName": "sort_key", "KeyType": "RANGE"},
            ],
        )
        assert boto3.DEFAULT_SESSION
        recorder.on(boto3.DEFAULT_SESSION)
        index.dynamodb_client.cache_clear()
        index.lambda_handler(stream_event(stream_record(1)))
        index.lambda_handler(stream_event(stream_record(1), stream_record(2)))
    index.dynamodb_client.cache_clear()
    own = {(action, resource.rpartition("/")[2]) for action, resource in recorder.needed}
    assert recorder.calls == calls_of_the_function()
    # THEN its role allows that, what Lambda needs, and nothing else
    role = template()["Resources"]["FunctionRole"]["Properties"]
    assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}
    (policy,) = role["Policies"]
    listed = policy["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in listed} == {"Allow"}
    allowed = [
        (str(action), resource_of(statement["Resource"]))
        for statement in listed
        for action in many(statement["Action"])
    ]
    assert sorted(allowed) == sorted([*own, *OF_THE_SERVICE])
    # AND nobody but Lambda has it
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


HERE = "${AWS::Region}:${AWS::AccountId}"


def resource_of(named: Any) -> str:
    """What a statement of the template is about: a name, by the parameter that it begins with."""
    if isinstance(named, str):
        return named
    (text,) = named.values()
    name = str(text).partition(HERE)[2].rpartition(":table/")[2].removeprefix(":")
    if name == "log-group:/aws/lambda/${FunctionName}:*":
        return "the log"
    return re.sub(r"\$\{(\w+)\}", r"\1", name)
