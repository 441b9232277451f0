"""A setting that cannot be meant is refused with its name, and no endpoint leads astray."""

from __future__ import annotations

import pytest

from aws.clients import connect, connect_local
from aws.errors import SettingsError
from aws.settings import Settings
from tests.faults.budget import budget

# The variable, what it holds, and a word of what was expected.
REFUSED = [
    pytest.param("TARGET", "azure", "'local' or 'aws'", id="other cloud"),
    pytest.param("TARGET", "AWS", "'local' or 'aws'", id="target in capitals"),
    pytest.param("TARGET", " aws", "'local' or 'aws'", id="target with a space"),
    pytest.param("REGION", "Frankfurt", "us-east-1", id="region by its city"),
    pytest.param("REGION", "us-east-1\n", "us-east-1", id="region with a line end"),
    pytest.param("REGION", "us-east-1.evil.com", "us-east-1", id="region with a host"),
    pytest.param("REGION", "us-east-1/../x", "us-east-1", id="region with a path"),
    pytest.param("REGION", "us-east-1@evil.com:80#-1", "us-east-1", id="region with a user"),
    pytest.param("REGION", "us-east-\u0661", "us-east-1", id="region with an Arabic digit"),
    pytest.param("REGION", "aws-global", "us-east-1", id="partition instead of a region"),
    pytest.param("PROFILE", "a\n[b]", "on one line", id="profile with a section of its own"),
    pytest.param("PROFILE", "p" * 129, "on one line", id="long profile"),
    pytest.param("PREFIX", "team_dev", "at most 28 letters", id="prefix with an underscore"),
    pytest.param("PREFIX", "1st", "a letter first", id="prefix that begins with a digit"),
    pytest.param("PREFIX", "../x", "at most 28 letters", id="prefix with a path"),
    pytest.param("PREFIX", "t" * 29, "at most 28 letters", id="long prefix"),
    pytest.param("STACK", "1st", "a letter first", id="stack that begins with a digit"),
    pytest.param("STACK", "a" * 129, "a letter first", id="long stack"),
    pytest.param("SCORE_TABLE", "no spaces please", "3 to 64 letters", id="table with spaces"),
    pytest.param("SCORE_TABLE", "../x", "3 to 64 letters", id="table with a path"),
    pytest.param("SCORE_TABLE", "Bl\u00fcten", "3 to 64 letters", id="table with an umlaut"),
    pytest.param("RUNS_TABLE", "ab", "3 to 64 letters", id="short table"),
    pytest.param("RETRAIN_TABLE", "x" * 100_000, "3 to 64 letters", id="long table"),
    pytest.param(
        "RETRAIN_TABLE", "IrisExtended", "three different names", id="two tables of a name"
    ),
    pytest.param("FUNCTION", "name with blanks", "1 to 48 letters", id="function with blanks"),
    pytest.param("FUNCTION", "$(id)", "1 to 48 letters", id="function with a command"),
    pytest.param("ROLE_ARN", "LabRole", "a role's ARN", id="role by its name"),
    pytest.param("ROLE_ARN", "arn:aws:iam::12:role/x", "a role's ARN", id="account of two digits"),
    pytest.param("ROLE_ARN", "arn:aws:iam::123456789012:user/x", "a role's ARN", id="user"),
    pytest.param(
        "ROLE_ARN", "arn:aws:iam::123456789012:role/<b> x", "a role's ARN", id="role with HTML"
    ),
    pytest.param(
        "ROLE_ARN", "arn:aws:iam::123456789012:role/", "a role's ARN", id="role without a name"
    ),
    pytest.param("THRESHOLD", "0,9", "from 0 to 1", id="decimal comma"),
    pytest.param("THRESHOLD", "1.1", "from 0 to 1", id="threshold above 1"),
    pytest.param("THRESHOLD", "-0.1", "from 0 to 1", id="negative threshold"),
    pytest.param("THRESHOLD", "nan", "from 0 to 1", id="threshold that is no number"),
    pytest.param("THRESHOLD", "90%", "from 0 to 1", id="percentage"),
    pytest.param("THRESHOLD", "0_9", "from 0 to 1", id="threshold with an underscore"),
    pytest.param("THRESHOLD", "\uff10.9", "from 0 to 1", id="full-width threshold"),
    pytest.param(
        "THRESHOLD", "1e-999999999", "from 0 to 1", id="threshold of nine digits of exponent"
    ),
    pytest.param("PROTECT", "yes", "'on', 'off' or nothing", id="protection in other words"),
    pytest.param("KEEP_DAYS", "0", "days from 1 to 9999", id="kept for no day"),
    pytest.param("KEEP_DAYS", "\uff13", "days from 1 to 9999", id="full-width days"),
    pytest.param("KEEP_DAYS", "10000", "days from 1 to 9999", id="too many days"),
    pytest.param("THREADS", "0", "1 to 64 threads", id="no threads"),
    pytest.param("THREADS", "65", "1 to 64 threads", id="too many threads"),
    pytest.param("THREADS", "many", "1 to 64 threads", id="threads in words"),
    pytest.param("THREADS", "-3", "1 to 64 threads", id="negative threads"),
    pytest.param("THREADS", "8.0", "1 to 64 threads", id="threads as a fraction"),
    pytest.param("THREADS", "\uff18", "1 to 64 threads", id="full-width threads"),
    pytest.param("THREADS", "\u00b2", "1 to 64 threads", id="superscript threads"),
    pytest.param("THREADS", "9" * 5_000, "1 to 64 threads", id="threads of 5,000 digits"),
]


