"""What is not the stack's is neither changed nor replaced; stages live side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from aws.clients import Cloud, connect, connect_local
from aws.drift import LOG_DAYS
from aws.errors import DeployError
from aws.inventory import log_group, take_inventory
from aws.local_cloud import LocalCloud
from aws.packaging import TAG
from aws.reconciliation import reconcile, wait_for_candidates
from aws.settings import Settings
from aws.stack import deploy, destroy, stack_state
from aws.status import status
from tests.aws.samples import expected_of, write_run


@pytest.fixture
def empty(_no_real_account: None) -> Iterator[Cloud]:
    with mock_aws():
        yield connect(Settings(target="aws"))


def make_table(name: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "other", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}],
    )


def make_function(cloud: Cloud) -> None:
    role = cloud.iam.create_role(RoleName="Other", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    cloud.lambda_.create_function(
        FunctionName="IrisLambdaFn",
        Runtime="python3.13",
        Handler="index.lambda_handler",
        Role=role,
        Code={"ZipFile": b"x"},
    )


FOREIGN: dict[str, tuple[Callable[[Cloud], object], str]] = {
    "score table": (make_table("IrisExtended"), "the table IrisExtended exist"),
    "retrain table": (make_table("IrisExtendedRetrain"), "the table IrisExtendedRetrain"),
    "run table": (make_table("IrisExtendedRuns"), "the table IrisExtendedRuns"),
    "function": (make_function, "the function IrisLambdaFn"),
    "queue": (
        lambda cloud: cloud.sqs.create_queue(QueueName="IrisLambdaFn-failures"),
        "the queue IrisLambdaFn-failures",
    ),
}


@pytest.mark.parametrize(("make", "named"), FOREIGN.values(), ids=FOREIGN)
def test_foreign_resource_of_one_of_our_names_is_named_and_nothing_is_made(
    empty: Cloud, make: Callable[[Cloud], object], named: str
) -> None:
    make(empty)
    with pytest.raises(DeployError, match=named) as caught:
        deploy(empty)
    assert "IRIS_PREFIX" in str(caught.value)
    assert stack_state(empty) is None
    # AND with a prefix there is room beside it
    assert deploy(replace(empty, settings=Settings(target="aws", prefix="mine")))


@pytest.mark.parametrize("days", [None, 30])
def test_log_that_lambda_made_after_a_destroy_is_used_as_it_is(
    empty: Cloud, days: int | None
) -> None:
    name = empty.settings.log_group
    empty.logs.create_log_group(logGroupName=name)
    if days:
        empty.logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    assert deploy(empty)
    assert "FunctionLog" not in take_inventory(empty).held
    assert log_group(empty)["retentionInDays"] == (days or LOG_DAYS)
    assert all(part.well for part in status(empty))
    # AND it stays, for it may hold what somebody needs
    destroy(empty)
    assert log_group(empty)


def test_name_that_only_begins_like_ours_is_nobodys_business(empty: Cloud) -> None:
    empty.logs.create_log_group(logGroupName="/aws/lambda/IrisLambdaFn2")
    assert deploy(empty)


def test_all_foreign_resources_are_named_at_once(empty: Cloud) -> None:
    for make, _ in FOREIGN.values():
        make(empty)
    with pytest.raises(DeployError) as caught:
        deploy(empty)
    assert all(f" {name}" in str(caught.value) for name in ("IrisExtendedRuns", "IrisLambdaFn"))
    assert " and the queue IrisLambdaFn-failures exist" in str(caught.value)


@pytest.mark.parametrize("change", [deploy, destroy])
@pytest.mark.parametrize(
    "names",
    [{"score_table": "Other"}, {"runs_table": "Other"}, {"function": "Other"}],
    ids=lambda names: next(iter(names)),
)
def test_stack_of_other_names_is_neither_changed_nor_destroyed(
    moto_cloud: Cloud, change: Callable[[Cloud], bool], names: dict[str, Any]
) -> None:
    other = replace(moto_cloud, settings=replace(moto_cloud.settings, **names))
    with pytest.raises(DeployError, match="IRIS_PREFIX") as caught:
        change(other)
    assert "Other" in str(caught.value)
    assert all(part.well for part in status(moto_cloud))


@pytest.mark.parametrize("change", [deploy, destroy])
def test_stack_of_somebody_else_is_left_alone(
    empty: Cloud, change: Callable[[Cloud], bool]
) -> None:
    topic = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    empty.cloudformation.create_stack(StackName="IrisLoop", TemplateBody=topic)
    with pytest.raises(DeployError, match="received nothing"):
        change(empty)
    assert stack_state(empty) == "CREATE_COMPLETE"


@pytest.mark.cloud
def test_everything_has_a_tag_with_the_stack(local_cloud: Cloud) -> None:
    cloud, settings = local_cloud, local_cloud.settings
    expected = {"Key": TAG, "Value": settings.stack}
    for table in (settings.score_table, settings.retrain_table, settings.runs_table):
        arn = cloud.dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
        assert expected in cloud.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    arn = cloud.lambda_.get_function_configuration(FunctionName=settings.function)["FunctionArn"]
    assert cloud.lambda_.list_tags(Resource=arn)["Tags"][TAG] == settings.stack
    url = cloud.sqs.get_queue_url(QueueName=settings.queue)["QueueUrl"]
    assert cloud.sqs.list_queue_tags(QueueUrl=url)["Tags"][TAG] == settings.stack
    (log,) = cloud.logs.describe_log_groups(logGroupNamePrefix=settings.log_group)["logGroups"]
    tags = cloud.logs.list_tags_for_resource(resourceArn=log["arn"].removesuffix(":*"))["tags"]
    assert tags[TAG] == settings.stack
    role = take_inventory(cloud).held["FunctionRole"]
    assert expected in cloud.iam.list_role_tags(RoleName=role)["Tags"]


@pytest.mark.cloud
def test_stages_by_prefix_share_a_cloud_and_one_is_destroyed_without_the_other(
    state: Path,
) -> None:
    # GIVEN two stages in one cloud
    hold = LocalCloud(state)
    endpoint = hold.endpoint()
    dev, prod = (
        connect_local(Settings(prefix=prefix), endpoint) for prefix in ("team-dev", "team-prod")
    )
    deploy(dev)
    deploy(prod)
    # AND a run in each
    runs = [write_run(cloud, 30) for cloud in (dev, prod)]
    for cloud, run in zip((dev, prod), runs, strict=True):
        assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    # WHEN one is destroyed
    assert destroy(dev)
    # THEN all of it is gone
    assert {part.state for part in status(dev)} == {"missing"}
    # AND the other is as it was, and works
    assert all(part.well for part in status(prod))
    runs.append(write_run(prod, 30))
    for run in runs[1:]:
        assert wait_for_candidates(prod, expected_of(run).by_partition, timeout=60)
        assert reconcile(prod, run.id, run.rows, run.threshold).complete
    hold.close()
