"""Each way in which botocore finds no credentials is a sentence with its remedy."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import boto3
import pytest
from botocore import exceptions as vendor
from botocore.credentials import SSOProvider
from botocore.tokens import SSOTokenProvider

from app.services.workspace import Workspace
from aws import run_table
from aws.clients import connect
from aws.credential_errors import MISSING
from aws.errors import CloudError, CredentialsError, SettingsError, translated
from aws.settings import Settings
from aws.stack import stack_state
from tests.commands import answer, run, run_process

START = "https://school.awsapps.com/start"
LEGACY = f"""
[profile school]
sso_start_url = {START}
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Student
region = eu-west-1
"""
SESSION = f"""
[profile school]
sso_session = campus
sso_account_id = 123456789012
sso_role_name = Student
region = eu-west-1
[sso-session campus]
sso_start_url = {START}
sso_region = eu-west-1
"""


def process(*command: str) -> str:
    return f"[profile school]\nregion = eu-west-1\ncredential_process = {shlex.join(command)}\n"


def cached(key: str) -> tuple[str, str]:
    """An SSO token that has ended, as `aws sso login` keeps it."""
    ended = datetime.now(UTC) - timedelta(hours=1)
    token = {"accessToken": "ended", "expiresAt": f"{ended:%Y-%m-%dT%H:%M:%SZ}", "startUrl": START}
    return f"{sha1(key.encode()).hexdigest()}.json", json.dumps(token)


CASES: list[tuple[str, str, dict[str, str], type[Exception], str, tuple[str, str] | None]] = [
    ("SSO never opened", LEGACY, {"AWS_PROFILE": "school"}, vendor.SSOTokenLoadError,
     "run `aws sso login --profile school`", None),
    ("SSO session never opened", SESSION, {"IRIS_PROFILE": "school"}, vendor.SSOTokenLoadError,
     "run `aws sso login --profile school`", None),
    ("SSO ended", LEGACY, {"AWS_PROFILE": "school"}, vendor.UnauthorizedSSOTokenError,
     "run `aws sso login --profile school`", cached(START)),
    ("SSO session ended", SESSION, {"AWS_PROFILE": "school"}, vendor.TokenRetrievalError,
     "run `aws sso login --profile school`", cached("campus")),
    ("SSO of the default profile", LEGACY.replace("profile school", "default"), {},
     vendor.SSOTokenLoadError, "run `aws sso login` and", None),
    ("SSO session not there", SESSION.replace("sso-session campus", "sso-session other"),
     {"AWS_PROFILE": "school"}, vendor.InvalidConfigError, "mend the profile in", None),
    ("program fails", process(sys.executable, "-c", "raise ValueError('locked')"),
     {"AWS_PROFILE": "school"}, vendor.CredentialRetrievalError,
     "setting `credential_process` of the profile .* received: ValueError: locked", None),
    ("program is missing", process("/no/such/vault"), {"AWS_PROFILE": "school"},
     vendor.CredentialRetrievalError,
     "setting `credential_process` .* No such file or directory: /no/such/vault", None),
    ("program says something else", process(sys.executable, "-c", "print('hello')"),
     {"AWS_PROFILE": "school"}, vendor.CredentialRetrievalError,
     "setting `credential_process` .* JSON", None),
    ("profile is missing", LEGACY, {"AWS_PROFILE": "nobody"}, vendor.ProfileNotFound,
     "nobody.* `aws configure list-profiles`", None),
    ("nothing at all", "", {"AWS_REGION": "eu-west-1"}, vendor.NoCredentialsError,
     "run `aws configure`, or choose the local cloud", None),
    ("half of a key", "", {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDALONE"},
     vendor.PartialCredentialsError, "missing: AWS_SECRET_ACCESS_KEY", None),
    ("configuration is broken", "[default\nregion", {"AWS_REGION": "eu-west-1"},
     vendor.ConfigParseError, "mend the file, .*: Unable to parse config file", None),
]  # fmt: skip


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write AWS's files for a case and set its environment; nothing else names credentials."""

    def prepared(
        config: str, environment: dict[str, str], token: tuple[str, str] | None = None
    ) -> None:
        (tmp_path / "config").write_text(config)
        cache = tmp_path / "cache"
        cache.mkdir()
        if token:
            (cache / token[0]).write_text(token[1])
        for provider in (SSOProvider, SSOTokenProvider):
            monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(cache))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return prepared


@pytest.mark.parametrize(
    ("config", "environment", "kind", "remedy", "token"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_botocore_misses_is_a_sentence_with_the_remedy(
    prepare: Callable[..., None],
    tmp_path: Path,
    config: str,
    environment: dict[str, str],
    kind: type[Exception],
    remedy: str,
    token: tuple[str, str] | None,
) -> None:
    prepare(config, environment, token)
    settings = Settings.from_mapping({"IRIS_TARGET": "aws", **environment})

    def work() -> None:
        with translated("looking at the stack"):
            stack_state(connect(settings))

    with pytest.raises(CredentialsError, match=remedy) as caught:
        work()
    assert isinstance(caught.value.__cause__, kind)
    assert issubclass(kind, MISSING)
    # AND a command says so in one line, without a traceback
    done = run(tmp_path / "home", "cloud", "status", "--target", "aws", "--json", **environment)
    assert answer(done, status=2)["kind"] == "CredentialsError"
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("log", [(), ("--log",)], ids=["quiet", "logged"])
def test_command_with_an_sso_session_that_is_not_open_writes_no_traceback(
    prepare: Callable[..., None], tmp_path: Path, log: tuple[str, ...]
) -> None:
    prepare(SESSION, {"AWS_PROFILE": "school"})
    done = run_process(tmp_path / "home", "cloud", "status", "--target", "aws", *log)
    assert done.returncode == 2
    assert "aws sso login --profile school" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_client_without_a_region_asks_for_one(prepare: Callable[..., None]) -> None:
    prepare("", {})
    with pytest.raises(SettingsError, match="Name the region") as caught, translated("testing"):
        boto3.Session().client("dynamodb")
    assert isinstance(caught.value.__cause__, vendor.NoRegionError)


def test_credentials_that_come_later_are_used_without_a_restart(
    prepare: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a workspace that found no program for its credentials
    prepare(process("/no/such/vault"), {"AWS_PROFILE": "school"})
    workspace = Workspace(tmp_path / "home", Settings(target="aws"))

    def read() -> None:
        next(run_table.runs(workspace.cloud()), None)

    with pytest.raises(CredentialsError, match="credential_process"):
        read()
    # WHEN the setting is mended
    printed = json.dumps({"Version": 1, "AccessKeyId": "AKIDLATER", "SecretAccessKey": "later"})
    (tmp_path / "config").write_text(process("/bin/echo", printed))
    # THEN the next request is signed with what it prints
    used: list[str] = []

    def stop(request: object, **_call: object) -> None:
        used.append(str(getattr(request, "headers", {}).get("Authorization")))
        raise vendor.ConnectTimeoutError(endpoint_url="nowhere")

    workspace.cloud().session.events.register("before-send", stop)
    with pytest.raises(CloudError):
        read()
    assert "AKIDLATER" in used[0]
    workspace.close()
