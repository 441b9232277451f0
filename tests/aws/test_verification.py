"""Verifying finds what is broken, whatever it is, and leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from aws import packaging
from aws.clients import Cloud, connect
from aws.inventory import take_inventory
from aws.packaging import function_source
from aws.settings import Settings
from aws.tables import typed
from aws.trial import THRESHOLD, estimated_dollars, known_reasons, known_records
from aws.verification import check_destroyed, check_promises
from iris_core.records.keys import key_of
from lambda_src import index
from lambda_src.index import evaluate_rule
from tests.aws.idle_account import idle_account

OWN = Settings(target="aws", prefix="iris-verify-abcdefgh", protect="off")


@pytest.fixture
def on_aws(_no_real_account: None) -> Iterator[Cloud]:
    """An account in which the function never runs."""
    with idle_account():
        yield connect(OWN)


def broken_on(cloud: Cloud, patience: float) -> set[str]:
    """The promises that are not kept; that nothing is left is."""
    promises = list(check_promises(cloud, patience=patience))
    promises.append(check_destroyed(cloud, patience=60))
    assert promises[-1].kept, promises[-1]
    return {promise.name for promise in promises if not promise.kept}


def test_known_reasons_are_those_of_the_rule() -> None:
    ruled = {
        record.row: evaluate_rule(
            record.class_string, record.actual_string, record.prob_string, Decimal(THRESHOLD)
        )
        for record in known_records()
    }
    assert known_reasons() == {row: reason for row, reason in ruled.items() if reason}
    assert set(ruled.values()) == {None, "wrong", "unsure", "wrong and unsure"}


def test_price_is_of_the_records_and_of_the_metrics_that_are_written() -> None:
    # A metric costs $0.30 a month of 730 hours; the records of a verification less than 0.1 cent.
    metrics = 27 * 2 * 0.3 / 730
    assert metrics < estimated_dollars() < metrics + 0.001


def test_metrics_in_the_price_are_those_that_the_function_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "copy_images", lambda images, _table: len(images))
    monkeypatch.setenv("RETRAIN_TABLE", "t")
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    records = [
        {"eventName": event, "dynamodb": {"NewImage": typed(record.to_item(key_of("r", 0)))}}
        for record in known_records()
        for event in ("INSERT", "MODIFY")
    ]
    assert len(index.lambda_handler({"Records": records})) == 9


def test_function_that_never_runs_is_found_and_all_is_deleted(on_aws: Cloud) -> None:
    broken = broken_on(on_aws, 0.01)
    assert not take_inventory(on_aws).there
    assert broken == {
        "Exactly the expected candidates are in the retrain table, with their reason",
        "A verdict is kept when its record is delivered again",
        "The run reconciles",
        "A replay changes nothing",
        "The function's log has the counts",
        "A changed threshold is in force",
    }


def test_after_a_deploy_that_fails_nothing_else_is_checked(
    on_aws: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging, "TEMPLATE_LIMIT", 1)
    (promise,) = check_promises(on_aws, patience=0.01)
    assert (promise.name, promise.kept) == ("Deploy makes the stack", False)
    assert "CloudFormation takes 1." in promise.received


BREAKS = {
    "copies too much": (
        "parse_share(threshold))\n    if reason is None",
        "parse_share('1'))\n    if reason is None",
        "Exactly the expected candidates are in the retrain table, with their reason",
    ),
    "forgets verdicts": (
        "values = {**image.fields, **dict(added)}",
        "values = {**image.fields, **dict(added), 'Verdict': 'undecided'}",
        "A verdict is kept when its record is delivered again",
    ),
    "writes no log": (
        '    print(json.dumps({"threshold": threshold, **line',
        '    str(json.dumps({"threshold": threshold, **line',
        "The function's log has the counts",
    ),
    "has its threshold from somewhere else": (
        '_variable("PROBABILITY_THRESHOLD")\n',
        '"0.9"\n',
        "A changed threshold is in force",
    ),
}
"""What of the function's source is replaced by what, and the promise that it breaks."""


@pytest.mark.cloud
@pytest.mark.parametrize("fault", BREAKS)
def test_function_that_breaks_a_promise_is_found(
    local_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    before, after, promise = BREAKS[fault]
    source = function_source()
    assert source.count(before) == 1
    monkeypatch.setattr(packaging, "function_source", lambda: source.replace(before, after))
    cloud = replace(local_cloud, settings=replace(OWN, target="local", region="us-east-1"))
    assert promise in broken_on(cloud, 1.5)
