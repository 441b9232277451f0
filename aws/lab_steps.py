"""The course's lab, step by step, compared with what the account holds.

Six calls: two tables, the function, its triggers, and one item of each table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws import function
from aws.clients import Cloud
from aws.errors import translated
from aws.settings import Settings
from aws.tables import VIEWS, description, has_our_keys, keys_of, stream_view

_LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class LabStep:
    """One step of the lab.

    Attributes:
        what: what the step makes.
        done: whether the account has it.
        state: what the account has.
        remedy: what to do if it is not done.
        service: the part of AWS's console in which it is done, as its addresses name it.
    """

    what: str
    done: bool
    state: str
    remedy: str = ""
    service: str = "dynamodbv2"


def console_address(settings: Settings, step: LabStep) -> str:
    """Return the address of the console's page on which a step is done.

    Args:
        settings: with the region.
        step: to be done.
    """
    prefixes = {
        "cn-": "console.amazonaws.cn",
        "us-gov-": "console.amazonaws-us-gov.com",
        "eusc-": "console.amazonaws-eusc.eu",
    }
    region = settings.region or ""
    host = next(
        (host for prefix, host in prefixes.items() if region.startswith(prefix)),
        "console.aws.amazon.com",
    )
    return f"https://{host}/{step.service}/home?region={region}"


def lab_steps(cloud: Cloud) -> tuple[LabStep, ...]:
    """Return the lab's steps, in their order."""
    settings = cloud.settings
    with translated("looking at the lab's steps"):
        score = description(cloud, settings.score_table)
        retrain = description(cloud, settings.retrain_table)
        return (
            _keys(settings.score_table, score, "Score table"),
            _stream(score),
            _keys(settings.retrain_table, retrain, "Retrain table"),
            _function(cloud),
            _trigger(cloud),
            _item(
                cloud,
                settings.score_table,
                score,
                "A record is stored",
                "Test a model on the Test page, or call post_score.",
            ),
            _item(
                cloud,
                settings.retrain_table,
                retrain,
                "A candidate is copied",
                "Test on data with changed labels, so that some are misclassified; read the log.",
            ),
        )


def _keys(name: str, table: Mapping[str, Any], title: str) -> LabStep:
    what = f"{title} {name} with the keys partition_key and sort_key, both strings"
    if not table:
        return LabStep(what, False, "no such table", "Create it, or deploy the stack.")
    state = ", ".join(f"{key} ({kind})" for key, kind in keys_of(table).items())
    done = has_our_keys(table)
    remedy = "" if done else "Keys cannot be changed: delete the table and create it again."
    return LabStep(what, done, state, remedy)


def _stream(table: Mapping[str, Any]) -> LabStep:
    view = stream_view(table)
    done = view in VIEWS
    remedy = "" if done else "Turn it on under Exports and streams, with the new image."
    return LabStep("Its stream is on, with the new image", done, view or "no stream", remedy)


def _function(cloud: Cloud) -> LabStep:
    settings = cloud.settings
    what = (
        f"Function {settings.function} with RETRAIN_TABLE {settings.retrain_table} and a "
        "PROBABILITY_THRESHOLD"
    )
    configuration = function.configuration(cloud)
    if not configuration:
        remedy = "Create it from the zip on the Cloud page, or deploy the stack."
        return LabStep(what, False, "no such function", remedy, _LAMBDA)
    variables = dict(configuration.get("Environment", {}).get("Variables", {}))
    names = ("RETRAIN_TABLE", "PROBABILITY_THRESHOLD")
    state = ", ".join(f"{name} {variables.get(name, 'missing')}" for name in names)
    done = variables.get(names[0]) == settings.retrain_table and names[1] in variables
    remedy = "" if done else "Set both under Configuration, Environment variables."
    return LabStep(what, done, state, remedy, _LAMBDA)


def _trigger(cloud: Cloud) -> LabStep:
    mapping = function.mapping(cloud)
    state = str(mapping.get("State", "unknown")) if mapping else "no trigger"
    done = state in ("Enabled", "Enabling", "Creating", "Updating")
    remedy = "" if done else "Add the score table's stream as a trigger, and enable it."
    return LabStep("The stream triggers the function", done, state, remedy, _LAMBDA)


def _item(cloud: Cloud, name: str, table: Mapping[str, Any], what: str, remedy: str) -> LabStep:
    """Read one item of a table, for the table's own count is hours old on AWS."""
    if not table:
        return LabStep(what, False, "no such table", remedy)
    items = cloud.dynamodb.scan(TableName=name, Limit=1)["Items"]
    if not items:
        return LabStep(what, False, "the table is empty", remedy)
    key = items[0].get("partition_key", {}).get("S", "?")
    return LabStep(what, True, f"for example {key}")
