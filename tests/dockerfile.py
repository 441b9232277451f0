"""What the Dockerfile says, to run the same without Docker."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Image:
    """The image that is made.

    Attributes:
        copied: the files and folders that are copied, below the project's folder.
        environment: its variables.
        command: what it runs.
    """

    copied: tuple[str, ...]
    environment: dict[str, str]
    command: tuple[str, ...]

    @classmethod
    def read(cls) -> Self:
        """Read the project's Dockerfile."""
        text = (PROJECT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
        copied = [line.split()[1:-1] for line in re.findall(r"(?m)^COPY .*$", text)]
        variables = re.findall(r"(?m)^ENV (.*)$", text)
        commands = re.findall(r"(?m)^CMD (.*)$", text)
        return cls(
            tuple(path for paths in copied for path in paths),
            dict(pair.split("=", 1) for line in variables for pair in line.split()),
            tuple(json.loads(commands[-1])),
        )

    def copy_to(self, folder: Path) -> None:
        """Copy what the image has of the project."""
        for path in self.copied:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / path).is_dir():
                shutil.copytree(PROJECT / path, target)
            else:
                shutil.copy(PROJECT / path, target)
