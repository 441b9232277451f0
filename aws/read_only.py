"""A cloud for people who may only look: what is no reading call is refused before it is sent."""

from __future__ import annotations

from typing import Any

from aws.clients import Cloud, connect, connect_local
from aws.errors import NotPermittedError

REFUSAL = (
    "This dashboard can be looked at, not changed: nothing was done. Whoever runs it can open it "
    "(IRIS_PUBLIC)."
)
_READING = ("Describe", "FilterLogEvents", "Get", "List", "Query", "ReceiveMessage", "Scan")
"""How the names of the calls begin that change nothing."""


def read_only(cloud: Cloud) -> Cloud:
    """The same cloud with clients of its own, all of which refuse to change anything."""
    made = (
        connect_local(cloud.settings, cloud.endpoint) if cloud.endpoint else connect(cloud.settings)
    )
    made.session.events.register_first("provide-client-params", _refuse_changes)
    return made


def _refuse_changes(model: Any, **_told: object) -> None:
    if not model.name.startswith(_READING):
        raise NotPermittedError(REFUSAL)
