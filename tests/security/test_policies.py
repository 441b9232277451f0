"""Least privilege: what the policies allow is what the code does, no more and no less.

The dashboard's and the deployer's own calls are recorded on the local cloud. What CloudFormation
does in the deployer's name is what AWS says of each resource type (the handlers' permissions in its
schemas, which cfn-lint brings), less the features that the template does not use.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import cfnlint
import pytest
from cfnlint.decode import cfn_yaml
from moto import mock_aws

from aws import (
    candidate_counts,
    failures,
    function,
    lab_steps,
    retrain_table,
    run_table,
    score_records,
)
from aws.clients import Cloud, connect_local
from aws.errors import AccessError
from aws.local_cloud import LocalCloud
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.settings import Settings
from aws.stack import deploy, destroy
from aws.status import status
from aws.tables import typed
from lambda_src import index
from tests.aws.samples import tally_of, write_run
from tests.lambda_src.events import stream_event, stream_record

PROJECT = Path(__file__).parents[2]
READY_MADE = "arn:aws:iam::123456789012:role/LabRole"
Grant = tuple[str, str]
"""An action, and the resource that it is allowed on."""
Statement = Mapping[str, Any]


def statements(name: str) -> list[Statement]:
    text = (PROJECT / "aws" / "policies" / f"{name}.json").read_text("utf-8")
    found: list[Statement] = json.loads(text)["Statement"]
    assert {statement["Effect"] for statement in found} == {"Allow"}
    return found


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def grants(allowed: list[Statement]) -> set[Grant]:
    """What statements allow; a log's ARN is the same with and without its streams."""
    return {
        (action, resource.removesuffix(":*"))
        for statement in allowed
        for action in many(statement["Action"])
        for resource in many(statement["Resource"])
    }


ACTIONS = {
    "DeleteMessageBatch": "sqs:DeleteMessage",
    "Invoke": "lambda:InvokeFunction",
    "TransactWriteItems": "dynamodb:UpdateItem",
}
"""The calls that an action of another name allows."""
ANYWHERE = ("ListEventSourceMappings", "ListTables")
"""The calls for which IAM knows no resource."""
ARN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "cloudformation": lambda params: f"cloudformation:*:*:stack/{params['StackName']}/*",
    "dynamodb": lambda params: f"dynamodb:*:*:table/{params['TableName']}",
    "lambda": lambda params: f"lambda:*:*:function:{params['FunctionName']}",
    "logs": lambda params: f"logs:*:*:log-group:{params['logGroupName']}",
    "sqs": lambda params: (
        "sqs:*:*:" + (params.get("QueueName") or params["QueueUrl"].rpartition("/")[2])
    ),
}


class Recorder:
    """Notes the calls of a cloud's clients, and what each of them has to be allowed."""

    def __init__(self) -> None:
        self.calls: set[str] = set()
        self.needed: set[Grant] = set()

    def on(self, session: boto3.Session) -> None:
        session.events.register("provide-client-params", self._note)

    def _note(self, params: Mapping[str, Any], model: Any, **_told: object) -> None:
        service, name = model.service_model.service_name, model.name
        self.calls.add(f"{service}:{name}")
        action = ACTIONS.get(name, f"{service}:{name}")
        if name in ANYWHERE:
            self.needed.add((action, "*"))
            return
        named = params.get("RequestItems") or [
            update["Update"]["TableName"] for update in params.get("TransactItems", ())
        ]
        tables: list[Mapping[str, Any]] = [{"TableName": table} for table in named]
        for asked in tables or [params]:
            self.needed.add((action, f"arn:aws:{ARN[service](asked)}"))


def listened_to(cloud: Cloud) -> tuple[Cloud, Recorder]:
    """The same local cloud with clients that are listened to."""
    assert cloud.endpoint
    heard, recorder = connect_local(cloud.settings, cloud.endpoint), Recorder()
    recorder.on(heard.session)
    return heard, recorder


