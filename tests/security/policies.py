"""What the policies of the project allow, as actions on resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
from cfnlint.decode import cfn_yaml

from aws.access_policies import policies
from aws.settings import Settings

PROJECT = Path(__file__).parents[2]
Grant = tuple[str, str]
"""An action, and the resource that it is allowed on."""
Statement = Mapping[str, Any]
SETTINGS = Settings(region="us-east-1")
HERE = "us-east-1:*"
"""The region, and any account, in the ARNs of these settings."""


def statements(name: str, settings: Settings = SETTINGS) -> list[Statement]:
    """What the policy of a name allows: with the default names, or others."""
    statements: list[Statement] = json.loads(policies(settings)[f"{name}.json"])["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return statements


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def grants(allowed: list[Statement]) -> set[Grant]:
    """Return what statements allow; a log's ARN is the same with and without its streams."""
    return {
        (action, resource.removesuffix(":*") if ":log-group:" in resource else resource)
        for statement in allowed
        for action in many(statement["Action"])
        for resource in many(statement["Resource"])
    }


@cache
def template() -> Mapping[str, Any]:
    content: Mapping[str, Any] = cfn_yaml.load(str(PROJECT / "aws" / "template.yaml"))
    return content


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """AWS's schema of a resource type."""
    folder = Path(cfnlint.__file__).parent / "data" / "schemas"
    listed = json.loads((folder / "providers" / "us-east-1.json").read_text("utf-8"))
    path = folder / "resources" / f"{listed[kind]}.json"
    content: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@cache
def actions_of(kind: str) -> frozenset[str]:
    """What CloudFormation calls to make, change, read and delete a resource of a type."""
    handlers = schema(kind)["handlers"]
    return frozenset(
        action
        for name, handler in handlers.items()
        if name != "list"
        for action in handler["permissions"]
    )
