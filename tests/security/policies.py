"""What the policies of the project allow, as actions on resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

PROJECT = Path(__file__).parents[2]
Grant = tuple[str, str]
"""An action, and the resource that it is allowed on."""
Statement = Mapping[str, Any]


def statements(name: str) -> list[Statement]:
    text = (PROJECT / "aws" / "policies" / f"{name}.json").read_text("utf-8")
    statements: list[Statement] = json.loads(text)["Statement"]
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
