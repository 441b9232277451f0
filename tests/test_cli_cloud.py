"""The command line's cloud commands, on a workspace that is still empty."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from moto import mock_aws

import cli
from app.cli.answers import ExitStatus
from aws.packaging import function_zip
from tests.commands import answer, run

pytestmark = pytest.mark.cloud


def test_cloud_commands_deploy_set_the_threshold_and_destroy(tmp_path: Path) -> None:
    status = answer(run(tmp_path, "cloud", "status", "--json"))
    assert (status["well"], status["target"], status["threshold"]) == (True, "local", "0.9")
    assert (status["account"], status["profile"], status["role"]) == (None, None, None)
    assert answer(run(tmp_path, "cloud", "deploy", "--json"))["stack"] == "IrisLoop"
    assert answer(run(tmp_path, "cloud", "threshold", "0.8", "--json")) == {"threshold": "0.8"}
    refused = answer(run(tmp_path, "cloud", "threshold", "1.5", "--json"), status=2)
    assert "from 0 to 1" in refused["error"]
    assert answer(run(tmp_path, "cloud", "status", "--json"))["threshold"] == "0.8"
    assert answer(run(tmp_path, "cloud", "destroy", "--json"))["destroyed"] is True
    assert "logs" in answer(run(tmp_path, "cloud", "logs", "--json"))


def test_status_without_a_stack_is_not_well_and_has_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        arguments = ["cloud", "status", "--target", "aws", "--json", "--home", str(tmp_path)]
        assert cli.main(arguments) == ExitStatus.DIFFERS
    status = json.loads(capsys.readouterr().out)
    assert status["well"] is False
    assert "lag_records" not in status


def test_deploy_says_first_in_whose_account(tmp_path: Path) -> None:
    with mock_aws():
        done = run(tmp_path, "cloud", "deploy", "--target", "aws", "--json", "--log")
        assert answer(done) == {
            "stack": "IrisLoop",
            "changed": True,
            "account": "123456789012",
            "region": "us-east-1",
            "profile": None,
            "role": "user moto",
        }
        first, *others = done.stderr.splitlines()
        assert first == (
            "Deploying the stack IrisLoop in AWS account 123456789012, region us-east-1, "
            "role user moto."
        )
        status = answer(run(tmp_path, "cloud", "status", "--target", "aws", "--json"))
        assert (status["account"], status["region"], status["well"]) == (
            "123456789012",
            "us-east-1",
            True,
        )
    # AND the number is on no other line, nor in the workspace
    assert len(others) > 1
    assert not [line for line in others if "123456789012" in line]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"123456789012" in path.read_bytes()]


def test_package_is_the_zip_for_the_console(tmp_path: Path) -> None:
    out = tmp_path / "function.zip"
    answer(run(tmp_path, "cloud", "package", "--out", out, "--json"))
    assert out.read_bytes() == function_zip()
    assert zipfile.is_zipfile(out)