def work_as_the_dashboard(cloud: Cloud, somebody_else: Cloud) -> None:
    """All that the dashboard does but to deploy; `somebody_else` loses a copy, and fails."""
    assert all(part.well for part in status(cloud))
    function.set_threshold(cloud, "0.8")
    function.set_threshold(cloud, "0.9")
    run = write_run(cloud, 30)
    run_table.save(cloud, run)
    assert run in (run_table.load(cloud, run.id), *run_table.runs(cloud))
    assert wait_for_candidates(cloud, tally_of(run).expected, timeout=60)
    lost, kept = list(retrain_table.candidates(cloud, run))[:2]
    somebody_else.dynamodb.delete_item(
        TableName=cloud.settings.retrain_table, Key=typed(lost.key._asdict())
    )
    replay(cloud, reconcile(cloud, run.id, run.rows, run.threshold).missing, run.threshold)
    assert reconcile(cloud, run.id, run.rows, run.threshold).complete
    retrain_table.decide(cloud, kept, "drop")
    assert retrain_table.load(cloud, lost.key)
    assert candidate_counts.tally(cloud, run).judged == 1
    assert score_records.load(cloud, run, 0)
    assert len(list(score_records.stored(cloud, run))) == run.rows
    assert all(step.done for step in lab_steps.lab_steps(cloud))
    assert function.log_lines(cloud)
    name = f"{cloud.settings.function}-failures"
    url = somebody_else.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    somebody_else.sqs.send_message(QueueUrl=url, MessageBody="failed")
    look = failures.look(cloud)
    assert look
    assert failures.delete(cloud, [failure.receipt for failure in look.failures]) == 1


@pytest.mark.cloud
def test_dashboard_may_do_exactly_what_it_does(local_cloud: Cloud) -> None:
    cloud, recorder = listened_to(local_cloud)
    work_as_the_dashboard(cloud, local_cloud)
    assert recorder.needed == grants(statements("dashboard"))
    # AND there is no call in the sources that was not made here
    deployed = {call for call in calls_in_the_sources() if call.startswith("cloudformation:")}
    assert recorder.calls | deployed | {"dynamodb:ListTables"} == calls_in_the_sources()


@pytest.fixture
def own_local(state: Path) -> Iterator[Cloud]:
    """A local cloud that a test may break."""
    hold = LocalCloud(state)
    yield connect_local(Settings(), hold.endpoint())
    hold.close()


@pytest.mark.cloud
def test_deployer_may_do_exactly_what_it_does_and_what_cloudformation_does_for_it(
    own_local: Cloud,
) -> None:
    cloud, recorder = listened_to(own_local)
    deploy(cloud)
    deploy(
        replace(
            cloud,
            settings=replace(cloud.settings, role_arn="arn:aws:iam::123456789012:role/LabRole"),
        )
    )
    destroy(cloud)
    allowed = statements("deployer")
    assert recorder.needed <= grants(allowed)
    own = {action for action, _ in recorder.needed}
    assert {action for action, _ in grants(allowed)} == own | actions_of_cloudformation()
    # AND by name wherever IAM knows a name
    everywhere = {
        action
        for statement in allowed
        if "Condition" not in statement
        for action, resource in grants([statement])
        if resource == "*"
    }
    assert everywhere == {
        "dynamodb:ListTables", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"
    }  # fmt: skip


UNUSED = re.compile(
    "|".join(
        (
            r"(ec2|elasticfilesystem|firehose|kinesis|kms|s3|s3files):.*",  # neighbours we lack
            r".*:(Untag|TagQueue|TagRole).*",  # the template tags nothing
            r"dynamodb:TagResource",
            r"dynamodb:(.*Import.*|.*Replica|.*Item|Query|Scan)",  # imports, global tables
            r"dynamodb:(Enable|Disable|Update)(Kinesis.*|ContinuousBackups|ContributorInsights)",
            r"dynamodb:(UpdateTimeToLive|PutResourcePolicy|DeleteResourcePolicy)",
            r"iam:(.*ServiceLinkedRole|Attach.*|Detach.*|.*PermissionsBoundary)",
            r"iam:(UpdateRole|UpdateRoleDescription)",
            r"lambda:(Put|Delete)Function(Concurrency|CodeSigningConfig|RecursionConfig)",
            r"lambda:(PutFunctionScalingConfig|PutRuntimeManagementConfig|PublishVersion)",
            r"lambda:(GetCodeSigningConfig|GetLayerVersion|PassCapacityProvider)",
            r"lambda:AssociateRuntimeAlias",
            r"logs:(Put|Delete)(DataProtection|Index|Resource)Policy",
            r"logs:(CreateLogDelivery|.*KmsKey|.*DeletionProtection|.*BearerToken.*)",
            r"logs:(CreateLogStream|DescribeLogStreams|PutLogEvents)",  # of imported tables
        )
    )
)
"""Actions of features that the template does not use."""


