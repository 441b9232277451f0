"""The project's calls of AWS's API: as they are recorded, and as the sources name them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from aws.clients import Cloud, connect_local
from aws.settings import Settings
from lambda_src import index
from tests.security.policies import HERE, PROJECT, Grant

ACTIONS = {
    "DeleteMessageBatch": "sqs:DeleteMessage",
    "Invoke": "lambda:InvokeFunction",
    "TransactWriteItems": "dynamodb:UpdateItem",
}
"""The calls that an action of another name allows."""
ANYWHERE = ("DescribeLogGroups", "GetSubscriptionAttributes", "ListEventSourceMappings")
"""The calls for which IAM knows no resource."""
ARN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "cloudwatch": lambda params: (
        f"cloudwatch::*:dashboard/{params['DashboardName']}"
        if "DashboardName" in params
        else f"cloudwatch:{HERE}:alarm:*"  # whatever names are asked for
    ),
    "cloudformation": lambda params: f"cloudformation:{HERE}:stack/{params['StackName']}/*",
    "dynamodb": lambda params: f"dynamodb:{HERE}:table/{params['TableName']}",
    "iam": lambda params: (
        f"iam::*:role/{params['RoleName'].rpartition('-')[0]}-*"  # the rest is CloudFormation's
    ),
    "lambda": lambda params: (
        f"lambda:{HERE}:event-source-mapping:*"
        if "UUID" in params
        else f"lambda:{HERE}:function:{params['FunctionName']}"
    ),
    "logs": lambda params: f"logs:{HERE}:log-group:{params['logGroupName']}",
    "sns": lambda params: f"sns:{HERE}:{params['TopicArn'].rpartition(':')[2]}",
    "sqs": lambda params: (
        f"sqs:{HERE}:" + (params.get("QueueName") or params["QueueUrl"].rpartition("/")[2])
    ),
}


class Recorder:
    """Note the calls of a cloud's clients, and what each of them has to be allowed."""

    def __init__(self) -> None:
        self.calls: set[str] = set()
        self.needed: set[Grant] = set()

    def on(self, session: boto3.Session) -> None:
        session.events.register("provide-client-params", self._note)

    def _note(self, params: Mapping[str, Any], model: Any, **_context: object) -> None:
        service, name = model.service_model.service_name, model.name
        self.calls.add(f"{service}:{name}")
        action = ACTIONS.get(name, f"{service}:{name}")
        if name in ANYWHERE:
            self.needed.add((action, "*"))
            return
        named = params.get("RequestItems") or [
            update["Update"]["TableName"] for update in params.get("TransactItems", ())
        ]
        tables: list[Mapping[str, Any]] = [{"TableName": table} for table in named]
        for asked in tables or [params]:
            self.needed.add((action, f"arn:aws:{ARN[service](asked)}"))


def listened_to(cloud: Cloud) -> tuple[Cloud, Recorder]:
    """Return the same local cloud with clients whose calls are recorded."""
    assert cloud.endpoint
    heard, recorder = connect_local(cloud.settings, cloud.endpoint), Recorder()
    recorder.on(heard.session)
    return heard, recorder


def calls_of_the_function() -> set[str]:
    """Return every call of a client in the function's source, by its name in AWS's API."""
    tree = ast.parse(Path(index.__file__).read_text("utf-8"))
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert [ast.unparse(node) for node in used if ast.unparse(node.value) == "boto3"] == [
        "boto3.client"
    ]
    names = connect_local(Settings(), "http://127.0.0.1:1").dynamodb.meta.method_to_api_mapping
    return {f"dynamodb:{names[node.attr]}" for node in used if node.attr in names}


DEPLOYING = ("drift.py", "inventory.py", "protection.py", "stack.py", "stack_events.py")
"""The modules of `aws` that only a deployer needs."""


@cache
def calls_in_the_sources(only: tuple[str, ...] = ()) -> frozenset[str]:
    """Return every call of a client in the sources, or in some of `aws`, by its name in the API."""
    clients = connect_local(Settings(), "http://127.0.0.1:1")
    calls: set[str] = set()
    for path in [*(PROJECT / "aws").glob("*.py"), *(PROJECT / "app").rglob("*.py")]:
        if only and path.name not in only:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = node.func.value
            client = of.attr if isinstance(of, ast.Attribute) else ""
            if client.rstrip("_") not in ARN:
                continue
            method = node.func.attr
            if method == "get_paginator":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant)
                method = str(argument.value)
            names = getattr(clients, client).meta.method_to_api_mapping
            calls.add(f"{client.rstrip('_')}:{names[method]}")
    return frozenset(calls)
