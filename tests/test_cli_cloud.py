"""The command line's cloud commands, on a workspace that is still empty."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto import mock_aws

import cli
from app.cli.answers import ExitStatus
from aws import run_table, stack
from aws.clients import Cloud, connect
from aws.packaging import function_zip
from aws.settings import Settings
from iris_core.records.run import Run
from tests.aws.alarms import EMAIL, with_alarms
from tests.aws.samples import sample_run
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
    destroyed = answer(run(tmp_path, "cloud", "destroy", "--json"))
    assert (destroyed["destroyed"], destroyed["exported"]) == (True, None), "nobody was asked"
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


def test_status_names_the_alarms_and_one_that_went_off_is_not_well(tmp_path: Path) -> None:
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        stack.deploy(cloud)
        with_alarms(cloud, LagAlarm="ALARM")
        done = run(tmp_path, "cloud", "status", *AWS, IRIS_ALARM=EMAIL)
        status = answer(done, status=ExitStatus.DIFFERS)
        # AND without the choice nobody looks for them
        plain = answer(run(tmp_path, "cloud", "status", *AWS))
    states = {part["name"]: part["state"] for part in status["parts"] if part["kind"] == "alarm"}
    assert (states["IrisLambdaFn-lag"], states["IrisLambdaFn-errors"]) == ("ALARM", "OK")
    assert status["dashboard"].startswith("https://us-east-1.console.aws.amazon.com/cloudwatch/")
    assert (status["well"], status["threshold"], status["lag_records"]) == (False, "0.9", 0)
    assert (plain["well"], plain["dashboard"]) == (True, None)


AWS = ("--target", "aws", "--json")


@pytest.fixture
def on_aws() -> Iterator[Cloud]:
    """A stack on AWS with two lines in its log, of which the one is a day old."""
    with mock_aws():
        cloud = connect(Settings(target="aws"))
        stack.deploy(cloud)
        group, stream = "/aws/lambda/IrisLambdaFn", "of-a-test"
        cloud.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = datetime.now(UTC)
        texts = ((now - timedelta(days=1), "refused yesterday"), (now, "refused (2), just now"))
        cloud.logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": int(at.timestamp() * 1000), "message": t} for at, t in texts],
        )
        yield cloud


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["refused yesterday", "refused (2), just now"]),
        (("--since", "2h"), ["refused (2), just now"]),
        (("--since", "90m", "--containing", "(2)"), ["refused (2), just now"]),
        (("--since", "2d", "--containing", "yester"), ["refused yesterday"]),
        (("--since", "2020-01-01T00:00Z", "--containing", "fused"),
         ["refused yesterday", "refused (2), just now"]),
        (("--since", "9999-01-01"), []),
        (("--containing", "copied"), []),
    ],
)  # fmt: skip
def test_log_is_read_since_a_time_and_with_a_text(
    on_aws: Cloud, tmp_path: Path, options: tuple[str, ...], found: list[str]
) -> None:
    shown = answer(run(tmp_path, "cloud", "logs", *AWS, *options))["logs"]
    assert [line["text"] for line in shown] == found


@pytest.mark.parametrize("since", ["yesterday", "2 h", "-3h", "2w", "2026-13-01", "99999d"])
def test_time_that_cannot_be_read_is_refused(on_aws: Cloud, tmp_path: Path, since: str) -> None:
    refused = answer(run(tmp_path, "cloud", "logs", *AWS, f"--since={since}"), status=2)
    assert "such as 30m, 2h, 3d" in refused["error"]


class Terminal(io.StringIO):
    """A terminal on which a person types something."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("typed", [None, "", "yes\n", "irisloop\n"])
def test_stack_on_aws_is_not_destroyed_unless_its_name_is_typed(
    on_aws: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str | None
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Terminal(typed))
    done = run(tmp_path, "cloud", "destroy", *AWS)
    assert "nothing was deleted" in answer(done, status=2)["error"]
    assert "AWS account 123456789012" in done.stderr
    assert stack.stack_state(on_aws) == "UPDATE_COMPLETE"
    assert not (tmp_path / "exports").exists()


def test_stack_on_aws_is_destroyed_when_its_name_is_typed_and_its_runs_are_exported(
    on_aws: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = sample_run(3)
    run_table.save(on_aws, noted)
    monkeypatch.setattr("sys.stdin", Terminal("IrisLoop\n"))
    destroyed = answer(run(tmp_path, "cloud", "destroy", *AWS))
    folder = Path(destroyed["exported"])
    assert folder.parent == tmp_path / "exports"
    assert (destroyed["destroyed"], destroyed["runs"], destroyed["verdicts"]) == (True, 1, 0)
    assert Run.from_dict(json.loads((folder / "runs.jsonl").read_text())) == noted
    assert stack.stack_state(on_aws) is None
    # AND what is not there is neither asked about nor exported
    again = answer(run(tmp_path, "cloud", "destroy", *AWS))
    assert (again["destroyed"], again["exported"]) == (False, None)


def test_export_goes_where_it_is_sent_or_nowhere(on_aws: Cloud, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    destroyed = answer(run(tmp_path, "cloud", "destroy", *AWS, "--yes", "--out", out))
    assert destroyed["exported"] == str(out)
    assert {path.name for path in out.iterdir()} == {
        "history.jsonl",
        "runs.jsonl",
        "verdicts.jsonl",
    }
    stack.deploy(on_aws)
    destroyed = answer(run(tmp_path, "cloud", "destroy", *AWS, "--yes", "--no-export"))
    assert (destroyed["destroyed"], destroyed["exported"]) == (True, None)
    assert not (tmp_path / "exports").exists()


def test_policies_are_written_for_the_names_and_the_region_of_aws(tmp_path: Path) -> None:
    out = tmp_path / "policies"
    written = answer(
        run(
            tmp_path,
            *("cloud", "policies", "--out", out, "--json"),
            IRIS_PREFIX="team-dev",
            IRIS_REGION="cn-north-1",
        )
    )
    assert written == {name: str(out / f"{name}.json") for name in ("dashboard", "deployer")}
    for path in map(Path, written.values()):
        text = path.read_text("utf-8")
        assert json.loads(text)["Version"] == "2012-10-17"
        assert "arn:aws-cn:cloudformation:cn-north-1:*:stack/team-dev-IrisLoop/*" in text
        assert "arn:aws:" not in text


def test_package_is_the_zip_for_the_console(tmp_path: Path) -> None:
    out = tmp_path / "function.zip"
    answer(run(tmp_path, "cloud", "package", "--out", out, "--json"))
    assert out.read_bytes() == function_zip()
    assert zipfile.is_zipfile(out)
