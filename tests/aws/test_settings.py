"""Settings are checked where they are read."""

from __future__ import annotations

from aws.settings import Settings


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
