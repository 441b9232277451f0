"""Region, profile and account: as boto3 finds them, and what is set for us goes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws

from aws.clients import Cloud, connect, connect_local
from aws.errors import CredentialsError, SettingsError
from aws.identity import Identity, identity
from aws.settings import Settings
from tests.faults.proxy import LOOPBACK

ACCOUNT = "123456789012"
CONFIG = """
[default]
region = eu-north-1
[profile school]
region = ap-southeast-2
aws_access_key_id = AKIDSCHOOL
aws_secret_access_key = of-the-school
[profile adrift]
output = json
[profile mistyped]
region = Frankfurt
"""  # pragma: allowlist secret


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files with profiles, and an environment that names no region."""
    path = tmp_path / "config"
    path.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.delenv("AWS_DEFAULT_REGION")


def region_of(**environment: str) -> str:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        return connect(Settings.from_mapping({"IRIS_TARGET": "aws", **environment})).settings.region


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, "eu-north-1"),
        ({"AWS_PROFILE": "school"}, "ap-southeast-2"),
        ({"IRIS_PROFILE": "school"}, "ap-southeast-2"),
        ({"AWS_PROFILE": "adrift", "IRIS_PROFILE": "school"}, "ap-southeast-2"),
        ({"AWS_PROFILE": "school", "AWS_DEFAULT_REGION": "us-west-1"}, "us-west-1"),
        ({"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1"}, "us-west-2"),
        ({"AWS_PROFILE": "school", "AWS_REGION": "us-west-2", "IRIS_REGION": "cn-north-1"},
         "cn-north-1"),
    ],
)  # fmt: skip
def test_region_is_ours_then_the_environments_then_the_profiles(
    profiles: None, environment: dict[str, str], region: str
) -> None:
    assert region_of(**environment) == region


@pytest.mark.parametrize(
    ("profile", "received"), [("adrift", "found none"), ("mistyped", "received 'Frankfurt'")]
)
def test_profile_without_a_region_is_named_with_the_remedy(
    profiles: None, profile: str, received: str
) -> None:
    with pytest.raises(SettingsError, match="aws configure set region") as caught:
        region_of(AWS_PROFILE=profile)
    assert f"--profile {profile}`" in str(caught.value)
    assert received in str(caught.value)


def test_every_region_of_every_partition_is_accepted() -> None:
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    assert {"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso-f"} <= set(partitions)
    regions = {
        (partition, region)
        for partition in partitions
        for service in ("dynamodb", "lambda", "cloudformation", "sts")
        for region in session.get_available_regions(service, partition)
    }
    assert len(regions) > 40
    for partition, region in sorted(regions):
        role = f"arn:{partition}:iam::{ACCOUNT}:role/service-role/LabRole"
        assert Settings(target="aws", region=region, role_arn=role).region == region
    endpoints = {
        partition: connect(Settings(target="aws", region=region)).dynamodb.meta.endpoint_url
        for partition, region in sorted(regions)
    }
    assert endpoints["aws-eusc"] == "https://dynamodb.eusc-de-east-1.amazonaws.eu"
    assert endpoints["aws-cn"].endswith(".amazonaws.com.cn")


@mock_aws
def test_account_region_profile_and_role_are_those_of_the_credentials(
    profiles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(target="aws", profile="school")
    assert identity(connect(settings)) == Identity(
        account=ACCOUNT, region="ap-southeast-2", profile="school", role="user moto"
    )
    # the keys of the environment are nobody's profile, even where it names one
    monkeypatch.setenv("AWS_PROFILE", "school")
    assert identity(connect(Settings(target="aws"))).profile == ""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert identity(connect(Settings(target="aws"))).profile == "school"


def answering(arn: str | Exception) -> tuple[Cloud, list[str]]:
    """A cloud on AWS whose caller has an ARN, and the requests that it is asked for it."""
    cloud = connect(Settings(target="aws"))
    asked: list[str] = []

    def answer(**_call: Any) -> tuple[Any, dict[str, Any]]:
        asked.append("GetCallerIdentity")
        if isinstance(arn, Exception):
            raise arn
        http = type("Answer", (), {"status_code": 200})
        return http, {"Arn": arn, "ResponseMetadata": {"RequestId": "r"}}

    handler: Any = answer
    cloud.session.events.register("before-call.sts", handler)
    return cloud, asked


@pytest.mark.parametrize(
    ("arn", "role"),
    [
        ("arn:aws:sts::123456789012:assumed-role/LabRole/ada@school", "LabRole"),
        ("arn:aws-us-gov:iam::123456789012:user/staff/Ada", "user Ada"),
        ("arn:aws-cn:iam::123456789012:root", "root"),
    ],
)
def test_caller_is_asked_for_once_and_named_without_its_session(arn: str, role: str) -> None:
    cloud, asked = answering(arn)
    for _ in range(3):
        found = identity(cloud)
    assert (found.account, found.role) == (ACCOUNT, role)
    assert str(found) == f"account {ACCOUNT}, region us-east-1, role {role}"
    assert len(asked) == 1


def test_account_is_not_known_where_a_network_hides_who_knows() -> None:
    cloud, asked = answering(
        ConnectTimeoutError(endpoint_url="https://sts.us-east-1.amazonaws.com")
    )
    for _ in range(2):
        assert str(identity(cloud)) == "account not known, region us-east-1"
    assert len(asked) == 1


def test_without_credentials_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(CredentialsError, match="aws configure"):
        identity(connect(Settings(target="aws")))


def test_local_cloud_has_a_region_and_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3.Session, "client", lambda *_, **__: pytest.fail("nobody is asked"))
    cloud = connect_local(Settings(), f"http://{LOOPBACK}:9")
    assert identity(cloud) == Identity(region="us-east-1")
