"""Alarms in moto, whose CloudFormation makes none."""

from __future__ import annotations

from dataclasses import replace

from aws import watch
from aws.clients import Cloud

EMAIL = "ops@example.org"


def put_alarm(cloud: Cloud, name: str, *topics: str) -> None:
    """Make an alarm of that name, which is sent to the topics; what it is on does not matter."""
    cloud.cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Namespace="N",
        MetricName="m",
        Period=60,
        Statistic="Sum",
        Threshold=1,
        AlarmActions=list(topics),
    )


def with_alarms(cloud: Cloud, **states: str) -> Cloud:
    """The cloud with alarms, `OK` unless `states` names another one for it, and a dashboard."""
    watched = replace(cloud, settings=replace(cloud.settings, alarm=EMAIL))
    topic = cloud.sns.create_topic(Name=watch.topic_name(cloud.settings))["TopicArn"]
    for part, name in watch.names(cloud.settings).items():
        if part == watch.DASHBOARD:
            cloud.cloudwatch.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
            continue
        put_alarm(cloud, name, topic)
        cloud.cloudwatch.set_alarm_state(
            AlarmName=name, StateValue=states.get(part, "OK"), StateReason="of the test"
        )
    return watched