@pytest.mark.parametrize(("name", "value", "expected"), REFUSED)
def test_bad_setting_names_the_variable_and_what_came(name: str, value: str, expected: str) -> None:
    with budget(), pytest.raises(SettingsError) as caught:
        Settings.from_mapping({f"IRIS_{name}": value})
    message = str(caught.value)
    assert expected in message
    assert f"IRIS_{name}" in message
    assert message.partition("received ")[2].startswith((value, repr(value)[:40]))
    assert len(message) < 400


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://127.0.0.1",
        "https://127.0.0.1:4566",
        "http://127.0.0.1.evil.com:80",
        "http://localhost:4566",
        "http://localhost@evil.com:80",
        "http://127.0.0.1:80@evil.com",
        "http://evil.com\\@127.0.0.1:80",
        "http://evil.com#@127.0.0.1:80",
        "http://127.0.0.1:80/../x",
        "http://127.0.0.1:80\n",
        "http://0x7f000001:80",
        "http://2130706433:80",
        "http://127.1:80",
        "http://0.0.0.0:80",
        "http://[::]:80",
        "http://[::ffff:10.0.0.1]:80",
        "http://[::1%25eth0]:80",
        "http://169.254.169.254:80",
        "http://\uff11\uff12\uff17.0.0.1:80",
        "file:///etc/passwd",
        "http://" + "a" * 100_000,
    ],
    ids=lambda endpoint: ascii(endpoint[:40]),
)
def test_endpoint_that_is_not_on_the_loopback_is_refused(endpoint: str) -> None:
    with budget(), pytest.raises(SettingsError, match=r"http://127\.0\.0\.1:PORT") as caught:
        connect_local(Settings(), endpoint)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://[::1]:4566"])
def test_endpoint_on_the_loopback_is_where_requests_go(endpoint: str) -> None:
    assert connect_local(Settings(), endpoint).dynamodb.meta.endpoint_url == endpoint


def test_endpoint_of_the_environment_does_not_stand_in_for_aws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.setenv(name, "http://evil.com")
    cloud = connect(Settings(target="aws"))
    assert cloud.dynamodb.meta.endpoint_url == "https://dynamodb.us-east-1.amazonaws.com"
