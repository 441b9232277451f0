"""Deploys and destroys that are killed at one of their calls; then the next one completes them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws import stack
from aws.clients import Cloud, connect_local
from aws.local_cloud import LocalCloud
from aws.reconciliation import reconcile, wait_for_candidates
from aws.settings import Settings
from aws.status import status
from tests.aws.samples import expected_of, write_run
from tests.faults.report_rows import Row

OWN = Settings(
    stack="Killed",
    score_table="KilledScore",
    retrain_table="KilledRetrain",
    runs_table="KilledRuns",
    function="KilledFn",
)
Work = Callable[[Cloud], object]
_CHANGES = ("CreateStack", "UpdateStack", "DeleteStack")


class KilledError(BaseException):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is killed.

    Attributes:
        name: of the case.
        before: brings the cloud into the state in which the work begins.
        work: what is killed, and then done again.
        change: a call that it makes.
    """

    name: str
    before: Work
    work: Work
    change: str


def lose_the_function(cloud: Cloud) -> None:
    """Deploy, and delete the function behind CloudFormation's back."""
    stack.deploy(cloud)
    cloud.lambda_.delete_function(FunctionName=cloud.settings.function)


CASES = (
    Case("deploy", stack.destroy, stack.deploy, "CreateStack"),
    Case("deploy again", stack.deploy, stack.deploy, "UpdateStack"),
    Case("mend", lose_the_function, stack.deploy, "UpdateStack"),
    Case("destroy", stack.deploy, stack.destroy, "DeleteStack"),
)


def calls_of(endpoint: str, work: Work) -> list[str]:
    """Do some work, and return the names of the calls that it makes."""
    cloud = connect_local(OWN, endpoint)
    names: list[str] = []
    cloud.session.events.register("before-call", lambda model, **_: names.append(model.name))
    work(cloud)
    return names


def around_changes(names: Sequence[str]) -> list[int]:
    """Return the numbers of calls after which a kill leaves another state than the kill before.

    They are none and all but one of the calls, and those right before and right after a call that
    changes the stack: whatever is only read between leaves nothing.
    """
    changes = [number for number, name in enumerate(names) if name in _CHANGES]
    return sorted({0, *changes, *(number + 1 for number in changes), len(names) - 1})


def killed_after(calls: int, endpoint: str, work: Work) -> bool:
    """Do some work and be killed after so many calls; return whether it got there."""
    cloud = connect_local(OWN, endpoint)
    numbers = itertools.count(1)

    def kill(**_call: Any) -> None:
        if next(numbers) > calls:
            raise KilledError

    cloud.session.events.register("before-call", kill)
    try:
        work(cloud)
    except KilledError:
        return True
    return False


def works(cloud: Cloud) -> bool:
    """Return whether the whole stack is there, and takes records through the function."""
    if not all(part.well for part in status(cloud)):
        return False
    run = write_run(cloud, 30)
    waited = wait_for_candidates(cloud, expected_of(run).by_partition, timeout=60)
    return waited and reconcile(cloud, run.id, 30, "0.9").complete


def is_gone(cloud: Cloud) -> bool:
    """Return whether nothing of the stack is left; destroying it twice is no error."""
    again = stack.destroy(cloud)
    return not again and {part.state for part in status(cloud)} == {"missing"}


def kill_and_repeat(case: Case, endpoint: str, calls: int) -> bool:
    """Kill the work after so many calls, and do it again; return whether it is then complete."""
    cloud = connect_local(OWN, endpoint)
    case.before(cloud)
    if not killed_after(calls, endpoint, case.work):
        return False
    case.work(cloud)
    return is_gone(cloud) if case.work is stack.destroy else works(cloud)


def table() -> list[Row]:
    """Kill each case at every call."""
    rows = []
    with TemporaryDirectory() as room:
        hold = LocalCloud(Path(room) / "cloud")
        try:
            endpoint = hold.endpoint()
            for case in CASES:
                case.before(connect_local(OWN, endpoint))
                kills = range(len(calls_of(endpoint, case.work)))
                began = time.monotonic()
                failed = sum(not kill_and_repeat(case, endpoint, calls) for calls in kills)
                seconds = (time.monotonic() - began) / len(kills)
                rows.append(Row(f"kill: {case.name}", len(kills), lost=failed, seconds=seconds))
        finally:
            hold.close()
    return rows
