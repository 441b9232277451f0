"""A cloud for people who may only read: any other call is refused before it is sent."""

from __future__ import annotations

from typing import Any

from aws.clients import Cloud, connect, connect_local
from aws.errors import NotPermittedError

REFUSAL = (
    "This dashboard can be looked at, not changed: nothing was done. Whoever runs it can open it "
    "(IRIS_PUBLIC)."
)
_READING = (
    "BatchGet",
    "Describe",
    "FilterLogEvents",
    "Get",
    "List",
    "Query",
    "ReceiveMessage",
    "Scan",
)
"""Prefixes of the operations that change nothing."""


def read_only(cloud: Cloud) -> Cloud:
    """Return the same cloud with clients of its own, all of which refuse to change anything."""
    reading = (
        connect_local(cloud.settings, cloud.endpoint) if cloud.endpoint else connect(cloud.settings)
    )
    reading.session.events.register_first("provide-client-params", _refuse_changes)
    return reading


def _refuse_changes(model: Any, **_call: object) -> None:
    if not model.name.startswith(_READING):
        raise NotPermittedError(REFUSAL)
