"""Least privilege of the deployer: its policy allows what a deployment takes, no more and no less.

Its own calls are recorded on the local cloud. What CloudFormation does in its name is what AWS says
of each resource type (the handlers' permissions in its schemas, which cfn-lint brings), less the
features that the template does not use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from aws import function, watch
from aws.clients import Cloud, connect_local
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from aws.stack import deploy, destroy
from tests.aws.stuck import stuck
from tests.security.api_calls import (
    ACTIONS,
    ANYWHERE,
    ARN,
    calls_in_the_sources,
    calls_of_the_function,
    listened_to,
)
from tests.security.policies import (
    HERE,
    SETTINGS,
    Grant,
    actions_of,
    grants,
    many,
    statements,
    template,
)

READY_MADE = "arn:aws:iam::123456789012:role/LabRole"


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
    # AND what it does about all that somebody broke, and about a stack that is stuck
    somebody_breaks(own_local)
    deploy(cloud)
    with stuck(cloud, "UPDATE_ROLLBACK_FAILED", left_by="ContinueUpdateRollback"):
        deploy(cloud)
    with stuck(cloud, "DELETE_FAILED", left_by="DeleteStack"):
        deploy(cloud)
    deploy(replace(cloud, settings=replace(cloud.settings, role_arn=READY_MADE)))
    # AND what it does to protect the history, once somebody turned that off
    safe = replace(cloud, settings=replace(cloud.settings, protect="on"))
    deploy(safe)
    somebody_unprotects(safe)
    deploy(safe)
    destroy(safe)
    # AND with alarms, that somebody is written to about
    watched = replace(cloud, settings=replace(cloud.settings, alarm="ops@example.org"))
    deploy(watched)
    deploy(watched)
    destroy(watched)
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
    ours = {"ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:{HERE}:function:IrisLambdaFn"}}
    assert conditions == {
        **dict.fromkeys(OF_MAPPINGS, ours),
        # AND records are counted, and not read
        "dynamodb:Scan": {"StringEquals": {"dynamodb:Select": "COUNT"}},
        "iam:PassRole": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    }


def somebody_breaks(cloud: Cloud) -> None:
    """Turn the stream off, and delete the variables."""
    cloud.dynamodb.update_table(
        TableName=cloud.settings.score_table, StreamSpecification={"StreamEnabled": False}
    )
    mapping = function.mapping(cloud)
    assert mapping
    cloud.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    cloud.lambda_.update_function_configuration(
        FunctionName=cloud.settings.function, Environment={"Variables": {}}
    )


def somebody_unprotects(cloud: Cloud) -> None:
    """Turn off what protects the tables."""
    for table in (cloud.settings.retrain_table, cloud.settings.runs_table):
        cloud.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        cloud.dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
        )


def test_ready_made_role_is_passed_on_and_no_right_is_left_to_make_one() -> None:
    made = grants(statements("deployer"))
    ready = grants(statements("deployer", replace(SETTINGS, role_arn=READY_MADE)))
    assert ready - made == {("iam:PassRole", READY_MADE)}
    assert {action for action, _ in made - ready} == {
        action for action, _ in made if action.startswith("iam:")
    }


UNUSED = (
    # neighbours we lack
    *("ec2:*", "elasticfilesystem:*", "firehose:*", "kinesis:*", "kms:*", "s3:*", "s3files:*"),
    # no tag is taken away
    "*:Untag*",
    # imports, global tables, and what the tables do without
    *("dynamodb:*Import*", "dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan"),
    *("dynamodb:*Replica", "iam:CreateServiceLinkedRole"),
    *("dynamodb:EnableKinesis*", "dynamodb:DisableKinesis*", "dynamodb:UpdateKinesis*"),
    "dynamodb:UpdateContributorInsights",
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
    # what is sent to the topic is not looked into
    "sns:PutDataProtectionPolicy",
    # the log has neither policies nor deliveries; its streams are those of imported tables
    *("logs:PutDataProtectionPolicy", "logs:DeleteDataProtectionPolicy"),
    *("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
    *("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    *("logs:CreateLogDelivery", "logs:*KmsKey", "logs:*DeletionProtection", "logs:*BearerToken*"),
    *("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
)
"""Actions of features that the template does not use."""
OF_MAPPINGS = {f"lambda:{verb}EventSourceMapping" for verb in ("Create", "Delete", "Get", "Update")}
NAMELESS = {
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "lambda:CreateEventSourceMapping",
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
}
"""What is allowed on no resource by its name."""
OF_A_PROPERTY = {
    "dynamodb:UpdateContinuousBackups": "PointInTimeRecoverySpecification",
    "dynamodb:UpdateTimeToLive": "TimeToLiveSpecification",
}
"""What only resources with a property need."""
NAMED = {
    "AWS::CloudWatch::Dashboard": ("cloudwatch::*:dashboard/", "DashboardName"),
    "AWS::SNS::Topic": (f"sns:{HERE}:", "TopicName"),
    "AWS::DynamoDB::Table": (f"dynamodb:{HERE}:table/", "TableName"),
    "AWS::Lambda::Function": (f"lambda:{HERE}:function:", "FunctionName"),
    "AWS::Logs::LogGroup": (f"logs:{HERE}:log-group:", "LogGroupName"),
    "AWS::SQS::Queue": (f"sqs:{HERE}:", "QueueName"),
}
"""What the ARN of a type begins with, and the property that follows."""
NOT_BY_ITS_OWN_NAME = {
    **dict.fromkeys(watch.SUFFIXES, f"cloudwatch:{HERE}:alarm:IrisLambdaFn-*"),
    watch.SUBSCRIPTION: f"sns:{HERE}:IrisLambdaFn-alarms",
    "FunctionRole": "iam::*:role/IrisLoop-FunctionRole-*",
    "StreamMapping": f"lambda:{HERE}:event-source-mapping:*",
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
            if excuses(action) or OF_A_PROPERTY.get(action) not in (None, *resource["Properties"]):
                continue
            if action == "cloudwatch:DescribeAlarms":
                needed.add((action, f"arn:aws:{ARN['cloudwatch']({})}"))
                continue
            service = f"arn:aws:{action.partition(':')[0]}:"
            own = arns[name]
            for arn in [own] if own.startswith(service) else arns.values():
                if arn.startswith(service):
                    needed.add((action, "*" if action in NAMELESS else arn))
    return needed


def arn_of(name: str, resource: Mapping[str, Any]) -> str:
    """The ARN of a resource of the template, as far as it is known before it is made."""
    if name in NOT_BY_ITS_OWN_NAME:
        return f"arn:aws:{NOT_BY_ITS_OWN_NAME[name]}"
    begin, last = NAMED[resource["Type"]]
    return f"arn:aws:{begin}{by_default(resource['Properties'][last])}"


def by_default(named: Mapping[str, str]) -> str:
    """The text of a `!Ref` or `!Sub` where no parameter is changed."""
    (text,) = named.values()
    if text == "AWS::StackName":
        return SETTINGS.stack
    parameters = template()["Parameters"]
    if text in parameters:
        return str(parameters[text]["Default"])
    return re.sub(r"\$\{(\w+)\}", lambda match: str(parameters[match[1]]["Default"]), text)


def excuses(action: str) -> list[str]:
    """The entries that say of an action that the template does not use it."""
    return [entry for entry in UNUSED if fnmatchcase(action, entry)]


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
    assert actions >= NAMELESS | OF_A_PROPERTY.keys()
    assert template()["Resources"].keys() > NOT_BY_ITS_OWN_NAME.keys()
    assert kinds > NAMED.keys()
