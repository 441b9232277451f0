"""Least privilege of the dashboard: its policy allows what it does, no more and no less.

Its calls are recorded on the local cloud; then it works where nothing but its policy is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from aws import (
    candidate_counts,
    failures,
    function,
    lab_steps,
    leases,
    opinion_records,
    retrain_table,
    run_table,
    score_records,
    watch,
)
from aws.access_policies import policies
from aws.clients import Cloud, connect_local
from aws.errors import AccessError
from aws.local_cloud import LocalCloud
from aws.protection import protection
from aws.reconciliation import reconcile, replay, wait_for_candidates
from aws.settings import Settings
from aws.stack import deploy, destroy
from aws.status import status
from aws.tables import typed
from tests.aws.alarms import put_alarm
from tests.aws.samples import expected_of, write_run
from tests.security.api_calls import (
    DEPLOYING,
    calls_in_the_sources,
    listened_to,
)
from tests.security.policies import SETTINGS, grants, statements


def work_as_the_dashboard(cloud: Cloud, somebody_else: Cloud) -> None:
    """All that the dashboard does but to deploy; `somebody_else` loses a copy, and fails."""
    assert all(part.well for part in status(cloud))
    assert not protection(cloud).is_whole
    function.set_threshold(cloud, "0.8")
    function.set_threshold(cloud, "0.9")
    run = write_run(cloud, 30)
    run_table.save(cloud, run)
    assert run in (run_table.load(cloud, run.id), *run_table.runs(cloud))
    assert wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    lost, other = list(retrain_table.candidates(cloud, run))[:2]
    somebody_else.dynamodb.delete_item(
        TableName=cloud.settings.retrain_table, Key=typed(lost.key._asdict())
    )
    replay(cloud, reconcile(cloud, run.id, run.rows, run.threshold).missing, run.threshold)
    assert reconcile(cloud, run.id, run.rows, run.threshold).complete
    assert leases.take(cloud, other, "ana", now=0)
    leases.give_up(cloud, other.key, "ana")
    retrain_table.save_verdict(cloud, other, "drop", who="ana")
    assert list(opinion_records.opinions(cloud, run))
    assert retrain_table.load(cloud, lost.key)
    assert all(retrain_table.load_many(cloud, [lost.key, other.key]))
    assert candidate_counts.count_candidates(cloud, run).reviewed == 1
    assert score_records.load(cloud, run, 0)
    assert len(list(score_records.stored(cloud, run))) == run.rows
    assert all(step.done for step in lab_steps.lab_steps(cloud))
    assert function.log_lines(cloud)
    name = f"{cloud.settings.function}-failures"
    url = somebody_else.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    somebody_else.sqs.send_message(QueueUrl=url, MessageBody="failed")
    peek = failures.peek(cloud)
    assert peek
    assert failures.delete(cloud, [failure.receipt for failure in peek.failures]) == 1


def look_at_the_alarms(cloud: Cloud, somebody_else: Cloud) -> None:
    """Ask for the state of alarms, one of which `somebody_else` makes and takes away."""
    topic = somebody_else.sns.create_topic(Name=watch.topic_name(cloud.settings))["TopicArn"]
    name = watch.names(cloud.settings)["LagAlarm"]
    put_alarm(somebody_else, name, topic)
    watched = replace(cloud, settings=replace(cloud.settings, alarm="ops@example.org"))
    parts = {part.name: part for part in status(watched)}
    assert parts[name].well
    assert parts[watch.topic_name(cloud.settings)].state == "not confirmed"
    somebody_else.cloudwatch.delete_alarms(AlarmNames=[name])
    somebody_else.sns.delete_topic(TopicArn=topic)


@pytest.mark.cloud
def test_dashboard_may_do_exactly_what_it_does(local_cloud: Cloud) -> None:
    cloud, recorder = listened_to(local_cloud)
    work_as_the_dashboard(cloud, local_cloud)
    look_at_the_alarms(cloud, local_cloud)
    assert recorder.needed == grants(statements("dashboard"))
    # AND there is no call in the sources that was not made here
    assert recorder.calls | calls_in_the_sources(DEPLOYING) == calls_in_the_sources()


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
def test_dashboard_works_with_no_more_than_its_policy(strict_local: Cloud) -> None:
    iam = strict_local.session.client("iam", endpoint_url=strict_local.endpoint)
    iam.create_user(UserName="dashboard")
    policy = policies(SETTINGS)["dashboard.json"].decode()
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