def actions_of_cloudformation() -> set[str]:
    """What making, changing and deleting the template's resources takes, as AWS says."""
    used: set[str] = set()
    for kind in {resource["Type"] for resource in template()["Resources"].values()}:
        for name, handler in schema(kind)["handlers"].items():
            if name != "list":
                used |= set(handler["permissions"])
    return {action for action in used if not UNUSED.fullmatch(action)}


def template() -> Mapping[str, Any]:
    found: Mapping[str, Any] = cfn_yaml.load(str(PROJECT / "aws" / "template.yaml"))
    return found


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """AWS's schema of a resource type."""
    folder = Path(cfnlint.__file__).parent / "data" / "schemas"
    listed = json.loads((folder / "providers" / "us-east-1.json").read_text("utf-8"))
    path = folder / "resources" / f"{listed[kind]}.json"
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return found


OF_THE_SERVICE = {
    ("dynamodb:DescribeStream", "ScoreTable.StreamArn"),
    ("dynamodb:GetRecords", "ScoreTable.StreamArn"),
    ("dynamodb:GetShardIterator", "ScoreTable.StreamArn"),
    ("dynamodb:ListStreams", "*"),
    ("sqs:SendMessage", "FailureQueue.Arn"),
    ("logs:CreateLogStream", "the log"),
    ("logs:PutLogEvents", "the log"),
}
"""What Lambda itself does in the role's name: read the stream, report failures, write the log."""


def test_function_may_do_exactly_what_it_and_lambda_do(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN what the function does with a batch of candidates, one of which it knows already
    recorder = Recorder()
    monkeypatch.setenv("RETRAIN_TABLE", "RetrainTable.Arn")
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    with mock_aws():
        boto3.setup_default_session()
        boto3.client("dynamodb").create_table(
            TableName="RetrainTable.Arn",
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
    assert recorder.calls == {"dynamodb:TransactWriteItems", "dynamodb:UpdateItem"}
    # THEN its role allows that, what Lambda needs, and nothing else
    (policy,) = template()["Resources"]["FunctionRole"]["Properties"]["Policies"]
    allowed = {
        (str(action), resource_of(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in many(statement["Action"])
    }
    assert allowed == own | OF_THE_SERVICE


def resource_of(named: Any) -> str:
    """What a statement of the template is about."""
    if isinstance(named, str):
        return named
    (told,) = named.values()
    if isinstance(told, list):
        return ".".join(told)
    return "the log" if told.endswith("log-group:/aws/lambda/${FunctionName}:*") else told


@cache
def calls_in_the_sources() -> frozenset[str]:
    """Every call of a client in the sources, by its name in AWS's API."""
    clients = connect_local(Settings(), "http://127.0.0.1:1")
    found: set[str] = set()
    for path in [*(PROJECT / "aws").glob("*.py"), *(PROJECT / "app").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = node.func.value
            client = of.attr if isinstance(of, ast.Attribute) else ""
            if client not in ("cloudformation", "dynamodb", "lambda_", "logs", "sqs"):
                continue
            method = node.func.attr
            if method == "get_paginator":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant)
                method = str(argument.value)
            names = getattr(clients, client).meta.method_to_api_mapping
            found.add(f"{client.rstrip('_')}:{names[method]}")
    return frozenset(found)


@pytest.fixture
def strict_local(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A local cloud that enforces policies, deployed."""
    monkeypatch.setenv("AUTH", "true")
    hold = LocalCloud(state)
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


@pytest.mark.cloud
def test_dashboard_works_where_nothing_but_its_policy_is_granted(strict_local: Cloud) -> None:
    iam = strict_local.session.client("iam", endpoint_url=strict_local.endpoint)
    iam.create_user(UserName="dashboard")
    policy = (PROJECT / "aws" / "policies" / "dashboard.json").read_text("utf-8")
    # AWS allows the batch by the action for one message; the emulator wants one of its name.
    policy = policy.replace('"sqs:DeleteMessage"', '"sqs:DeleteMessage", "sqs:DeleteMessageBatch"')
    iam.put_user_policy(UserName="dashboard", PolicyName="dashboard", PolicyDocument=policy)
    key = iam.create_access_key(UserName="dashboard")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    cloud = Cloud(strict_local.settings, session, strict_local.endpoint)
    work_as_the_dashboard(cloud, strict_local)
    with pytest.raises(AccessError):
        destroy(cloud)
    with pytest.raises(AccessError):
        deploy(replace(cloud, settings=replace(cloud.settings, stack="Other")))
