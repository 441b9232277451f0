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
from fnmatch import fnmatchcase
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
from tests.aws.samples import expected_of, write_run
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
        (action, resource.removesuffix(":*") if ":log-group:" in resource else resource)
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
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    lost, kept = list(retrain_table.candidates(cloud, run))[:2]
    somebody_else.dynamodb.delete_item(
        TableName=cloud.settings.retrain_table, Key=typed(lost.key._asdict())
    )
    replay(cloud, reconcile(cloud, run.id, run.rows, run.threshold).missing, run.threshold)
    assert reconcile(cloud, run.id, run.rows, run.threshold).complete
    retrain_table.save_verdict(cloud, kept, "drop")
    assert retrain_table.load(cloud, lost.key)
    assert candidate_counts.count_candidates(cloud, run).judged == 1
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
    deploy(replace(cloud, settings=replace(cloud.settings, role_arn=READY_MADE)))
    destroy(cloud)
    # THEN the policy allows that, what CloudFormation needs, and nothing else
    allowed = statements("deployer")
    assert grants(allowed) == recorder.needed | needed_by_cloudformation()
    # AND mappings are changed of our function alone, and the role is given to nobody but Lambda
    conditions = {
        action: statement["Condition"]
        for statement in allowed
        if "Condition" in statement
        for action in many(statement["Action"])
    }
    ours = {"ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:*:*:function:IrisLambdaFn"}}
    assert conditions == {
        **dict.fromkeys(OF_MAPPINGS, ours),
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    }


