"""The alarms on the pipeline and the dashboard in CloudWatch: names, states and address.

There are none unless somebody is named who gets the alarms (`IRIS_ALARM`).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from aws.clients import Cloud
from aws.settings import Settings

SUFFIXES: Mapping[str, str] = {
    "LagAlarm": "lag",
    "FailuresAlarm": "failed-batches",
    "ErrorsAlarm": "errors",
    "ThrottlesAlarm": "throttles",
    "ScoreWritesAlarm": "score-writes-throttled",
    "RetrainWritesAlarm": "retrain-writes-throttled",
}
"""What the names of the alarms end with, by their names in the template."""
DASHBOARD, TOPIC, SUBSCRIPTION = "Dashboard", "AlarmTopic", "AlarmSubscription"
RESOURCES = frozenset({*SUFFIXES, DASHBOARD, TOPIC, SUBSCRIPTION})
"""All that the template makes for them, by its names there."""
_CONSOLES = {
    "cn-": "console.amazonaws.cn",
    "us-gov-": "console.amazonaws-us-gov.com",
}
"""The consoles of AWS's other partitions, by what their regions begin with."""


def names(settings: Settings) -> dict[str, str]:
    """Return what the alarms and the dashboard are called, by their names in the template."""
    alarms = {part: f"{settings.function}-{suffix}" for part, suffix in SUFFIXES.items()}
    return {**alarms, DASHBOARD: settings.stack}


def topic_name(settings: Settings) -> str:
    """Return the name that the template gives the topic of the alarms."""
    return f"{settings.function}-alarms"


def parameters(settings: Settings) -> dict[str, str]:
    """Return the template's parameters about who gets the alarms: an e-mail address, or a topic."""
    is_topic = settings.alarm.startswith("arn:")
    return {
        "AlarmEmail": "" if is_topic else settings.alarm,
        "AlarmTopicArn": settings.alarm if is_topic else "",
    }


def is_on(settings: Settings, deployed: Mapping[str, str]) -> bool:
    """Return whether there are alarms, or will be by the next deploy.

    Args:
        settings: of who asks.
        deployed: the parameters that the stack was deployed with.
    """
    return any((settings.alarm, *(deployed.get(name) for name in parameters(settings))))


def states(cloud: Cloud) -> dict[str, str]:
    """Return CloudWatch's word for the state of each of our alarms that is there, by its name.

    It is `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    """
    ours = [name for part, name in names(cloud.settings).items() if part in SUFFIXES]
    answer = cloud.cloudwatch.describe_alarms(AlarmNames=ours)
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"]}


def topic_state(cloud: Cloud) -> str:
    """Return `confirmed`, `not confirmed` or `missing`; empty where the topic is not the stack's.

    Nobody gets an alarm before the subscription is confirmed.
    """
    ours = names(cloud.settings)["LagAlarm"]
    alarms = cloud.cloudwatch.describe_alarms(AlarmNames=[ours])["MetricAlarms"]
    topics = [arn for alarm in alarms for arn in alarm["AlarmActions"]]
    topic = next((arn for arn in topics if arn.endswith(f":{topic_name(cloud.settings)}")), "")
    if not topic:
        return ""
    try:
        attributes = cloud.sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    except cloud.sns.exceptions.NotFoundException:
        return "missing"
    return "confirmed" if int(attributes.get("SubscriptionsConfirmed", 0)) else "not confirmed"


def has_dashboard(cloud: Cloud) -> bool:
    """Return whether our dashboard is there."""
    codes = cloud.cloudwatch.exceptions
    try:
        cloud.cloudwatch.get_dashboard(DashboardName=cloud.settings.stack)
    except (codes.DashboardNotFoundError, codes.ResourceNotFound):
        return False
    return True


def named(cloud: Cloud) -> set[str]:
    """Return which of the alarms and the dashboard are there under our names, whoever made them."""
    found = states(cloud)
    there = {part for part, name in names(cloud.settings).items() if name in found}
    return there | ({DASHBOARD} if has_dashboard(cloud) else set())


def dashboard_url(settings: Settings) -> str:
    """Return the address of the dashboard in AWS's console; empty for the local cloud."""
    region = settings.region
    if settings.target == "local":
        return ""
    console = next(
        (host for begin, host in _CONSOLES.items() if region.startswith(begin)),
        f"{region}.console.aws.amazon.com",
    )
    page = f"dashboards/dashboard/{quote(settings.stack)}"
    return f"https://{console}/cloudwatch/home?region={region}#{page}"
