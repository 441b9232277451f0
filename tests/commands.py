"""Commands of the command line, run for the tests."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli

PROJECT = Path(__file__).parents[1]
DATA = PROJECT / "data" / "extended_iris.csv"

Done = subprocess.CompletedProcess[str]


def run(home: Path, *arguments: object, **environment: str) -> Done:
    """Run a command in this process: TensorFlow is loaded but once."""
    words = [*map(str, arguments), "--home", str(home)]
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
        status = cli.main(words)
    return Done(words, status, out.getvalue(), err.getvalue())


def run_process(home: Path, *arguments: object) -> Done:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "cli.py", *map(str, arguments), "--home", str(home)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer(done: Done, *, status: int = 0) -> dict[str, Any]:
    """Return the one JSON object on standard output."""
    assert done.returncode == status, done.stderr
    decoded: dict[str, Any] = json.loads(done.stdout)
    return decoded