UNUSED = (
    # neighbours we lack
    *("ec2:*", "elasticfilesystem:*", "firehose:*", "kinesis:*", "kms:*", "s3:*", "s3files:*"),
    # the template tags nothing
    *("*:Untag*", "dynamodb:TagResource", "iam:TagRole", "sqs:TagQueue"),
    # imports, global tables, and what the tables do without
    *("dynamodb:*Import*", "dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan"),
    *("dynamodb:*Replica", "iam:CreateServiceLinkedRole"),
    *("dynamodb:EnableKinesis*", "dynamodb:DisableKinesis*", "dynamodb:UpdateKinesis*"),
    *("dynamodb:UpdateContinuousBackups", "dynamodb:UpdateContributorInsights"),
    "dynamodb:UpdateTimeToLive",
    *("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
    # the role has neither policies of others nor bounds, and its text stays
    *("iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:*PermissionsBoundary"),
    *("iam:UpdateRole", "iam:UpdateRoleDescription"),
    # the function neither signs, reserves, scales nor publishes
    *("lambda:GetCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig"),
    *("lambda:DeleteFunctionCodeSigningConfig", "lambda:PutFunctionRecursionConfig"),
    *("lambda:PutFunctionScalingConfig", "lambda:PassCapacityProvider", "lambda:PublishVersion"),
    *("lambda:PutRuntimeManagementConfig", "lambda:AssociateRuntimeAlias"),
    *("lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"),
    "lambda:GetLayerVersion",
    # the log has neither policies nor deliveries; its streams are those of imported tables
    *("logs:PutDataProtectionPolicy", "logs:DeleteDataProtectionPolicy"),
    *("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
    *("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    *("logs:CreateLogDelivery", "logs:*KmsKey", "logs:*DeletionProtection", "logs:*BearerToken*"),
    *("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
)
"""Actions of features that the template does not use."""
OF_MAPPINGS = {f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Delete", "Get", "Update")}
NAMELESS = {"logs:DescribeLogGroups", "logs:DescribeResourcePolicies", *OF_MAPPINGS}
"""What is allowed on no resource by its name."""
NAMED = {
    "AWS::DynamoDB::Table": ("dynamodb:*:*:table/", "TableName"),
    "AWS::Lambda::Function": ("lambda:*:*:function:", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs:*:*:log-group:", "LogGroupName"),
    "AWS::SQS::Queue": ("sqs:*:*:", "QueueName"),
}
"""What the ARN of a type begins with, and the property that follows."""
NAMED_BY_CLOUDFORMATION = {
    "FunctionRole": "iam::*:role/IrisLoop-FunctionRole-*",
    "StreamMapping": "lambda:*:*:event-source-mapping:*",
}


def needed_by_cloudformation() -> set[Grant]:
    """What making, changing and deleting the template's resources takes, as AWS says.

    An action of a resource's own service is about that resource; one of another service is about
    all that the template has there.
    """
    resources = template()["Resources"]
    arns = {name: arn_of(name, resource) for name, resource in resources.items()}
    needed: set[Grant] = set()
    for name, resource in resources.items():
        for action in actions_of(resource["Type"]):
            if excuses(action):
                continue
            service = f"arn:aws:{action.partition(':')[0]}:"
            own = arns[name]
            for arn in [own] if own.startswith(service) else arns.values():
                if arn.startswith(service):
                    needed.add((action, "*" if action in NAMELESS else arn))
    return needed


def arn_of(name: str, resource: Mapping[str, Any]) -> str:
    """The ARN of a resource of the template, as far as it is known before it is made."""
    if name in NAMED_BY_CLOUDFORMATION:
        return f"arn:aws:{NAMED_BY_CLOUDFORMATION[name]}"
    begin, last = NAMED[resource["Type"]]
    return f"arn:aws:{begin}{by_default(resource['Properties'][last])}"


def by_default(named: Mapping[str, str]) -> str:
    """The text of a `!Ref` or `!Sub` where no parameter is changed."""
    (text,) = named.values()
    parameters = template()["Parameters"]
    if text in parameters:
        return str(parameters[text]["Default"])
    return re.sub(r"\$\{(\w+)\}", lambda found: str(parameters[found[1]]["Default"]), text)


def excuses(action: str) -> list[str]:
    """The entries that say of an action that the template does not use it."""
    return [entry for entry in UNUSED if fnmatchcase(action, entry)]


@cache
def actions_of(kind: str) -> frozenset[str]:
    """What CloudFormation calls to make, change, read and delete a resource of a type."""
    handlers = schema(kind)["handlers"]
    return frozenset(
        action
        for name, handler in handlers.items()
        if name != "list"
        for action in handler["permissions"]
    )


def test_nothing_is_excused_in_vain() -> None:
    # Each entry is about an action that AWS names, and that no other entry is about.
    kinds = {resource["Type"] for resource in template()["Resources"].values()}
    named = set[str]().union(*map(actions_of, kinds))
    alone = {entries[0] for entries in map(excuses, named) if len(entries) == 1}
    assert [entry for entry in UNUSED if entry not in alone] == []
    # The other exceptions are of calls that are made, and of resources that are there.
    calls = calls_in_the_sources() | calls_of_the_function()
    assert {*ACTIONS, *ANYWHERE} <= {call.partition(":")[2] for call in calls}
    assert set(ARN) == {call.partition(":")[0] for call in calls}
    actions = {action for action, _ in needed_by_cloudformation()}
    assert actions >= NAMELESS
    assert template()["Resources"].keys() > NAMED_BY_CLOUDFORMATION.keys()
    assert kinds > NAMED.keys()


@cache
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


def calls_of_the_function() -> set[str]:
    """Every call of a client in the function's source, by its name in AWS's API."""
    tree = ast.parse(Path(index.__file__).read_text("utf-8"))
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert [ast.unparse(node) for node in used if ast.unparse(node.value) == "boto3"] == [
        "boto3.client"
    ]
    names = connect_local(Settings(), "http://127.0.0.1:1").dynamodb.meta.method_to_api_mapping
    return {f"dynamodb:{names[node.attr]}" for node in used if node.attr in names}


THE_LOG = (
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
    ":log-group:/aws/lambda/${FunctionName}:*"
)


def resource_of(named: Any) -> str:
    """What a statement of the template is about."""
    if isinstance(named, str):
        return named
    (told,) = named.values()
    if isinstance(told, list):
        return ".".join(told)
    return "the log" if told == THE_LOG else str(told)


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
