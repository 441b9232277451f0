"""Alarms, the dashboard and the limit of writes: made when they are chosen, mended, taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from aws import drift, function, prices, watch
from aws.clients import Cloud, connect_local
from aws.errors import DeployError, SettingsError
from aws.function_log import summarise
from aws.inventory import take_inventory
from aws.local_cloud import LocalCloud
from aws.packaging import TAG, TEMPLATE_LIMIT, render_template
from aws.reconciliation import reconcile, wait_for_candidates
from aws.settings import MIN_MAX_WRITES, Settings
from aws.stack import deploy, destroy
from aws.status import SIGNALS, Part, status
from iris_core.records.reason import Reason
from lambda_src import index
from tests.aws.alarms import EMAIL, put_alarm, with_alarms
from tests.aws.samples import expected_of, write_run
from tests.security.policies import schema, template

TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"
WATCHED = Settings(alarm=EMAIL, max_writes="500")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud with alarms, and a limit of writes."""
    hold = LocalCloud(tmp_path_factory.mktemp("own"))
    cloud = connect_local(WATCHED, hold.endpoint())
    deploy(cloud)
    yield cloud
    hold.close()


def watching(cloud: Cloud) -> dict[str, Part]:
    return {part.name: part for part in status(cloud) if part.kind in SIGNALS[1:]}


def limits_of(cloud: Cloud) -> list[int | None]:
    """The write units that the score and the retrain table take in a second."""
    tables = (cloud.settings.score_table, cloud.settings.retrain_table)
    described: list[Any] = [cloud.dynamodb.describe_table(TableName=name) for name in tables]
    return [
        table["Table"].get("OnDemandThroughput", {}).get("MaxWriteRequestUnits")
        for table in described
    ]


@pytest.mark.cloud
def test_what_is_chosen_is_made_mended_and_taken_away(own: Cloud) -> None:
    # GIVEN a stack with alarms that goes off for nobody yet
    names = watch.names(WATCHED)
    assert watching(own).keys() >= set(names.values())
    assert {part.kind for part in watching(own).values() if not part.well} <= {"alarm topic"}
    assert not deploy(own)
    # AND its parts have the tag, and the tables the limit
    alarms = own.cloudwatch.describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
    for alarm in alarms:
        tags = own.cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        assert {"Key": TAG, "Value": "IrisLoop"} in tags
    # WHEN somebody deletes an alarm, the dashboard and the topic
    held = take_inventory(own).held
    own.cloudwatch.delete_alarms(AlarmNames=[names["ErrorsAlarm"]])
    own.cloudwatch.delete_dashboards(DashboardNames=[names["Dashboard"]])
    own.sns.delete_topic(TopicArn=held["AlarmTopic"])
    gone = {part.name for part in status(own) if part.state == "missing"}
    assert gone == {"IrisLambdaFn-errors", "IrisLoop", "IrisLambdaFn-alarms"}
    # THEN a deploy makes them anew, and has nothing left to do
    assert deploy(own)
    assert watching(own).keys() >= set(names.values())
    assert not deploy(own)
    # AND the log of a run makes metrics, and the run is complete under the limit
    run = write_run(own, 60)
    assert wait_for_candidates(own, expected_of(run).by_partition, timeout=60)
    assert reconcile(own, run.id, run.rows, run.threshold).complete
    lines = [line for line in function.log_lines(own) if '"_aws"' in line.text]
    assert summarise(lines).counts["received"] == 60
    # WHEN nobody is named any more, THEN there are none, and the tables take what comes
    for name, most in (("score_table", 500), ("retrain_table", 1000)):
        # The emulator's CloudFormation sets no limits.
        own.dynamodb.update_table(
            TableName=getattr(own.settings, name),
            OnDemandThroughput={"MaxWriteRequestUnits": most},
        )
    assert limits_of(own) == [500, 1000]
    plain = replace(own, settings=Settings(region=own.settings.region))
    assert deploy(plain)
    assert not watching(plain)
    assert not own.cloudwatch.describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
    assert {limit for limit in limits_of(plain) if limit not in (None, -1)} == set()
    assert not deploy(plain)
    destroy(plain)


@pytest.mark.cloud
def test_alarm_of_somebody_else_under_our_name_is_named_and_nothing_is_made(own: Cloud) -> None:
    other = replace(own, settings=Settings(region="us-east-1", prefix="mine", alarm=TOPIC))
    put_alarm(own, "mine-IrisLambdaFn-errors")
    with pytest.raises(DeployError, match="the alarm mine-IrisLambdaFn-errors exist"):
        deploy(other)


def test_state_of_each_alarm_is_cloudwatchs_word_and_one_that_is_off_is_a_fault(
    moto_cloud: Cloud,
) -> None:
    cloud = with_alarms(moto_cloud, LagAlarm="ALARM", ErrorsAlarm="INSUFFICIENT_DATA")
    parts = watching(cloud)
    found = {name: (part.state, part.well) for name, part in parts.items() if part.kind == "alarm"}
    assert found == {
        "IrisLambdaFn-lag": ("ALARM", False),
        "IrisLambdaFn-failed-batches": ("OK", True),
        "IrisLambdaFn-errors": ("INSUFFICIENT_DATA", True),
        "IrisLambdaFn-throttles": ("OK", True),
        "IrisLambdaFn-score-writes-throttled": ("OK", True),
        "IrisLambdaFn-retrain-writes-throttled": ("OK", True),
    }
    assert (parts["IrisLoop"].kind, parts["IrisLoop"].state) == ("dashboard", "there")
    # AND nobody has confirmed the e-mail
    assert "Confirm the subscription" in parts["IrisLambdaFn-alarms"].remedy


