"""Settings are checked where they are read."""

from __future__ import annotations

import pytest

from aws.errors import SettingsError
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TARGET", "azure"),
        ("REGION", "Frankfurt"),
        ("SCORE_TABLE", "no spaces please"),
        ("SCORE_TABLE", "../x"),
        ("RUNS_TABLE", "ab"),
        ("FUNCTION", "name with blanks"),
        ("ROLE_ARN", "LabRole"),
        ("THRESHOLD", "0,9"),
        ("THRESHOLD", "1.1"),
        ("THREADS", "0"),
        ("THREADS", "many"),
        ("THREADS", "-3"),
    ],
)
def test_bad_setting_names_the_variable_and_what_came(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"IRIS_{name}, received") as caught:
        Settings.from_mapping({f"IRIS_{name}": value})
    assert value in str(caught.value)


def test_two_tables_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError, match="three different names"):
        Settings.from_mapping({"IRIS_SCORE_TABLE": "Same", "IRIS_RUNS_TABLE": "Same"})
