"""Whatever somebody changed without CloudFormation, a deploy mends it, and no record is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aws import function
from aws.clients import Cloud, connect_local
from aws.drift import EVENTS, LOG_DAYS, REFERRING, restore_mapping, to_omit
from aws.inventory import Inventory, take_inventory
from aws.local_cloud import LocalCloud
from aws.packaging import render_template
from aws.reconciliation import reconcile, wait_for_candidates
from aws.settings import Settings
from aws.stack import deploy
from aws.status import status
from iris_core.records.keys import key_of
from lambda_src.index import read_image
from tests.aws.samples import expected_of, sample_record, write_run
from tests.security.policies import template

RESOURCES = sorted(template()["Resources"])
TABLES = ("ScoreTable", "RetrainTable", "RunsTable")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud that these tests break, deployed; each leaves it mended."""
    hold = LocalCloud(tmp_path_factory.mktemp("own"))
    cloud = connect_local(Settings(), hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


def delete_table(name: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.dynamodb.delete_table(TableName=getattr(cloud.settings, name))


def delete_function(cloud: Cloud) -> None:
    cloud.lambda_.delete_function(FunctionName=cloud.settings.function)


def delete_queue(cloud: Cloud) -> None:
    url = cloud.sqs.get_queue_url(QueueName=cloud.settings.queue)["QueueUrl"]
    cloud.sqs.delete_queue(QueueUrl=url)


def mapping_id(cloud: Cloud) -> str:
    mapping = function.mapping(cloud)
    assert mapping
    return mapping["UUID"]


def disable_mapping(cloud: Cloud) -> None:
    cloud.lambda_.update_event_source_mapping(UUID=mapping_id(cloud), Enabled=False)


def turn_stream(cloud: Cloud, *, on: bool) -> None:
    wanted: Any = {"StreamEnabled": on, **({"StreamViewType": "NEW_IMAGE"} if on else {})}
    cloud.dynamodb.update_table(TableName=cloud.settings.score_table, StreamSpecification=wanted)


def turn_stream_off_and_on(cloud: Cloud) -> None:
    before = stream_of(cloud)
    while stream_of(cloud) == before:  # the name of a stream is a time, here of whole seconds
        turn_stream(cloud, on=False)
        turn_stream(cloud, on=True)


def stream_of(cloud: Cloud) -> str:
    answer = cloud.dynamodb.describe_table(TableName=cloud.settings.score_table)
    return answer["Table"]["LatestStreamArn"]


def role_of(cloud: Cloud) -> str:
    return take_inventory(cloud).held["FunctionRole"]


def delete_role_policy(cloud: Cloud) -> None:
    cloud.iam.delete_role_policy(RoleName=role_of(cloud), PolicyName="retrain")


def delete_role(cloud: Cloud) -> None:
    name = role_of(cloud)
    delete_role_policy(cloud)
    cloud.iam.delete_role(RoleName=name)


def delete_all_but_the_stack(cloud: Cloud) -> None:
    for name in ("score_table", "retrain_table", "runs_table"):
        delete_table(name)(cloud)
    delete_queue(cloud)
    delete_role(cloud)
    delete_function(cloud)
    cloud.logs.delete_log_group(logGroupName=cloud.settings.log_group)


def set_environment(**variables: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.lambda_.update_function_configuration(
        FunctionName=cloud.settings.function, Environment={"Variables": variables}
    )


DAMAGE: dict[str, Callable[[Cloud], object]] = {
    "score table deleted": delete_table("score_table"),
    "retrain table deleted": delete_table("retrain_table"),
    "run table deleted": delete_table("runs_table"),
    "function deleted": delete_function,
    "queue deleted": delete_queue,
    "log deleted": lambda cloud: cloud.logs.delete_log_group(logGroupName=cloud.settings.log_group),
    "mapping deleted": lambda cloud: cloud.lambda_.delete_event_source_mapping(
        UUID=mapping_id(cloud)
    ),
    "mapping disabled": disable_mapping,
    "filter deleted": lambda cloud: cloud.lambda_.update_event_source_mapping(
        UUID=mapping_id(cloud), FilterCriteria={}
    ),
    "stream off": lambda cloud: turn_stream(cloud, on=False),
    "stream off and on": turn_stream_off_and_on,
    "role deleted": delete_role,
    "role policy deleted": delete_role_policy,
    "role policy deleted again": delete_role_policy,
    "threshold deleted": set_environment(RETRAIN_TABLE="IrisExtendedRetrain"),
    "variables deleted": set_environment(),
    "all deleted": delete_all_but_the_stack,
}


@pytest.mark.cloud
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_deploy_mends_what_somebody_broke(own: Cloud, damage: Callable[[Cloud], object]) -> None:
    # GIVEN a run before
    before = write_run(own, 30)
    assert wait_for_candidates(own, expected_of(before).by_partition, timeout=60)
    left = tables_of(own)
    # WHEN something is broken, and the stack is deployed
    damage(own)
    assert deploy(own)
    # THEN nothing is left to do
    assert not deploy(own)
    parts = status(own)
    assert all(part.well for part in parts), parts
    assert function.threshold(own) == "0.9"
    log = own.logs.describe_log_groups(logGroupNamePrefix=own.settings.log_group)["logGroups"]
    assert [group.get("retentionInDays") for group in log] == [14]
    # AND a run reconciles
    run = write_run(own, 30)
    assert wait_for_candidates(own, expected_of(run).by_partition, timeout=60)
    assert reconcile(own, run.id, run.rows, run.threshold).complete
    # AND what nobody deleted has the records that it had
    if tables_of(own) == left:
        assert reconcile(own, before.id, before.rows, before.threshold).complete


def tables_of(cloud: Cloud) -> set[str]:
    """The ids of the tables: another one of the same name has another id."""
    settings = cloud.settings
    return {
        cloud.dynamodb.describe_table(TableName=name)["Table"]["TableId"]
        for name in (settings.score_table, settings.retrain_table, settings.runs_table)
    }


@pytest.mark.cloud
def test_threshold_of_a_deleted_function_is_that_of_the_last_deploy(own: Cloud) -> None:
    function.set_threshold(own, "0.5")
    deploy(own)
    delete_function(own)
    deploy(own)
    assert function.threshold(own) == "0.5"
    function.set_threshold(own, "0.9")
    deploy(own)


@pytest.mark.cloud
def test_mapping_that_reads_an_old_stream_is_named(own: Cloud) -> None:
    turn_stream_off_and_on(own)
    (part,) = [part for part in status(own) if part.kind == "stream mapping"]
    assert (part.well, part.state) == (False, "reads an old stream")
    assert "replay" in part.remedy
    deploy(own)
    assert all(part.well for part in status(own))


@pytest.mark.parametrize(
    "patterns", [[], ['{"eventName": ["INSERT"]}'], [json.dumps(EVENTS), '{"eventID": ["1"]}']]
)
def test_filter_of_an_earlier_stack_or_of_somebody_is_replaced(
    moto_cloud: Cloud, patterns: list[str]
) -> None:
    moto_cloud.lambda_.update_event_source_mapping(
        UUID=mapping_id(moto_cloud),
        FilterCriteria={"Filters": [{"Pattern": pattern} for pattern in patterns]},
        Enabled=False,
    )
    assert restore_mapping(moto_cloud)
    mapping = function.mapping(moto_cloud)
    assert mapping
    (one,) = mapping["FilterCriteria"]["Filters"]
    assert (mapping["State"], json.loads(one["Pattern"])) == ("Enabled", EVENTS)
    # AND however the same is written, it stays
    moto_cloud.lambda_.update_event_source_mapping(
        UUID=mapping["UUID"],
        FilterCriteria={"Filters": [{"Pattern": json.dumps(EVENTS, indent=1)}]},
    )
    assert not restore_mapping(moto_cloud)


def test_events_that_are_filtered_out_are_those_that_the_function_passes() -> None:
    (one,) = template()["Resources"]["StreamMapping"]["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(one["Pattern"]) == EVENTS
    # The emulator ignores the filter of a table's stream, and the function is the same without it.
    image = sample_record(0).to_item(key_of("run", 0))
    typed_image = {name: {"S": text} for name, text in image.items()}
    for event in ("INSERT", "MODIFY", "REMOVE"):
        record = {"eventName": event, "dynamodb": {"NewImage": typed_image}}
        is_taken = read_image(record, "0.9", override=False) is not None
        assert is_taken == (event in EVENTS["eventName"])


def test_logs_are_kept_alike_whoever_made_them() -> None:
    assert template()["Resources"]["FunctionLog"]["Properties"]["RetentionInDays"] == LOG_DAYS


def held(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "id")


@given(st.sets(st.sampled_from(RESOURCES)))
@settings(deadline=None)
def test_template_without_what_is_missing_refers_to_nothing_that_it_lacks(
    missing: set[str],
) -> None:
    # GIVEN any set of resources that are missing
    found = Inventory(
        "CREATE_COMPLETE", {}, held(*RESOURCES), frozenset(), frozenset(RESOURCES) - missing
    )
    omitted = to_omit(found)
    if omitted == set(RESOURCES):
        return  # then the stack is made anew
    # WHEN the template is rendered without them
    reduced = cfn_yaml.loads(render_template(omitted))
    # THEN it has all the others, and no more
    assert set(reduced["Resources"]) == set(RESOURCES) - omitted
    assert set(references(reduced)) <= set(reduced["Resources"]) | set(reduced["Parameters"])
    # AND a table, a log or a queue that is there stays in it
    kept = {*TABLES, "FunctionLog", "FailureQueue", "FunctionRole"} - missing
    assert kept <= set(reduced["Resources"])


def test_nothing_is_left_out_for_no_reason() -> None:
    resources = template()["Resources"]
    for part, referring in REFERRING.items():
        direct = {name for name in resources if part in references(resources[name])}
        further = {name for one in direct for name in REFERRING.get(one, ())}
        assert referring == direct | further


def references(content: Any) -> Iterator[str]:
    """Every name that a part of a template refers to, but AWS's own."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("Ref", "DependsOn"):
                yield from [value] if not str(value).startswith("AWS::") else []
            elif key == "Fn::GetAtt":
                yield value[0]
            yield from references(value)
    elif isinstance(content, list):
        yield from chain.from_iterable(map(references, content))