def test_without_the_choice_nothing_is_asked(moto_cloud: Cloud) -> None:
    def forbidden(**_call: Any) -> None:
        raise AssertionError("nobody chose alarms")

    moto_cloud.session.events.register("before-call.cloudwatch", forbidden)
    moto_cloud.session.events.register("before-call.sns", forbidden)
    assert not watching(moto_cloud)
    assert not deploy(moto_cloud)


@pytest.mark.parametrize(
    ("call", "code", "unknown"),
    [
        ("cloudwatch.DescribeAlarms", "AccessDenied", {"IrisLambdaFn-*", "IrisLambdaFn-alarms"}),
        ("cloudwatch.GetDashboard", "AccessDenied", {"IrisLoop"}),
        ("sns.GetTopicAttributes", "AuthorizationError", {"IrisLambdaFn-alarms"}),
    ],
)
def test_right_that_is_missing_is_a_sentence_and_hides_nothing_else(
    moto_cloud: Cloud, call: str, code: str, unknown: set[str]
) -> None:
    cloud = with_alarms(moto_cloud)
    before = {part.name for part in status(cloud)}
    message = f"not authorized to perform: {call}"
    refusal = (
        AWSResponse("", 403, HTTPHeaders(), None),
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "of-the-test"},
        },
    )
    service = call.partition(".")[0]
    events = getattr(cloud, service).meta.events
    events.register(f"before-call.{call}", lambda **_call: refusal)
    parts = status(cloud)
    assert {part.name for part in parts if part.state == "not known"} == unknown
    assert all(message in part.remedy for part in parts if part.state == "not known")
    hidden = before - {part.name for part in parts}
    assert all(name.startswith("IrisLambdaFn-") for name in hidden)
    assert bool(hidden) == (call == "cloudwatch.DescribeAlarms")


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        ("", {"AlarmEmail": "", "AlarmTopicArn": ""}),
        (EMAIL, {"AlarmEmail": EMAIL, "AlarmTopicArn": ""}),
        (TOPIC, {"AlarmEmail": "", "AlarmTopicArn": TOPIC}),
    ],
)
def test_alarms_go_to_an_address_or_a_topic(alarm: str, expected: dict[str, str]) -> None:
    assert watch.parameters(Settings(alarm=alarm)) == expected
    assert (
        watch.is_on(Settings(alarm=alarm), {}) == watch.is_on(Settings(), expected) == bool(alarm)
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"alarm": "ops"},
        {"alarm": "a b@example.org"},
        {"alarm": "arn:aws:sqs:us-east-1:123456789012:q"},
        {"max_writes": "99"},
        {"max_writes": "1e3"},
        {"max_writes": "0500"},
    ],
    ids=str,
)
def test_setting_that_is_none_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=f"IRIS_{next(iter(wrong)).upper()}"):
        Settings(**wrong)  # type: ignore[arg-type]


def test_lowest_limit_takes_a_transaction_of_the_function() -> None:
    limits = drift.write_limits(Settings(max_writes=str(MIN_MAX_WRITES)))
    assert int(limits["MaxRetrainWrites"]) >= index.GROUP * prices.TRANSACTION
    assert set(drift.write_limits(Settings()).values()) == {""}
    for name, table in (("Score", "ScoreTable"), ("Retrain", "RetrainTable")):
        condition, limit, none = RESOURCES[table]["Properties"]["OnDemandThroughput"]["Fn::If"]
        assert condition == f"Limit{name}Writes"
        assert limit == {"MaxWriteRequestUnits": {"Ref": f"Max{name}Writes"}}
        assert none == {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_dashboard_has_an_address_in_the_console_of_its_partition(region: str, host: str) -> None:
    settings = Settings(target="aws", region=region, prefix="dev")
    assert watch.dashboard_url(settings) == (
        f"https://{host}/cloudwatch/home?region={region}#dashboards/dashboard/dev-IrisLoop"
    )
    assert watch.dashboard_url(replace(settings, target="local")) == ""


RESOURCES = template()["Resources"]


def test_template_names_what_is_looked_for_and_makes_it_by_choice_alone() -> None:
    alarms = {name for name, one in RESOURCES.items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert alarms == set(watch.SUFFIXES)
    for name in alarms:
        properties = RESOURCES[name]["Properties"]
        text = properties["AlarmName"]["Fn::Sub"].replace("${FunctionName}", "IrisLambdaFn")
        assert text == watch.names(Settings())[name]
        assert properties["TreatMissingData"] == "notBreaching"
    topic = RESOURCES["AlarmTopic"]["Properties"]["TopicName"]["Fn::Sub"]
    assert topic.replace("${FunctionName}", "IrisLambdaFn") == watch.topic_name(Settings())
    choices = {name: one.get("Condition") for name, one in RESOURCES.items()}
    assert {name for name in choices if choices[name] in ("Watch", "MakeTopic")} == watch.RESOURCES


def test_dashboard_shows_what_the_function_counts() -> None:
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    used = set(re.findall(r"\$\{([\w:]+)\}", body))
    assert used <= {*template()["Parameters"], "AWS::Region"}
    widgets = json.loads(body)["widgets"]
    ours = {
        row[1] for one in widgets for row in one["properties"]["metrics"] if row[0] == "IrisLoop"
    }
    assert ours == {*Reason, "received", "passed", "copied", "known", "unjudgeable"}


def test_rendered_template_leaves_room() -> None:
    assert len(render_template().encode()) < 0.75 * TEMPLATE_LIMIT


UNTAGGED = {"AWS::SNS::Subscription"}
"""The types that take no tags."""


def test_every_type_but_a_subscription_takes_the_tag_of_the_stack() -> None:
    kinds = {one["Type"] for one in RESOURCES.values()}
    assert {kind for kind in kinds if not schema(kind)["tagging"]["taggable"]} == UNTAGGED
