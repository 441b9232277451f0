"""The log is filtered where it is kept, and no line that contains the text is lost by that."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws import function
from aws.clients import Cloud
from aws.function import LONGEST_PATTERN, filter_pattern

REGEX = re.compile(r"[A-Za-z0-9_#=@/;,.*-]+", re.ASCII)
"""What AWS's regular expressions may hold, as far as we use it."""
line_texts = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"))


@given(before=line_texts, text=line_texts.filter(bool), after=line_texts)
def test_pattern_finds_every_line_that_contains_the_text(
    before: str, text: str, after: str
) -> None:
    pattern = filter_pattern(text)
    assert len(pattern) <= LONGEST_PATTERN + 2
    assert pattern[0] == pattern[-1] == "%"
    assert REGEX.fullmatch(pattern[1:-1])
    assert re.search(pattern[1:-1], before + text + after, re.DOTALL)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("refused", "%refused%"),
        ('"runs": {"2026', "%.runs.....2026%"),
        ("species: ü, ö", "%species...*,..*%"),
        ("\nsecond line", ""),
        ("x" * 2000, f"%{'x' * LONGEST_PATTERN}%"),
    ],
)
def test_pattern_keeps_what_aws_knows_and_leaves_the_rest_open(text: str, pattern: str) -> None:
    assert filter_pattern(text) == pattern


def requests_of(cloud: Cloud) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    cloud.logs.meta.events.register(
        "provide-client-params.logs.FilterLogEvents", lambda params, **_: seen.append(dict(params))
    )
    return seen


def test_aws_is_asked_for_the_lines_that_are_wanted_alone(moto_cloud: Cloud) -> None:
    seen = requests_of(moto_cloud)
    since = datetime(2026, 11, 22, tzinfo=UTC)
    function.log_lines(moto_cloud, since=since, containing="refused")
    function.log_lines(moto_cloud)
    group = "/aws/lambda/IrisLambdaFn"
    assert seen == [
        {"logGroupName": group, "startTime": 1795305600000, "filterPattern": "%refused%"},
        {"logGroupName": group},
    ]


@pytest.mark.cloud
def test_local_cloud_is_asked_for_all_lines(local_cloud: Cloud) -> None:
    seen = requests_of(local_cloud)
    function.log_lines(local_cloud, containing='"received"')
    assert "filterPattern" not in seen[0]
