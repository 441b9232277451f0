"""What exists in a cloud, part by part, and what to do about what does not."""

from __future__ import annotations

from dataclasses import dataclass

from aws import function
from aws.clients import Cloud
from aws.errors import translated
from aws.stack import WELL, stack_state
from aws.tables import description


@dataclass(frozen=True, slots=True)
class Part:
    """One thing the pipeline needs: whether it is there and well, and what to do if not."""

    kind: str
    name: str
    state: str
    well: bool
    remedy: str = ""


def status(cloud: Cloud) -> tuple[Part, ...]:
    """Every part of the pipeline with its state, whoever made it: the stack or a person."""
    settings = cloud.settings
    with translated("looking at the cloud"):
        return (
            _stack(cloud),
            _table(cloud, settings.score_table, streams=True),
            _table(cloud, settings.retrain_table),
            _table(cloud, settings.runs_table),
            _function(cloud),
            _mapping(cloud),
            _queue(cloud),
        )


def _missing(kind: str, name: str) -> Part:
    return Part(kind, name, "missing", well=False, remedy="Deploy the stack.")


def _stack(cloud: Cloud) -> Part:
    state = stack_state(cloud)
    if state is None:
        return _missing("stack", cloud.settings.stack)
    remedy = "" if state in WELL else "Deploy again; it mends what it can."
    return Part("stack", cloud.settings.stack, state, state in WELL, remedy)


def _table(cloud: Cloud, name: str, *, streams: bool = False) -> Part:
    table = description(cloud, name)
    if not table:
        return _missing("table", name)
    if streams and not table.get("StreamSpecification", {}).get("StreamEnabled"):
        remedy = "Turn its stream on (new image), or deploy the stack."
        return Part("table", name, "no stream", well=False, remedy=remedy)
    state = str(table.get("TableStatus", "unknown"))
    return Part("table", name, state, state == "ACTIVE", "" if state == "ACTIVE" else "Wait.")


def _function(cloud: Cloud) -> Part:
    name = cloud.settings.function
    found = function.configuration(cloud)
    if not found:
        return _missing("function", name)
    state = str(found.get("State", "Active"))
    # Pending: it is being made or changed. That ends by itself, and the stream waits for it.
    well = state in ("Active", "Inactive", "Pending")
    return Part("function", name, state, well, "" if well else found.get("StateReason", "Wait."))


def _mapping(cloud: Cloud) -> Part:
    name = f"{cloud.settings.score_table} → {cloud.settings.function}"
    found = function.mapping(cloud)
    if found is None:
        return _missing("stream mapping", name)
    state = str(found.get("State", "unknown"))
    well = state in ("Enabled", "Creating", "Enabling", "Updating")
    remedy = "" if well else "Enable the trigger in the Lambda console, or deploy again."
    return Part("stream mapping", name, state, well, remedy)


def _queue(cloud: Cloud) -> Part:
    name = f"{cloud.settings.function}-failures"
    try:
        url = cloud.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except cloud.sqs.exceptions.QueueDoesNotExist:
        return _missing("failure queue", name)
    answer = cloud.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    waiting = int(answer["Attributes"]["ApproximateNumberOfMessages"])
    if waiting:
        remedy = "Read the function's log, mend the cause and replay the run."
        return Part("failure queue", name, f"{waiting} failed batches", well=False, remedy=remedy)
    return Part("failure queue", name, "empty", well=True)
