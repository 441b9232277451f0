"""Deploying, updating and destroying the stack, in moto and in the local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from app.services.cloud_state import CloudState
from aws import function, stack
from aws.clients import Cloud, connect, connect_local
from aws.errors import CloudError, DeployError, NotDeployedError, SettingsError
from aws.local_cloud import LocalCloud
from aws.protection import protection
from aws.reconciliation import reconcile, wait_for_candidates
from aws.score_table import read_partition
from aws.settings import Settings
from aws.stack_events import StackEvent
from aws.status import Part, status
from iris_core.records.keys import partitions
from tests.aws.samples import expected_of, write_run


@pytest.fixture
def empty_moto(_no_real_account: None) -> Iterator[Cloud]:
    with mock_aws():
        yield connect(Settings(target="aws"))


def test_deploy_reports_events_and_every_part_is_well(empty_moto: Cloud) -> None:
    events: list[StackEvent] = []
    assert stack.deploy(empty_moto, on_event=events.append)
    assert stack.stack_state(empty_moto) == "UPDATE_COMPLETE"
    assert any(event.part == "ScoreTable" or event.part == "IrisLoop" for event in events)
    parts = status(empty_moto)
    assert [part.kind for part in parts].count("table") == 3
    assert all(part.well for part in parts), parts


def test_before_the_deploy_every_part_is_missing_with_a_remedy(empty_moto: Cloud) -> None:
    parts = status(empty_moto)
    assert {part.state for part in parts} == {"missing"}
    assert all("Deploy" in part.remedy for part in parts)


Keys = list[tuple[str, str, str]]
"""Name, type and role of each key of a table."""
OURS: Keys = [("partition_key", "S", "HASH"), ("sort_key", "S", "RANGE")]


def make_table(cloud: Cloud, name: str, keys: Keys, view: str) -> None:
    schema: Any = [{"AttributeName": key, "KeyType": role} for key, _, role in keys]
    attributes: Any = [{"AttributeName": key, "AttributeType": kind} for key, kind, _ in keys]
    stream: Any = {"StreamEnabled": True, "StreamViewType": view} if view else {}
    cloud.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=attributes,
        KeySchema=schema,
        **({"StreamSpecification": stream} if stream else {}),
    )


def score_table_of(cloud: Cloud) -> Part:
    return next(part for part in status(cloud) if part.name == "IrisExtended")


@pytest.mark.parametrize(
    ("keys", "view", "state", "remedy"),
    [
        (OURS, "KEYS_ONLY", "stream of KEYS_ONLY", "on again with the new image"),
        (OURS, "OLD_IMAGE", "stream of OLD_IMAGE", "on again with the new image"),
        (OURS, "", "no stream", "Turn its stream on"),
        (OURS[:1], "NEW_IMAGE", "other keys: partition_key (S)", "IRIS_SCORE_TABLE"),
        ([("id", "S", "HASH"), ("row", "N", "RANGE")], "NEW_IMAGE", "other keys: id (S), row (N)",
         "delete the table"),
        ([OURS[0], ("sort_key", "N", "RANGE")], "NEW_IMAGE",
         "other keys: partition_key (S), sort_key (N)", "Expected partition_key (S), sort_key (S)"),
        ([("sort_key", "S", "HASH"), ("partition_key", "S", "RANGE")], "NEW_IMAGE",
         "other keys: sort_key (S), partition_key (S)", "cannot be changed"),
    ],
)  # fmt: skip
def test_table_that_cannot_serve_is_named_with_the_remedy(
    empty_moto: Cloud, keys: Keys, view: str, state: str, remedy: str
) -> None:
    make_table(empty_moto, "IrisExtended", keys, view)
    part = score_table_of(empty_moto)
    assert (part.state, part.well) == (state, False)
    assert remedy in part.remedy
    # AND the loop does not say that records are filtered
    assert not CloudState(status(empty_moto)).is_filtering


@pytest.mark.parametrize("view", ["NEW_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_table_with_our_keys_and_the_new_image_is_well(empty_moto: Cloud, view: str) -> None:
    make_table(empty_moto, "IrisExtended", OURS, view)
    make_table(empty_moto, "IrisExtendedRetrain", OURS[:1], "")
    assert score_table_of(empty_moto).well
    other = next(part for part in status(empty_moto) if part.name == "IrisExtendedRetrain")
    assert (other.well, "IRIS_RETRAIN_TABLE" in other.remedy) == (False, True)


@pytest.mark.parametrize(
    ("state", "well"), [("Active", True), ("Inactive", True), ("Pending", True), ("Failed", False)]
)
def test_function_is_well_unless_somebody_must_mend_it(
    moto_cloud: Cloud, state: str, well: bool
) -> None:
    moto_cloud.lambda_.meta.events.register(
        "after-call.lambda.GetFunctionConfiguration",
        lambda parsed, **_call: parsed.update(State=state),
    )
    (entry,) = [part for part in status(moto_cloud) if part.kind == "function"]
    assert (entry.state, entry.well, bool(entry.remedy)) == (
        state,
        well,
        not well,
    )


def test_table_that_is_not_of_the_stack_is_never_replaced(empty_moto: Cloud) -> None:
    empty_moto.dynamodb.create_table(
        TableName="IrisExtended",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "other", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}],
    )
    with pytest.raises(DeployError, match="IrisExtended exist, but not in the stack"):
        stack.deploy(empty_moto)
    assert stack.stack_state(empty_moto) is None


def test_ready_made_role_is_used_instead_of_a_new_one(empty_moto: Cloud) -> None:
    arn = "arn:aws:iam::123456789012:role/LabRole"
    cloud = replace(empty_moto, settings=Settings(target="aws", role_arn=arn))
    iam = cloud.session.client("iam")
    iam.create_role(RoleName="LabRole", AssumeRolePolicyDocument="{}")
    stack.deploy(cloud)
    configuration = cloud.lambda_.get_function_configuration(FunctionName="IrisLambdaFn")
    assert configuration["Role"] == arn
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["LabRole"]


def test_destroying_nothing_is_no_error(empty_moto: Cloud) -> None:
    assert not stack.destroy(empty_moto)


def test_function_settings_without_a_function_say_what_to_do(empty_moto: Cloud) -> None:
    with pytest.raises(NotDeployedError, match="Deploy first"):
        function.threshold(empty_moto)


@pytest.mark.parametrize("text", ["", "high", "1.01", "-0.1", "nan"])
def test_threshold_that_is_no_share_is_refused(moto_cloud: Cloud, text: str) -> None:
    with pytest.raises(SettingsError, match="share of 1"):
        function.set_threshold(moto_cloud, text)
    assert function.threshold(moto_cloud) == "0.9"


@pytest.fixture
def own_local(state: Path) -> Iterator[Cloud]:
    """A local cloud that a test may break."""
    hold = LocalCloud(state)
    yield connect_local(Settings(), hold.endpoint())
    hold.close()


@pytest.mark.cloud
def test_update_keeps_records_and_threshold_and_destroy_takes_all(own_local: Cloud) -> None:
    events: list[StackEvent] = []
    stack.deploy(own_local, on_event=events.append)
    assert {"ScoreTable", "StreamMapping", "IrisLoop"} <= {event.part for event in events}
    run = write_run(own_local, 30)
    assert wait_for_candidates(own_local, expected_of(run).by_partition, timeout=30)

    function.set_threshold(own_local, "0.5")
    stack.deploy(replace(own_local, settings=Settings(threshold="0.7")))
    assert not stack.deploy(own_local)
    assert function.threshold(own_local) == "0.5"
    assert reconcile(own_local, run.id, 30, "0.9").complete

    # Protected by choice, and no longer, the tables keep their records.
    tables = {"the table IrisExtendedRetrain", "the table IrisExtendedRuns"}
    assert tables < set(protection(own_local).off)
    assert stack.deploy(replace(own_local, settings=Settings(protect="on")))
    assert protection(own_local).is_whole
    assert stack.deploy(own_local)
    assert tables | {"the stack"} <= set(protection(own_local).off)
    assert stack.deploy(replace(own_local, settings=Settings(protect="on")))
    assert reconcile(own_local, run.id, 30, "0.9").complete

    assert stack.destroy(own_local)
    assert not stack.destroy(own_local)
    assert {part.state for part in status(own_local)} == {"missing"}
    with pytest.raises(CloudError, match="Deploy first"):
        reconcile(own_local, run.id, 30, "0.9")

    stack.deploy(own_local)
    assert all(part.well for part in status(own_local))
    assert reconcile(own_local, run.id, 30, "0.9").stored == 0


@pytest.fixture
def strict_local(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A local cloud that enforces roles, deployed."""
    monkeypatch.setenv("AUTH", "true")
    hold = LocalCloud(state)
    cloud = connect_local(Settings(), hold.endpoint())
    stack.deploy(cloud)
    yield cloud
    hold.close()


