"""Stacks that a verification made and was killed before it deleted them, noted in the workspace.

A note is written before the stack is made, and removed when it is gone:

    HOME/verifications/<prefix>.json       which cloud, in which region
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from aws.clients import Cloud
from iris_core.storage.atomic_files import write_file

PREFIX: Final = "iris-verify-"
"""What the names of a verification begin with; eight letters follow."""
_OURS: Final = re.compile(rf"{PREFIX}[a-z]{{8}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A stack that may be left.

    Attributes:
        prefix: of its names.
        target: `local` or `aws`.
        region: of AWS; empty if it is not known.
        profile: of the AWS configuration files; empty for none that was chosen.
    """

    prefix: str
    target: str = "aws"
    region: str = ""
    profile: str = ""


def note(home: Path, cloud: Cloud) -> LeftOver:
    """Note that the stack of a cloud is about to be made.

    Raises:
        StoreError: it cannot be noted.
    """
    settings = cloud.settings
    noted = LeftOver(settings.prefix, settings.target, settings.region, settings.profile)
    write_file(_path(home, noted.prefix), json.dumps(asdict(noted)).encode())
    return noted


def forget(home: Path, prefix: str) -> None:
    """Remove the note of a stack that is gone, if there is one."""
    if _OURS.fullmatch(prefix):
        _path(home, prefix).unlink(missing_ok=True)


def left_overs(home: Path) -> list[LeftOver]:
    """Return what is noted; of a note that cannot be read its name says enough."""
    return [
        _read(path) for path in sorted(_folder(home).glob("*.json")) if _OURS.fullmatch(path.stem)
    ]


def command(home: Path, left: LeftOver) -> str:
    """Return the command that deletes a stack that is left, for a shell."""
    variables = {
        "IRIS_PREFIX": left.prefix,
        "IRIS_REGION": left.region if left.target == "aws" else "",
        "IRIS_PROFILE": left.profile,
    }
    chosen = " ".join(f"{name}={shlex.quote(text)}" for name, text in variables.items() if text)
    return (
        f"{chosen} python cli.py cloud destroy --target {left.target} --yes --no-export "
        f"--home {shlex.quote(str(home))}"
    )


def _read(path: Path) -> LeftOver:
    try:
        return LeftOver(**{**json.loads(path.read_text("utf-8")), "prefix": path.stem})
    except (OSError, ValueError, TypeError):
        return LeftOver(path.stem)


def _path(home: Path, prefix: str) -> Path:
    return _folder(home) / f"{prefix}.json"


def _folder(home: Path) -> Path:
    return home / "verifications"
