"""The function, deployed alone, writes the attributes and reasons of `iris_core.records`."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from iris_core.records import attributes
from iris_core.records.reason import TITLES, Reason
from lambda_src import index
from tests.lambda_src.events import stream_event, stream_record


class RecordingClient:
    """A DynamoDB that keeps the updates it is asked for."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        self.updates.extend(item["Update"] for item in TransactItems)


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the function writes for correct and wrong records, sure and unsure, new and changed."""
    client = RecordingClient()
    monkeypatch.setenv("RETRAIN_TABLE", "Retrain")
    monkeypatch.setenv("PROBABILITY_THRESHOLD", "0.9")
    monkeypatch.setattr(index, "dynamodb_client", lambda: client)
    kinds = product(("setosa", "virginica"), ("0.5", "0.97"), ("INSERT", "MODIFY"))
    index.lambda_handler(
        stream_event(
            *(
                stream_record(
                    row, predicted="setosa", actual=actual, probability=probability, event=event
                )
                for row, (actual, probability, event) in enumerate(kinds)
            )
        )
    )
    return client.updates


def test_keys_are_those_of_the_domain() -> None:
    assert set(index.KEYS) == set(attributes.KEYS)


def test_attributes_that_are_copied_are_those_of_a_tested_record() -> None:
    assert set(index.COPIED) == set(attributes.SCORE)


def test_attributes_that_are_written_are_those_of_the_domain(
    updates: list[dict[str, Any]],
) -> None:
    written = {name for update in updates for name in update["ExpressionAttributeNames"].values()}
    # `Sequence` is the function's own: it orders the images of a record.
    assert written == {*attributes.SCORE, *attributes.RULE, "Sequence"}
    assert {name for update in updates for name in update["Key"]} == set(attributes.KEYS)


def test_attributes_of_a_verdict_are_never_written(updates: list[dict[str, Any]]) -> None:
    verdict = {*attributes.REVIEW, attributes.VERSION, attributes.VERDICT_ID}
    verdict |= {*attributes.AGREEMENT, *attributes.LEASE}
    for update in updates:
        assert not verdict & set(update["ExpressionAttributeNames"].values())


def test_reasons_that_are_written_are_those_of_the_domain(updates: list[dict[str, Any]]) -> None:
    written = {update["ExpressionAttributeValues"][":Reason"]["S"] for update in updates}
    assert written == set(Reason)
    assert written == {
        index.WRONG,
        index.UNSURE,
        index.WRONG_AND_UNSURE,
        index.WITHDRAWN,
    }


def test_every_reason_to_review_has_a_title() -> None:
    assert set(TITLES) == set(Reason) - {Reason.WITHDRAWN}
