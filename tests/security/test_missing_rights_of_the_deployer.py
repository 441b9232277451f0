"""One right of the deployer less, each in turn: a sentence names it, with where its policy is.

What the commands call themselves is refused in moto as AWS refuses it, and the next try completes
the work. What CloudFormation does in the caller's name fails the stack: the first failed event has
AWS's words, and CloudFormation undoes what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from aws import watch
from aws.clients import Cloud, connect
from aws.errors import AccessError, DeployError, translated
from aws.inventory import take_inventory
from aws.protection import protection
from aws.settings import Settings
from aws.stack import deploy, destroy
from aws.status import status
from aws.tables import typed
from aws.verification import check_destroyed
from tests.aws.alarms import EMAIL, with_alarms
from tests.aws.failing_stack import failing, nothing_but_a_stack
from tests.aws.idle_account import idle_account
from tests.aws.stuck import stuck
from tests.security.api_calls import calls_in_the_sources
from tests.security.policies import actions_of, many, statements, template

WHO = "User: arn:aws:iam::123456789012:user/deployer"
RIGHTS = sorted({action for one in statements("deployer") for action in many(one["Action"])})
OF_CLOUDFORMATION = {
    action
    for resource in template()["Resources"].values()
    for action in actions_of(resource["Type"])
} & set(RIGHTS)
"""What CloudFormation does in the caller's name, as AWS says of each resource type."""


def refusal(action: str) -> str:
    """AWS's words for a right that is missing."""
    return (
        f"{WHO} is not authorized to perform: {action} on resource: arn:aws:::of-the-test because "
        f"no identity-based policy allows the {action} action"
    )


class Account:
    """An account on AWS in which one action at a time may be forbidden.

    Attributes:
        cloud: in it.
    """

    def __init__(self) -> None:
        self.cloud = connect(Settings(target="aws", region="us-east-1"))
        self.cloud.session.events.register("before-call", self._answer)
        self._forbidden = ""

    @contextmanager
    def without(self, action: str) -> Iterator[None]:
        self._forbidden = action
        try:
            yield
        finally:
            self._forbidden = ""

    def _answer(self, model: Any, **_call: Any) -> Any:
        action = f"{model.service_model.service_name}:{model.name}"
        if action != self._forbidden:
            return None
        error = {"Code": "AccessDeniedException", "Message": refusal(action)}
        metadata = {"HTTPStatusCode": 403, "RequestId": "of-the-test"}
        parsed = {"Error": error, "ResponseMetadata": metadata}
        return AWSResponse("", 403, HTTPHeaders(), None), parsed


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An account in which each test leaves the stack deployed."""
    with pytest.MonkeyPatch.context() as patched, idle_account():
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        account = Account()
        deploy(account.cloud)
        yield account


Work = Callable[[Cloud], object]


@dataclass(frozen=True)
class Case:
    """What needs a right.

    Attributes:
        work: that makes the call.
        before: what makes the call necessary.
        state: of the stack in which it is made; empty for that in which it is.
        left_by: the call by which that state is left.
    """

    work: Work = deploy
    before: Work = lambda _cloud: None
    state: str = ""
    left_by: str = "DeleteStack"

    def within(self, cloud: Cloud) -> AbstractContextManager[object]:
        return stuck(cloud, self.state, left_by=self.left_by) if self.state else nullcontext()


def unprotect_stack(cloud: Cloud) -> None:
    cloud.cloudformation.update_termination_protection(
        StackName=cloud.settings.stack, EnableTerminationProtection=False
    )


def unprotect_table(cloud: Cloud) -> None:
    cloud.dynamodb.update_table(
        TableName=cloud.settings.runs_table, DeletionProtectionEnabled=False
    )


def forget_earlier_states(cloud: Cloud) -> None:
    cloud.dynamodb.update_continuous_backups(
        TableName=cloud.settings.runs_table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


def disable_mapping(cloud: Cloud) -> None:
    (mapping,) = cloud.lambda_.list_event_source_mappings()["EventSourceMappings"]
    cloud.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def delete_variables(cloud: Cloud) -> None:
    cloud.lambda_.update_function_configuration(
        FunctionName=cloud.settings.function, Environment={"Variables": {}}
    )


def keep_the_log_for_ever(cloud: Cloud) -> None:
    cloud.logs.delete_retention_policy(logGroupName=cloud.settings.log_group)


def add_a_record(cloud: Cloud) -> None:
    item = {"partition_key": "runs", "sort_key": "one"}
    cloud.dynamodb.put_item(TableName=cloud.settings.runs_table, Item=typed(item))


def look_with_alarms(cloud: Cloud) -> None:
    """What a deploy with alarms looks up; moto's CloudFormation makes none."""
    watched = with_alarms(cloud)
    topic = watched.sns.create_topic(Name=watch.topic_name(watched.settings))["TopicArn"]
    subscription = watched.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=EMAIL)
    held = {watch.TOPIC: topic, watch.SUBSCRIPTION: subscription["SubscriptionArn"]}

    def add(parsed: dict[str, Any], **_call: Any) -> None:
        parsed["StackResources"] += [
            {"LogicalResourceId": part, "PhysicalResourceId": arn, "ResourceStatus": "OK"}
            for part, arn in held.items()
        ]

    name = "after-call.cloudformation.DescribeStackResources"
    watched.cloudformation.meta.events.register(name, add)
    with translated("deploying"):
        assert take_inventory(watched).there >= watch.RESOURCES


