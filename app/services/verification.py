"""A verification: the promises, checked on a stack of its own that is deleted in any case."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.services.left_overs import PREFIX, command, forget, note
from app.services.workspace import Workspace
from aws.clients import Cloud
from aws.settings import Settings
from aws.verification import PATIENCE_SECONDS, Promise, check_destroyed, check_promises
from iris_core.errors import Cancelled

OnPromise = Callable[[Promise], None]
"""Called with each promise when it is checked."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of a verification.

    Attributes:
        cloud: that it was made on, with the throw-away names.
        began: when it began, UTC.
        promises: that were checked, in their order; the last one is that nothing is left.
        seconds: that all took.
        stopped: whether somebody stopped it.
        left_over: the command that deletes what is left; empty if nothing is.
    """

    cloud: Cloud
    began: datetime
    promises: tuple[Promise, ...]
    seconds: float
    stopped: bool = False
    left_over: str = ""

    @property
    def broken(self) -> tuple[Promise, ...]:
        """Return the promises that were not kept."""
        return tuple(promise for promise in self.promises if not promise.kept)

    @property
    def well(self) -> bool:
        """Return whether every promise was checked and kept."""
        return not self.broken and not self.stopped


def throw_away(workspace: Workspace) -> Cloud:
    """Return the chosen cloud under names that nothing else has.

    Names that are set by themselves do not count; the region, the profile and a ready-made role do.

    Raises:
        CloudError: the cloud cannot be connected to.
    """
    cloud = workspace.cloud()
    chosen = cloud.settings
    own = Settings(
        target=chosen.target,
        region=chosen.region,
        profile=chosen.profile,
        prefix=PREFIX + "".join(secrets.choice(string.ascii_lowercase) for _ in range(8)),
        role_arn=chosen.role_arn,
        protect="off",  # it is to be deleted again
        threads=chosen.threads,
    )
    return replace(cloud, settings=own)


def verify(
    workspace: Workspace,
    cloud: Cloud,
    *,
    patience: float = PATIENCE_SECONDS,
    on_promise: OnPromise = lambda _promise: None,
) -> Verification:
    """Check every promise, and delete what was made, whatever happens.

    Args:
        workspace: in which it is noted what may be left.
        cloud: of `throw_away`.
        patience: seconds for which the function is waited for.
        on_promise: called as it goes on.

    Raises:
        StoreError: what may be left cannot be noted; nothing was made.
        Cancelled: it was stopped while it deleted what it had made.
    """
    began, clock = datetime.now(UTC), time.monotonic()
    left = note(workspace.home, cloud)
    promises: list[Promise] = []
    stopped = False
    try:
        for promise in check_promises(cloud, patience=patience):
            promises.append(promise)
            on_promise(promise)
    except KeyboardInterrupt:
        stopped = True
    finally:
        try:
            gone = check_destroyed(cloud, patience=patience)
        except KeyboardInterrupt as stop:
            raise Cancelled(
                f"Delete what is left of the verification: {command(workspace.home, left)}. It was "
                "stopped while it did so itself."
            ) from stop
        if gone.kept:
            forget(workspace.home, left.prefix)
        promises.append(gone)
        on_promise(gone)
    return Verification(
        cloud,
        began,
        tuple(promises),
        round(time.monotonic() - clock, 1),
        stopped,
        "" if gone.kept else command(workspace.home, left),
    )
