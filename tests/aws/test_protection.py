"""What protects runs and verdicts: on for AWS, mended by a deploy, lifted by a destroy alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from aws import stack
from aws.clients import Cloud, connect
from aws.errors import AccessError, DeployError
from aws.inventory import Inventory
from aws.protection import Protection, lift, protection, while_made
from aws.settings import Settings
from tests.security.policies import template

ALL = ("the stack", "the table IrisExtendedRetrain", "earlier states of IrisExtendedRetrain",
       "the table IrisExtendedRuns", "earlier states of IrisExtendedRuns")  # fmt: skip


@pytest.fixture
def empty(_no_real_account: None) -> Iterator[Cloud]:
    with mock_aws():
        yield connect(Settings(target="aws"))


@pytest.fixture
def deployed(empty: Cloud) -> Cloud:
    stack.deploy(empty)
    return empty


def chosen(cloud: Cloud, protect: str) -> Cloud:
    return replace(cloud, settings=replace(cloud.settings, protect=protect))


@pytest.mark.parametrize(
    ("target", "protect", "expected"),
    [("aws", "", True), ("local", "", False), ("aws", "off", False), ("local", "on", True)],
)
def test_history_is_protected_on_aws_unless_said_otherwise(
    target: Any, protect: str, expected: bool
) -> None:
    assert Settings(target=target, protect=protect).protects_history is expected


def test_deploy_protects_runs_and_verdicts_and_leaves_records_alone(deployed: Cloud) -> None:
    assert protection(deployed) == Protection(on=ALL, off=())
    assert "restored to any second of 35 days" in str(protection(deployed))
    table = deployed.dynamodb.describe_table(TableName="IrisExtended")["Table"]
    assert not table["DeletionProtectionEnabled"]
    # AND a deploy again has nothing to do
    assert not stack.deploy(deployed)
    # AND a mistake deletes nothing
    with pytest.raises(ClientError, match="TerminationProtection"):
        deployed.cloudformation.delete_stack(StackName="IrisLoop")
    with pytest.raises(ClientError, match="DeletionProtectionEnabled"):
        deployed.dynamodb.delete_table(TableName="IrisExtendedRuns")


def test_before_a_deploy_nothing_is_protected(empty: Cloud) -> None:
    assert not protection(empty).is_whole


def test_deploy_with_another_choice_turns_it_off_and_on_again(deployed: Cloud) -> None:
    # That CloudFormation then changes the tables is tested on the local cloud.
    assert stack.deploy(chosen(deployed, "off"))
    assert protection(deployed).off == ("the stack",)
    assert parameters_of(deployed)["ProtectHistory"] == "off"
    assert not stack.deploy(chosen(deployed, "off"))
    assert stack.deploy(deployed)
    assert protection(deployed).is_whole
    assert parameters_of(deployed)["ProtectHistory"] == "on"


def test_deploy_that_is_to_protect_nothing_does_not(empty: Cloud) -> None:
    stack.deploy(chosen(empty, "off"))
    assert protection(empty) == Protection(on=(), off=ALL)
    assert str(protection(empty)) == "Runs and verdicts are not protected from deletion."


def parameters_of(cloud: Cloud) -> dict[str, str]:
    (described,) = cloud.cloudformation.describe_stacks(StackName="IrisLoop")["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}


def unprotect_table(cloud: Cloud) -> None:
    cloud.dynamodb.update_table(TableName="IrisExtendedRuns", DeletionProtectionEnabled=False)


def unprotect_stack(cloud: Cloud) -> None:
    cloud.cloudformation.update_termination_protection(
        StackName="IrisLoop", EnableTerminationProtection=False
    )


def forget_earlier_states(cloud: Cloud) -> None:
    cloud.dynamodb.update_continuous_backups(
        TableName="IrisExtendedRetrain",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


@pytest.mark.parametrize(
    ("somebody", "off"),
    [
        (unprotect_table, "the table IrisExtendedRuns"),
        (unprotect_stack, "the stack"),
        (forget_earlier_states, "earlier states of IrisExtendedRetrain"),
    ],
)
def test_what_somebody_turned_off_is_named_and_mended(
    deployed: Cloud, somebody: Callable[[Cloud], None], off: str
) -> None:
    somebody(deployed)
    assert protection(deployed).off == (off,)
    assert str(protection(deployed)).endswith(f"Not protected: {off}.")
    assert stack.deploy(deployed)
    assert protection(deployed).is_whole


def test_backups_that_may_not_be_looked_at_are_not_known(deployed: Cloud) -> None:
    def refuse(**_call: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Describe")

    deployed.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.DescribeContinuousBackups", refuse
    )
    found = protection(deployed)
    earlier = tuple(what for what in ALL if what.startswith("earlier states"))
    assert (found.off, found.unknown, found.is_whole) == ((), earlier, False)
    assert str(found) == (
        "Runs and verdicts are protected. Not known, for the right "
        "dynamodb:DescribeContinuousBackups is missing: earlier states of IrisExtendedRetrain, "
        "earlier states of IrisExtendedRuns."
    )
    # AND what is known to be off is named beside it
    unprotect_table(deployed)
    assert "in part. Not protected: the table IrisExtendedRuns. Not known" in str(
        protection(deployed)
    )
    # AND a deploy, which has to know, says what it lacks
    with pytest.raises(AccessError, match="looking at the backups of IrisExtendedRetrain"):
        stack.deploy(deployed)


def test_destroy_lifts_the_protection(deployed: Cloud) -> None:
    assert stack.destroy(deployed)
    assert stack.stack_state(deployed) is None
    assert deployed.dynamodb.list_tables()["TableNames"] == []


class KilledError(BaseException):
    """The process ends here."""


def test_destroy_that_is_killed_at_any_call_is_completed_by_the_next_one(empty: Cloud) -> None:
    for calls in itertools.count():
        stack.deploy(empty)
        # WHEN it is killed after so many calls
        cloud, numbers = connect(empty.settings), itertools.count()

        def kill(numbers: Iterator[int] = numbers, calls: int = calls, **_call: Any) -> None:
            if next(numbers) >= calls:
                raise KilledError

        cloud.session.events.register("before-call", kill)
        try:
            stack.destroy(cloud)
        except KilledError:
            # THEN a deploy protects again, or a destroy goes on
            if calls % 2 and stack.stack_state(empty) is not None:
                stack.deploy(empty)
                assert protection(empty).is_whole
            stack.destroy(empty)
            assert stack.stack_state(empty) is None
        else:
            assert calls > 5
            return


def test_stack_with_other_names_keeps_its_protection(deployed: Cloud) -> None:
    other = replace(deployed.settings, runs_table="Others")
    with pytest.raises(DeployError, match="Others"):
        stack.destroy(replace(deployed, settings=other))
    assert protection(deployed).is_whole


def test_table_that_is_not_of_the_stack_keeps_its_protection(empty: Cloud) -> None:
    # GIVEN a stack that lost its run table, and somebody's table of that name
    stack.deploy(chosen(empty, "off"))
    events = empty.cloudformation.meta.events

    def without_runs(parsed: dict[str, Any], **_call: Any) -> None:
        parsed["StackResources"] = [
            entry for entry in parsed["StackResources"] if entry["LogicalResourceId"] != "RunsTable"
        ]

    events.register("after-call.cloudformation.DescribeStackResources", without_runs)
    empty.dynamodb.update_table(TableName="IrisExtendedRuns", DeletionProtectionEnabled=True)
    # WHEN the protection is lifted, THEN that of this table stays
    lift(empty)
    table = empty.dynamodb.describe_table(TableName="IrisExtendedRuns")["Table"]
    assert table["DeletionProtectionEnabled"]


def test_nothing_that_is_made_is_protected_before_all_of_it_is_there(empty: Cloud) -> None:
    made: list[dict[str, str]] = []

    def note(params: dict[str, Any], **_call: Any) -> None:
        given = {one["ParameterKey"]: one["ParameterValue"] for one in params["Parameters"]}
        made.append(given)

    for call in ("CreateStack", "UpdateStack"):
        empty.cloudformation.meta.events.register(
            f"provide-client-params.cloudformation.{call}", note
        )
    stack.deploy(empty)
    assert [given["ProtectHistory"] for given in made] == ["off", "on"]


@given(st.sets(st.sampled_from(sorted(template()["Resources"]))))
def test_update_that_makes_a_table_makes_it_without_protection(there: set[str]) -> None:
    found = Inventory("UPDATE_COMPLETE", {}, {}, frozenset(), frozenset(there))
    given_parameters = {"ProtectHistory": "on", "RoleArn": "r"}
    first = while_made(found, given_parameters)
    has_both = {"RetrainTable", "RunsTable"} <= there
    assert first == {**given_parameters, "ProtectHistory": "on" if has_both else "off"}
    off = {"ProtectHistory": "off"}
    assert while_made(found, off) == off


@pytest.mark.parametrize(
    ("days", "then", "parameters"),
    [("", "", ["no", "no"]), ("30", "30", ["yes", "yes"]), ("30", "", ["yes", "no longer"]),
     ("", "7", ["no", "yes"])],
)  # fmt: skip
def test_records_expire_by_choice(
    empty: Cloud, days: str, then: str, parameters: list[str]
) -> None:
    for chosen_days, expected in zip((days, then), parameters, strict=True):
        stack.deploy(replace(empty, settings=replace(empty.settings, keep_days=chosen_days)))
        assert parameters_of(empty)["ScoresExpire"] == expected
    properties = template()["Resources"]["ScoreTable"]["Properties"]
    assert "ExpiresAt" in str(properties["TimeToLiveSpecification"])
