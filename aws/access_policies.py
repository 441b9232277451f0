"""The IAM policies for using and for deploying the pipeline, made for one cloud's names.

`aws/policies/` holds them as templates: what an action is allowed on is written with placeholders
such as `$score_table`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from string import Template
from typing import Any

from aws.errors import SettingsError
from aws.settings import PREFIX_CHARACTERS, Settings
from aws.watch import topic_name

NAMES = ("dashboard", "deployer")
"""Who may do it: whoever works with the dashboard or the commands, and who deploys and destroys."""
WHOLE_STACK_CHARACTERS = PREFIX_CHARACTERS + len("-IrisLoop")
"""Characters of a stack's name up to which its role's name, of 64 at most, holds all of it."""
SURE_CHARACTERS = 20
"""Characters of a longer one that its role's name begins with."""


def policies(settings: Settings) -> dict[str, bytes]:
    """Return each policy as a JSON document, under its file's name such as `dashboard.json`.

    The account is left open: a policy is only ever about its own. With a ready-made role the
    deployer may pass that one on to the function, and make none.

    Args:
        settings: of the cloud that they are for, with its region.

    Raises:
        SettingsError: botocore knows no partition that the region could be of.
    """
    return {f"{name}.json": _policy(name, settings) for name in NAMES}


def _policy(name: str, settings: Settings) -> bytes:
    text = files("aws").joinpath("policies", f"{name}.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(Template(text).substitute(_names(settings)))
    if settings.role_arn:
        document["Statement"] = [
            {**statement, "Resource": settings.role_arn}
            if statement["Sid"] == "GiveTheRoleToTheFunction"
            else statement
            for statement in document["Statement"]
            if statement["Sid"] != "MakeTheRole"
        ]
    return f"{json.dumps(document, indent=2)}\n".encode()


def _names(settings: Settings) -> dict[str, str]:
    stack = settings.stack
    if len(stack) > WHOLE_STACK_CHARACTERS:
        stack = f"{stack[:SURE_CHARACTERS]}*"
    return {
        "partition": partition(settings.region),
        "region": settings.region,
        "account": "*",
        "stack": settings.stack,
        "score_table": settings.score_table,
        "retrain_table": settings.retrain_table,
        "runs_table": settings.runs_table,
        "function": settings.function,
        "queue": settings.queue,
        "log": settings.log_group,
        "topic": topic_name(settings),
        "role": f"{stack}-FunctionRole-*",
    }


def partition(region: str) -> str:
    """Return the partition of a region as ARNs name it, such as `aws` or `aws-cn`.

    Raises:
        SettingsError: botocore knows none.
    """
    import botocore.session
    from botocore.exceptions import UnknownRegionError

    try:
        return str(botocore.session.get_session().get_partition_for_region(region))
    except UnknownRegionError as error:
        raise SettingsError(
            f"Name another region in IRIS_REGION: expected one of AWS, received {region!r}."
        ) from error
