"""A verification deletes what it made, whatever happens, and its report names no account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.services.export.verification_report import verification_report
from app.services.left_overs import PREFIX, LeftOver, command, left_overs, note
from app.services.verification import Verification, throw_away, verify
from app.services.workspace import Workspace
from aws import stack
from aws.clients import Cloud
from aws.errors import DeployError
from aws.inventory import take_inventory
from aws.settings import Settings
from aws.verification import Promise
from iris_core.errors import Cancelled
from tests.aws.idle_account import idle_account

CHOSEN = Settings(
    target="aws",
    prefix="team",
    score_table="Named",
    region="eu-west-1",
)
ROLE = "arn:aws:iam::123456789012:role/LabRole"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with idle_account():
        made = Workspace(tmp_path / "home", CHOSEN)
        yield made
        made.close()


def nothing_is_left(workspace: Workspace, cloud: Cloud) -> bool:
    return not take_inventory(cloud).there and not left_overs(workspace.home)


def test_names_are_thrown_away_and_the_account_is_the_chosen_one(workspace: Workspace) -> None:
    workspace.settings = replace(CHOSEN, role_arn=ROLE, alarm="ops@example.org")
    one, other = (throw_away(workspace).settings for _ in range(2))
    assert one.prefix != other.prefix
    assert one.prefix.startswith(PREFIX)
    assert one.score_table == f"{one.prefix}-IrisExtended"
    assert (one.region, one.role_arn) == (CHOSEN.region, ROLE)
    # AND no alarm is made, nor paid
    assert one.alarm == ""


class Interruption:
    """Whoever watches, and interrupts at the second promise."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error
        self.seen: list[Promise] = []

    def __call__(self, promise: Promise) -> None:
        self.seen.append(promise)
        if len(self.seen) == 2:
            raise self.error


def test_verification_that_is_stopped_deletes_what_it_made(workspace: Workspace) -> None:
    cloud = throw_away(workspace)
    found = verify(workspace, cloud, patience=0.01, on_promise=Interruption(KeyboardInterrupt))
    assert (found.stopped, found.well, len(found.promises), found.left_over) == (True, False, 3, "")
    assert nothing_is_left(workspace, cloud)
    assert "3 of 3 promises kept, then it was stopped" in verification_report(found)


def test_verification_that_fails_deletes_what_it_made(workspace: Workspace) -> None:
    cloud, watcher = throw_away(workspace), Interruption(ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        verify(workspace, cloud, patience=0.01, on_promise=watcher)
    assert watcher.seen[-1].name == "Destroy leaves nothing"
    assert nothing_is_left(workspace, cloud)


def test_stack_that_cannot_be_deleted_is_named_with_the_command(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_cloud: Cloud) -> bool:
        raise DeployError("The stack stays: AccessDenied.")

    monkeypatch.setattr(stack, "destroy", refuse)
    cloud = throw_away(workspace)
    found = verify(workspace, cloud, patience=0.01)
    assert found.promises[-1].received == "The stack stays: AccessDenied."
    (left,) = left_overs(workspace.home)
    assert found.left_over == command(workspace.home, left)
    assert found.left_over == (
        f"IRIS_PREFIX={cloud.settings.prefix} IRIS_REGION=eu-west-1 python cli.py cloud destroy "
        f"--target aws --yes --no-export --home {workspace.home}"
    )
    assert f"left under {cloud.settings.prefix}" in verification_report(found)


def test_verification_that_is_stopped_twice_names_the_command(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_cloud: Cloud) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(stack, "destroy", stop)
    with pytest.raises(Cancelled, match=r"cli\.py cloud destroy --target aws"):
        verify(workspace, throw_away(workspace), patience=0.01)
    assert left_overs(workspace.home)


def test_note_that_cannot_be_read_still_has_its_name(workspace: Workspace) -> None:
    cloud = throw_away(workspace)
    prefix = note(workspace.home, cloud).prefix
    folder = workspace.home / "verifications"
    (folder / f"{prefix}.json").write_text("{")
    (folder / "notes.json").write_text("{}")
    assert left_overs(workspace.home) == [LeftOver(prefix)]


def test_report_has_no_account_and_no_key(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-of-the-session")
    denied = (
        "User: arn:aws:iam::123456789012:user/ana is not authorized | account 123456789012, "
        "key AKIAIOSFODNN7EXAMPLE, a-token-of-the-session"  # pragma: allowlist secret
    )
    promises = (
        Promise("One is kept", "1", "1", 0.5, kept=True),
        Promise("One is not", "nothing", denied, 1.25, kept=False),
    )
    cloud = replace(workspace.cloud(), settings=replace(CHOSEN, role_arn=ROLE))
    report = verification_report(Verification(cloud, datetime.now(UTC), promises, 1.75))
    for secret in ("123456789012", "AKIA", "a-token-of-the-session"):
        assert secret not in report
    assert "| One is kept | yes | 1 | 1 | 0.5 |" in report
    assert "| One is not | **no** | nothing | User: arn:aws:iam::[redacted]:user/ana" in report
    for fact in ("1 of 2 promises kept", "eu-west-1", "| aws |", "botocore", "ready-made"):
        assert fact in report
