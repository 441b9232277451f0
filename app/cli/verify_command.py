"""The command that checks every promise of the pipeline on a stack of its own."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.answers import Answer, ExitStatus, ask, save_file, say
from app.services.export.verification_report import verification_report
from app.services.left_overs import command, left_overs
from app.services.verification import Verification, throw_away
from app.services.verification import verify as verify_promises
from app.services.workspace import Workspace
from aws.clients import Cloud
from aws.identity import identity
from aws.trial import ROWS, estimated_dollars
from aws.verification import Promise
from iris_core.errors import OptionError


def verify(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Check every promise on a throw-away stack; exit status 1 if one is not kept.

    Raises:
        OptionError: on AWS, it is not confirmed; nothing was made.
    """
    for left in left_overs(workspace.home):
        say(
            f"Delete what an earlier verification may have left under {left.prefix}, unless it is "
            f"still at work: {command(workspace.home, left)}"
        )
    cloud = throw_away(workspace)
    _say_price(cloud)
    if cloud.settings.target == "aws" and not options.yes:
        _confirm(cloud)
    found = verify_promises(workspace, cloud, patience=options.timeout, on_promise=_say_promise)
    if options.report:
        save_file(options.report, verification_report(found).encode())
    if found.left_over:
        say(f"Delete what is left: {found.left_over}")
    if found.stopped:
        say("Stopped: the promises that were not checked yet are left out.")
    answer: dict[str, Any] = {
        "target": cloud.settings.target,
        "region": cloud.settings.region,
        "prefix": cloud.settings.prefix,
        "well": found.well,
        "stopped": found.stopped,
        "kept": len(found.promises) - len(found.broken),
        "broken": [promise.name for promise in found.broken],
        "dollars": round(estimated_dollars(), 6),
        "seconds": found.seconds,
        "left_over": found.left_over or None,
        "report": str(options.report) if options.report else None,
    }
    if options.json:  # on a terminal each was said when it was checked
        answer["promises"] = [asdict(promise) for promise in found.promises]
    return _status(found), answer


def _status(found: Verification) -> ExitStatus:
    if found.stopped:
        return ExitStatus.CANNOT
    return ExitStatus.OK if found.well else ExitStatus.DIFFERS


def _say_price(cloud: Cloud) -> None:
    dollars = f"${estimated_dollars():.2f} at most, nearly all of it for metrics"
    where = (
        f"in AWS {identity(cloud)}; it costs {dollars}"
        if cloud.settings.target == "aws"
        else f"in the local cloud, at no cost (on AWS: {dollars})"
    )
    say(
        f"Makes the stack {cloud.settings.stack} {where}. Tests {ROWS} records there, and deletes "
        "all of it again."
    )


def _confirm(cloud: Cloud) -> None:
    """Ask whether a stack is to be made on AWS; raise `OptionError` unless its prefix comes."""
    prefix = cloud.settings.prefix
    answer = ask(f"Type {prefix} to go on:")
    if answer != prefix:
        received = "nobody to ask" if answer is None else repr(answer[:80])
        raise OptionError(
            f"Add --yes, or type the prefix, to verify on AWS: expected {prefix!r}, received "
            f"{received}; nothing was made."
        )


def _say_promise(promise: Promise) -> None:
    if promise.kept:
        say(f"kept    {promise.name}  ({promise.seconds} s)")
    else:
        say(
            f"BROKEN  {promise.name}: expected {promise.expected}, received {promise.received}  "
            f"({promise.seconds} s)"
        )