def destroy_all(cloud: Cloud) -> None:
    destroy(cloud)
    assert not take_inventory(cloud).there


def verify_that_nothing_is_left(cloud: Cloud) -> None:
    """The end of a verification; it makes a sentence of what went wrong."""
    with suppress(cloud.logs.exceptions.ResourceAlreadyExistsException):
        cloud.logs.create_log_group(logGroupName=cloud.settings.log_group)
    promise = check_destroyed(cloud, patience=0.1)
    if not promise.kept:
        raise AccessError(promise.received)


LOOKED_AT = Case()
WORK: Mapping[str, Case] = {
    "cloudformation:ContinueUpdateRollback": Case(
        state="UPDATE_ROLLBACK_FAILED", left_by="UpdateStack"
    ),
    "cloudformation:CreateStack": Case(before=destroy),
    "cloudformation:DeleteStack": Case(destroy_all),
    "cloudformation:DescribeStackResources": LOOKED_AT,
    "cloudformation:DescribeStacks": LOOKED_AT,
    "cloudformation:UpdateStack": LOOKED_AT,
    "cloudformation:UpdateTerminationProtection": Case(before=unprotect_stack),
    "cloudwatch:DescribeAlarms": Case(look_with_alarms),
    "cloudwatch:GetDashboard": Case(look_with_alarms),
    "dynamodb:DescribeContinuousBackups": LOOKED_AT,
    "dynamodb:DescribeTable": LOOKED_AT,
    "dynamodb:Scan": Case(before=add_a_record, state="DELETE_FAILED"),
    "dynamodb:UpdateContinuousBackups": Case(before=forget_earlier_states),
    "dynamodb:UpdateTable": Case(before=unprotect_table),
    "iam:GetRole": LOOKED_AT,
    "iam:GetRolePolicy": LOOKED_AT,
    "lambda:GetFunctionConfiguration": LOOKED_AT,
    "lambda:ListEventSourceMappings": LOOKED_AT,
    "lambda:UpdateEventSourceMapping": Case(before=disable_mapping),
    "lambda:UpdateFunctionConfiguration": Case(before=delete_variables),
    "logs:DeleteLogGroup": Case(verify_that_nothing_is_left, before=destroy),
    "logs:DescribeLogGroups": LOOKED_AT,
    "logs:PutRetentionPolicy": Case(before=keep_the_log_for_ever),
    "sns:GetSubscriptionAttributes": Case(look_with_alarms),
    "sns:GetTopicAttributes": Case(look_with_alarms),
    "sqs:GetQueueAttributes": LOOKED_AT,
    "sqs:GetQueueUrl": LOOKED_AT,
}
"""Of each right that the commands use themselves, what needs it."""
WITHOUT = {"cloudformation:DescribeStackEvents"}
"""What a deploy does without, unless it fails."""


def test_each_right_of_the_deployer_has_its_case() -> None:
    calls = {call for call in calls_in_the_sources() if call in RIGHTS}
    assert WORK.keys() | WITHOUT == calls
    assert WORK.keys() | WITHOUT | OF_CLOUDFORMATION == set(RIGHTS)


@pytest.mark.parametrize("action", WORK)
def test_right_that_is_missing_is_named_and_the_next_try_completes_the_work(
    account: Account, action: str
) -> None:
    case, cloud = WORK[action], account.cloud
    case.before(cloud)
    with (
        account.without(action),
        case.within(cloud),
        pytest.raises(AccessError) as caught,
    ):
        case.work(cloud)
    said = str(caught.value)
    assert f"not authorized to perform: {action} on" in said
    assert "cloud policies --out DIR" in said
    assert "deployer.json" in said
    case.work(cloud)
    deploy(cloud)
    parts = status(cloud)
    assert all(part.well for part in parts), parts
    assert protection(cloud).is_whole
    # AND nothing is left to do
    assert not deploy(cloud)


def test_deploy_does_without_the_events_and_says_so_when_it_fails(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    (action,) = WITHOUT
    seen: list[object] = []
    with account.without(action):
        destroy(account.cloud)
        assert deploy(account.cloud, on_event=seen.append)
    assert not seen
    # WHEN it fails, THEN why nobody can say
    nothing_but_a_stack(monkeypatch)
    cloud, cloudformation = failing("UPDATE_COMPLETE")
    answer: Any = {"Error": {"Code": "AccessDenied", "Message": refusal(action)}}
    cloudformation.unreadable = ClientError(answer, "DescribeStackEvents")
    with pytest.raises(DeployError, match=f"perform: {action} on") as caught:
        deploy(cloud)
    assert str(caught.value).count("cloud policies --out DIR") == 1


@pytest.mark.parametrize("action", sorted(OF_CLOUDFORMATION))
@pytest.mark.parametrize("state", [None, "UPDATE_COMPLETE"])
def test_right_that_cloudformation_misses_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, action: str, state: str | None
) -> None:
    nothing_but_a_stack(monkeypatch)
    cloud, cloudformation = failing(state)
    cloudformation.reason = (
        f'Resource handler returned message: "{refusal(action)} (Service: Of, Status Code: 403, '
        'Request ID: 1)" (RequestToken: 2, HandlerErrorCode: AccessDenied)'
    )
    for work in (deploy, destroy) if state else (deploy,):
        with pytest.raises(DeployError) as caught:
            work(cloud)
        said = str(caught.value)
        assert f"not authorized to perform: {action} on" in said
        assert "cloud policies --out DIR" in said
        assert "123456789012" not in said
