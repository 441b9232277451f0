"""The commands about the cloud: the tables, the stream and the function."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli.answers import Answer, ExitStatus, ask, save_file, say
from app.services.aws_policies import aws_policies
from app.services.destroying import destroy_cloud, export_folder
from app.services.runs.recovery import find_run
from app.services.runs.threshold_choice import (
    newest_run_with_curve,
    threshold_text,
    threshold_within,
)
from app.services.workspace import Workspace
from aws import function, stack
from aws.clients import Cloud
from aws.health import health
from aws.identity import Identity, identity
from aws.packaging import function_zip, render_template
from aws.protection import protection
from aws.stack_events import StackEvent
from aws.status import SIGNALS
from aws.status import status as read_status
from aws.watch import dashboard_url
from iris_core.errors import OptionError

_SPAN = re.compile(r"(\d{1,4})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def status(workspace: Workspace, _options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Show every part of the cloud, and the figures that a monitor watches."""
    cloud = workspace.cloud()
    parts = read_status(cloud)
    is_deployed = all(part.well for part in parts if part.kind not in SIGNALS)
    numbers = health(cloud) if is_deployed else None
    protected = protection(cloud)
    well = numbers is not None and numbers.well and all(part.well for part in parts)
    has_dashboard = any(part.kind == "dashboard" and part.well for part in parts)
    answer = {
        "target": cloud.settings.target,
        **_known(identity(cloud)),
        "well": well,
        "threshold": function.threshold(cloud) if is_deployed else None,
        **(asdict(numbers) if numbers else {}),
        "history_protected": None if protected.unknown else protected.is_whole,
        "unprotected": list(protected.off),
        "protection_unknown": list(protected.unknown),
        "dashboard": (has_dashboard and dashboard_url(cloud.settings)) or None,
        "parts": [asdict(part) for part in parts],
    }
    return ExitStatus.OK if well else ExitStatus.DIFFERS, answer


def deploy(workspace: Workspace, _options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Make the stack, or bring it up to date; on AWS it is said first in whose account."""
    cloud = workspace.cloud()
    found = identity(cloud)
    if cloud.settings.target == "aws":
        say(f"Deploying the stack {cloud.settings.stack} in AWS {found}.")
    changed = stack.deploy(cloud, on_event=_say_event)
    return ExitStatus.OK, {
        "stack": cloud.settings.stack,
        "changed": changed,
        **_known(found),
    }


def destroy(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Delete the stack with all its records; on AWS only when that is confirmed, and exported.

    Raises:
        OptionError: it is not confirmed; nothing was deleted.
    """
    cloud = workspace.cloud()
    is_aws = cloud.settings.target == "aws"
    out = options.out or (export_folder(workspace) if is_aws else None)
    out = None if options.no_export else out
    if is_aws and not options.yes and stack.stack_state(cloud) is not None:
        _confirm_destroying(cloud, out)
    done = destroy_cloud(workspace, out=out, on_event=_say_event)
    export = done.export
    return ExitStatus.OK, {
        "stack": cloud.settings.stack,
        "destroyed": done.existed,
        "exported": str(export.folder) if export else None,
        "runs": export.runs if export else 0,
        "verdicts": export.verdicts if export else 0,
    }


def threshold(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Set the threshold that the function applies to records that carry none."""
    _check_threshold_options(options)
    cloud = workspace.cloud()
    if options.budget is None:
        function.set_threshold(cloud, options.threshold)
        return ExitStatus.OK, {"threshold": function.threshold(cloud)}
    run = (
        newest_run_with_curve(cloud)
        if options.run_id is None
        else find_run(workspace, options.run_id)
    )
    load = threshold_within(run, options.budget)
    function.set_threshold(cloud, threshold_text(load.threshold))
    return ExitStatus.OK, {
        "threshold": function.threshold(cloud),
        "reviewed": load.reviews,
        "caught": load.caught,
        "errors": load.errors,
        "run": run.id,
    }


def logs(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Show the function's log.

    Raises:
        OptionError: `--since` is neither a span nor a time.
    """
    since = _time_of(options.since, datetime.now(UTC)) if options.since else None
    lines = function.log_lines(workspace.cloud(), since=since, containing=options.containing)
    rows: list[Mapping[str, Any]] = [
        {"at": line.at.isoformat(timespec="milliseconds"), "text": line.text} for line in lines
    ]
    return ExitStatus.OK, rows


def package(_workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write the function's zip, or the stack's template."""
    content = render_template().encode() if options.template else function_zip()
    save_file(options.out, content)
    return ExitStatus.OK, {"out": str(options.out), "bytes": len(content)}


def policies(workspace: Workspace, options: argparse.Namespace) -> tuple[ExitStatus, Answer]:
    """Write the IAM policies for the names and the region of AWS."""
    written = {}
    for name, content in aws_policies(workspace).items():
        save_file(options.out / name, content)
        written[name.removesuffix(".json")] = str(options.out / name)
    return ExitStatus.OK, written


def _known(found: Identity) -> dict[str, str | None]:
    """Return the parts of an identity, None for what is not known or not there."""
    return {name: text or None for name, text in asdict(found).items()}


def _confirm_destroying(cloud: Cloud, out: Path | None) -> None:
    """Ask whether a stack on AWS is to go; raise `OptionError` unless its name is the answer."""
    settings = cloud.settings
    tables = f"{settings.score_table}, {settings.retrain_table} and {settings.runs_table}"
    kept = f"Runs and verdicts are exported to {out} before." if out else "Nothing is exported."
    say(
        f"This deletes the stack {settings.stack} in AWS {identity(cloud)}, with the tables "
        f"{tables} and all their records and verdicts. {kept}"
    )
    answer = ask(f"Type {settings.stack} to go on:")
    if answer != settings.stack:
        received = "nobody to ask" if answer is None else repr(answer[:80])
        raise OptionError(
            f"Add --yes, or type the stack's name, to delete it: expected {settings.stack!r}, "
            f"received {received}; nothing was deleted."
        )


def _time_of(text: str, now: datetime) -> datetime:
    """Return the time that `--since` means, in UTC: a span before now, or a time.

    Raises:
        OptionError: it is neither.
    """
    if span := _SPAN.fullmatch(text):
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise OptionError(
            "Name a span or a time in --since: expected one such as 30m, 2h, 3d or "
            f"2026-11-22T09:30Z, received {text[:80]!r}."
        ) from error
    return at.replace(tzinfo=at.tzinfo or UTC)


def _check_threshold_options(options: argparse.Namespace) -> None:
    """Raise `OptionError` unless a threshold or a budget is given, and a run with a budget only."""
    given = [
        text
        for text, value in (
            (f"the threshold {options.threshold}", options.threshold),
            (f"--budget {options.budget}", options.budget),
            (f"--run {options.run_id}", options.run_id),
        )
        if value is not None
    ]
    if (options.threshold is None) == (options.budget is None):
        expected = "one of both"
    elif options.run_id is not None and options.budget is None:
        expected = "--run with --budget only"
    else:
        return
    raise OptionError(
        "Name a threshold (`cloud threshold 0.8`) or how many records can be reviewed "
        f"(`cloud threshold --budget 40`, of a run: `--run ID`): expected {expected}, received "
        f"{' and '.join(given) or 'neither'}."
    )


def _say_event(event: StackEvent) -> None:
    say(str(event))
