"""Settings are checked where they are read."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws.errors import SettingsError
from aws.settings import PREFIX_CHARACTERS, Settings

NAMES = ("stack", "score_table", "retrain_table", "runs_table", "function")
PREFIXES = st.from_regex(rf"[A-Za-z][A-Za-z0-9-]{{0,{PREFIX_CHARACTERS - 1}}}", fullmatch=True)
ROLE_CHARACTERS = 64
"""IAM's limit for the name of a role."""


def test_default_is_the_local_cloud() -> None:
    assert Settings.from_mapping({}).target == "local"


def test_settings_are_read_from_the_environment() -> None:
    read = Settings.from_mapping(
        {"IRIS_TARGET": "aws", "IRIS_THREADS": "3", "IRIS_SCORE_TABLE": "Scores", "OTHER": "x"}
    )
    assert read == Settings(target="aws", threads=3, score_table="Scores")


def test_region_of_the_aws_tools_counts_where_ours_is_not_set() -> None:
    assert Settings.from_mapping({"AWS_DEFAULT_REGION": "eu-west-1"}).region == "eu-west-1"
    both = {"AWS_REGION": "eu-west-1", "IRIS_REGION": "us-west-2"}
    assert Settings.from_mapping(both).region == "us-west-2"


def test_region_and_profile_are_left_to_boto3_where_nobody_names_them() -> None:
    assert (Settings().region, Settings().profile) == ("", "")
    named = Settings.from_mapping({"IRIS_PROFILE": "the school's", "AWS_PROFILE": "other"})
    assert named.profile == "the school's"


def test_without_a_prefix_the_names_are_those_of_the_lab() -> None:
    settings = Settings.from_mapping({"IRIS_PREFIX": ""})
    assert [getattr(settings, name) for name in NAMES] == [
        "IrisLoop",
        "IrisExtended",
        "IrisExtendedRetrain",
        "IrisExtendedRuns",
        "IrisLambdaFn",
    ]
    assert settings == Settings()


@given(PREFIXES)
def test_prefix_begins_every_name_and_all_of_them_are_allowed(prefix: str) -> None:
    settings, plain = Settings.from_mapping({"IRIS_PREFIX": prefix}), Settings()
    assert all(getattr(settings, name) == f"{prefix}-{getattr(plain, name)}" for name in NAMES)
    # Set by themselves they are checked by their own rules.
    assert Settings(**asdict(settings)) == settings
    assert len(f"{settings.stack}-FunctionRole-{'X' * 13}") <= ROLE_CHARACTERS


def test_name_that_is_set_by_itself_has_no_prefix() -> None:
    settings = Settings.from_mapping({"IRIS_PREFIX": "team-dev", "IRIS_SCORE_TABLE": "Scores"})
    assert (settings.score_table, settings.function) == ("Scores", "team-dev-IrisLambdaFn")


def test_name_that_is_set_to_a_derived_one_of_another_table_is_refused() -> None:
    with pytest.raises(SettingsError, match="three different names"):
        Settings(prefix="team", score_table="team-IrisExtendedRuns")


def test_clouds_of_a_workspace_have_different_names() -> None:
    clouds = [
        Settings(target=target, prefix=prefix)
        for target in ("local", "aws")
        for prefix in ("", "a", "b")
    ]
    assert [cloud.cloud_name for cloud in clouds] == [
        *("local", "local-a", "local-b"),
        *("aws", "aws-a", "aws-b"),
    ]
