"""Every state that a stack can be in has a way out, and none of them costs a record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aws import run_table
from aws.clients import Cloud, connect_local
from aws.errors import DeployError
from aws.local_cloud import LocalCloud
from aws.reconciliation import reconcile, wait_for_candidates
from aws.settings import Settings
from aws.stack import deploy, destroy, stack_state
from aws.stack_events import StackEvent
from aws.status import status
from tests.aws.samples import expected_of, sample_run, write_run
from tests.aws.stuck import OK, stuck

pytestmark = pytest.mark.cloud

DEAD_ENDS = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
CHANGEABLE = (
    *("UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"),
    *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED"),
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud of these tests; each leaves the stack deployed."""
    hold = LocalCloud(tmp_path_factory.mktemp("own"))
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


def assert_it_works(cloud: Cloud) -> None:
    parts = status(cloud)
    assert all(part.well for part in parts), parts
    run = write_run(cloud, 30)
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    assert reconcile(cloud, run.id, run.rows, run.threshold).complete


def empty(cloud: Cloud) -> None:
    destroy(cloud)
    deploy(cloud)


@pytest.mark.parametrize("state", DEAD_ENDS)
def test_stack_that_can_only_be_deleted_is_made_anew(own: Cloud, state: str) -> None:
    empty(own)
    with stuck(own, state, left_by="DeleteStack") as left:
        assert deploy(own)
    assert len(left.requests) == 1
    assert_it_works(own)


@pytest.mark.parametrize("state", DEAD_ENDS)
def test_stack_that_can_only_be_deleted_and_has_records_stays(own: Cloud, state: str) -> None:
    run = sample_run(1)
    run_table.save(own, run)
    with stuck(own, state, left_by="DeleteStack") as left:
        with pytest.raises(DeployError, match="cloud destroy") as caught:
            deploy(own)
        assert left.requests == []
        assert own.settings.runs_table in str(caught.value)
        # A deletion can be repeated without them.
        assert ("--retain-resources" in str(caught.value)) == (state == "DELETE_FAILED")
    assert run_table.load(own, run.id) == run


@pytest.mark.parametrize("state", DEAD_ENDS)
def test_whoever_says_destroy_destroys_it_in_any_state(own: Cloud, state: str) -> None:
    run_table.save(own, sample_run(1))
    with stuck(own, state, left_by="DeleteStack"):
        assert destroy(own)
    assert stack_state(own) is None
    deploy(own)


@pytest.mark.parametrize("state", CHANGEABLE)
def test_stack_that_was_changed_back_is_healthy_or_is_updated(own: Cloud, state: str) -> None:
    deploy(own)
    with stuck(own, state, left_by="UpdateStack"):
        (stack, *_) = status(own)
        assert stack.well == (state == "UPDATE_ROLLBACK_COMPLETE")
        assert not deploy(own)
    assert_it_works(own)


def test_change_that_could_not_be_undone_is_undone_first(own: Cloud) -> None:
    with stuck(own, "UPDATE_ROLLBACK_FAILED", left_by="ContinueUpdateRollback") as left:
        deploy(own)
    (request,) = left.requests
    assert request["StackName"] == "IrisLoop"
    assert not [name for name in request if name.startswith("ResourcesToSkip.member")]
    assert_it_works(own)


def test_what_is_gone_is_not_undone_but_made_anew(own: Cloud) -> None:
    # GIVEN a change that could not be undone, for the function is gone
    own.lambda_.delete_function(FunctionName=own.settings.function)
    events = own.cloudformation.meta.events

    def fail(parsed: dict[str, Any], **_call: Any) -> None:
        for resource in parsed["StackResources"]:
            if resource["LogicalResourceId"] in ("Function", "RunsTable"):
                resource["ResourceStatus"] = "UPDATE_FAILED"

    events.register("after-call.cloudformation.DescribeStackResources", fail)
    with stuck(own, "UPDATE_ROLLBACK_FAILED", left_by="ContinueUpdateRollback") as left:
        assert deploy(own)
    events.unregister("after-call.cloudformation.DescribeStackResources", fail)
    # THEN it alone is skipped
    (request,) = left.requests
    skipped = [request[name] for name in request if name.startswith("ResourcesToSkip.member")]
    assert skipped == ["Function"]
    assert_it_works(own)


def test_stack_that_was_only_looked_at_is_no_obstacle(state: Path) -> None:
    hold = LocalCloud(state)
    cloud = connect_local(Settings(), hold.endpoint())
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    for name in ("IrisLoop", "other-IrisLoop"):
        cloud.cloudformation.create_change_set(
            StackName=name, ChangeSetName="look", ChangeSetType="CREATE", TemplateBody=template
        )
    assert stack_state(cloud) == "REVIEW_IN_PROGRESS"
    assert deploy(cloud)
    assert_it_works(cloud)
    assert destroy(connect_local(Settings(prefix="other"), hold.endpoint()))
    hold.close()


@pytest.mark.parametrize("work", [deploy, destroy])
def test_work_of_somebody_else_is_waited_for(own: Cloud, work: Any) -> None:
    answers = iter(["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])

    def describe(parsed: dict[str, Any], **_call: Any) -> None:
        for stack in parsed.get("Stacks", ()):
            stack["StackStatus"] = next(answers, stack["StackStatus"])

    events = own.cloudformation.meta.events
    events.register("after-call.cloudformation.DescribeStacks", describe)
    work(own)
    events.unregister("after-call.cloudformation.DescribeStacks", describe)
    assert list(answers) == []
    deploy(own)
    assert_it_works(own)


def test_work_of_somebody_else_that_does_not_end_is_named(own: Cloud) -> None:
    with (
        stuck(own, "UPDATE_ROLLBACK_IN_PROGRESS", left_by="DeleteStack"),
        pytest.raises(DeployError, match="still busy after 0 s"),
    ):
        deploy(own, timeout=0)


class RefusedQueue:
    """CloudFormation whose first creation fails, for the queue was deleted a moment ago."""

    REASON = (
        'Resource handler returned message: "You must wait 60 seconds after deleting a queue '
        'before you can create another with the same name."'
    )

    def __init__(self, times: int) -> None:
        self.left = times

    def create(self, **_call: Any) -> Any:
        return OK if self.left else None

    def answer(self, **_call: Any) -> Any:
        if not self.left:
            return None
        self.left -= 1
        http, parsed = OK
        event = {
            "EventId": str(self.left),
            "Timestamp": datetime.now(UTC),
            "LogicalResourceId": "FailureQueue",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": self.REASON,
        }
        return http, {**parsed, "StackEvents": [event]}


@pytest.mark.parametrize("times", [1, 2])
def test_deploy_right_after_a_destroy_waits_until_sqs_gives_the_name_back(
    own: Cloud, times: int
) -> None:
    destroy(own)
    refused, events = RefusedQueue(times), own.cloudformation.meta.events
    listeners = {
        "before-call.cloudformation.CreateStack": refused.create,
        "before-call.cloudformation.DescribeStackEvents": refused.answer,
    }
    for name, listener in listeners.items():
        events.register(name, listener)
    seen: list[StackEvent] = []
    try:
        if times == 1:
            assert deploy(own, on_event=seen.append)
            assert_it_works(own)
        else:
            with pytest.raises(DeployError, match="wait 60 seconds"):
                deploy(own, on_event=seen.append)
    finally:
        for name, listener in listeners.items():
            events.unregister(name, listener)
    assert [event.part for event in seen if event.state == "WAITING"] == ["FailureQueue"]
    deploy(own)
