"""The container has what the dashboard needs, and nothing that it should not have."""

from __future__ import annotations

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

from tests.dockerfile import PROJECT, Image

BUILD = ("requirements.lock",)


def test_command_line_runs_from_what_is_copied(tmp_path: Path) -> None:
    Image.read().copy_to(tmp_path / "image")
    done = subprocess.run(
        [sys.executable, "cli.py", "data", "list", "--json", "--home", str(tmp_path / "home")],
        cwd=tmp_path / "image",
        env={"HOME": "/proc/none", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_build_context_is_what_is_copied() -> None:
    lines = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(Image.read().copied)
    # no secrets, no environment, no tests
    sent = [rule[1:] for rule in rules if rule.startswith("!")]
    for path in (".streamlit/secrets.toml", ".git", ".venv", "tests", ".env"):
        assert not any(fnmatch(path, pattern) for pattern in sent)


def test_runs_as_nobody_in_particular_with_its_workspace_on_a_volume() -> None:
    text = (PROJECT / "Dockerfile").read_text("utf-8")
    image = Image.read()
    assert f"VOLUME {image.environment['IRIS_HOME']}" in text
    assert "\nUSER 1000\n" in text
    # without a shell the signal to stop reaches the dashboard
    assert image.command[:4] == ("python", "-m", "streamlit", "run")
    assert {*BUILD} <= {*image.copied}
