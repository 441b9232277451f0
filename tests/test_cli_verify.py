"""The command that verifies: on the local cloud for true, on AWS only when that is confirmed."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.left_overs import command, left_overs, note
from app.services.verification import throw_away
from app.services.workspace import Workspace
from aws import stack
from aws.settings import Settings
from tests.aws.idle_account import idle_account
from tests.commands import answer, run
from tests.test_cli_cloud import Terminal

AWS = ("cloud", "verify", "--target", "aws", "--json", "--timeout", "0.01")


@pytest.fixture
def on_aws() -> Iterator[None]:
    with idle_account():
        yield


@pytest.mark.cloud
def test_every_promise_is_kept_on_the_local_cloud(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    done = run(tmp_path, "cloud", "verify", "--json", "--report", report)
    found = answer(done)
    assert (found["well"], found["broken"], found["kept"]) == (True, [], 12)
    assert (found["left_over"], left_overs(tmp_path)) == (None, [])
    assert "$0.02 at most" in done.stderr.splitlines()[0]
    assert done.stderr.count("\nkept ") == 12
    written = report.read_text("utf-8")
    assert written.count("| yes |") == 12
    assert "ministack" in written


@pytest.mark.parametrize("typed", [None, "", "yes\n", "iris-verify-\n"])
def test_nothing_is_made_on_aws_unless_its_prefix_is_typed(
    on_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str | None
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Terminal(typed))
    done = run(tmp_path, *AWS)
    assert "nothing was made" in answer(done, status=2)["error"]
    assert re.search(r"account 123456789012.*\$0\.02 at most", done.stderr)
    assert not (tmp_path / "verifications").exists()


def test_broken_promise_is_reported_with_a_status_and_all_is_deleted(
    on_aws: None, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    done = run(tmp_path, *AWS, "--yes", "--report", report)
    found = answer(done, status=1)
    assert "The run reconciles" in found["broken"]
    assert found["promises"][-1]["name"] == "Destroy leaves nothing"
    assert found["promises"][-1]["kept"]
    assert "BROKEN  The run reconciles: expected 40 tested" in done.stderr
    assert "123456789012" not in report.read_text("utf-8")
    assert not left_overs(tmp_path)


def test_what_a_killed_verification_left_is_named_and_its_command_deletes_it(
    on_aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN one that was killed when its stack was made
    workspace = Workspace(tmp_path, Settings(target="aws"))
    cloud = throw_away(workspace)
    left = note(tmp_path, cloud)
    stack.deploy(cloud)
    # WHEN the next one begins, THEN it names what is left
    deletes = command(tmp_path, left)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert deletes in run(tmp_path, *AWS).stderr
    # AND the command deletes it, and the note
    words = shlex.split(deletes)
    variables = dict(word.split("=") for word in words if word.startswith("IRIS_"))
    arguments = words[words.index("cli.py") + 1 : words.index("--home")]
    assert answer(run(tmp_path, *arguments, "--json", **variables))["destroyed"]
    assert stack.stack_state(cloud) is None
    assert not left_overs(tmp_path)