@pytest.mark.cloud
def test_least_privilege_role_suffices_and_without_its_write_the_copy_is_refused(
    strict_local: Cloud,
) -> None:
    run = write_run(strict_local, 30)
    assert wait_for_candidates(strict_local, expected_of(run).by_partition, timeout=30)
    assert reconcile(strict_local, run.id, 30, "0.9").complete

    iam = strict_local.session.client("iam", endpoint_url=strict_local.endpoint)
    (role,) = iam.list_roles()["Roles"]
    policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="retrain")["PolicyDocument"]
    policy["Statement"] = [s for s in policy["Statement"] if s["Sid"] != "CopyCandidates"]
    iam.put_role_policy(
        RoleName=role["RoleName"], PolicyName="retrain", PolicyDocument=json.dumps(policy)
    )
    refused = write_run(strict_local, 30)
    assert not wait_for_candidates(strict_local, expected_of(refused).by_partition, timeout=3)
    assert reconcile(strict_local, refused.id, 30, "0.9").found == 0
    with pytest.raises(CloudError, match="AccessDenied"):
        function.invoke(strict_local, [next_item(strict_local, refused.id)], "0.9")


def next_item(cloud: Cloud, run: str) -> dict[str, str]:
    (partition,) = partitions(run, 1)
    return next(iter(read_partition(cloud, partition)))
