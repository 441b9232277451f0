"""A verification as Markdown, to be attached to an issue: nothing in it names an account."""

from __future__ import annotations

import hashlib
import os
import platform
from importlib.metadata import version

from app.services.verification import Verification
from aws.access_policies import partition
from aws.identity import identity
from aws.packaging import function_source, render_template
from aws.redaction import redacted
from aws.trial import ROWS, estimated_dollars
from aws.verification import Promise

_PACKAGES = ("boto3", "botocore")
_CHECKSUM_DIGITS = 12


def verification_report(found: Verification) -> str:
    """Return the report of a verification, without account ids and keys."""
    settings = found.cloud.settings
    facts = {
        "Outcome": _outcome(found),
        "Began (UTC)": f"{found.began:%Y-%m-%d %H:%M:%S}",
        "Took": f"{found.seconds} s",
        "Target": settings.target,
        "Region": settings.region,
        "Partition": partition(settings.region),
        "Prefix": settings.prefix,
        "Role of the function": "ready-made" if settings.role_arn else "made by the stack",
        "Records": str(ROWS),
        "Price": f"about ${estimated_dollars():.4f} by list prices, on AWS",
        "Versions": _versions(settings.target),
        "Function": _checksum(function_source()),
        "Template": _checksum(render_template()),
    }
    lines = [
        "# Verification of Iris Loop",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {_cell(text)} |" for name, text in facts.items()),
        "",
        "| promise | kept | expected | received | seconds |",
        "|---|---|---|---|---|",
        *map(_line, found.promises),
        "",
    ]
    if found.left_over:
        lines += [f"Something may be left under {settings.prefix}.", ""]
    return _without_account(found, "\n".join(lines))


def _outcome(found: Verification) -> str:
    kept = len(found.promises) - len(found.broken)
    stopped = ", then it was stopped" if found.stopped else ""
    return f"{kept} of {len(found.promises)} promises kept{stopped}"


def _line(promise: Promise) -> str:
    kept = "yes" if promise.kept else "**no**"
    cells = (promise.name, kept, promise.expected, promise.received, f"{promise.seconds}")
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Return a text that stays within its cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _versions(target: str) -> str:
    packages = (*_PACKAGES, "ministack") if target == "local" else _PACKAGES
    named = [f"Python {platform.python_version()}", platform.system()]
    return ", ".join([*named, *(f"{name} {version(name)}" for name in packages)])


def _checksum(text: str) -> str:
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()[:_CHECKSUM_DIGITS]}"


def _without_account(found: Verification, text: str) -> str:
    """Remove secrets, and the number of the account wherever it stands."""
    return redacted(text, {**os.environ, "ACCOUNT_ID": identity(found.cloud).account})
