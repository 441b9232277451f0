"""Faults between score table and retrain table: no candidate is lost, no verdict changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aws import retrain_table
from aws.errors import ConflictError, WriteError
from aws.reconciliation import reconcile
from iris_core.records.candidate import Candidate
from iris_core.records.keys import key_of
from tests.aws.samples import candidate_rows, sample_records
from tests.faults.loop import POISONS, Loop
from tests.faults.memory import ITEM_LIMIT

ROWS = 1_000


def assert_nothing_is_lost(loop: Loop) -> None:
    audit = loop.audit()
    assert audit.clean, audit


def assert_candidates_are_named_and_replayed(loop: Loop) -> None:
    """A run that lacks candidates says which, and replay brings them."""
    lacking = loop.audit()
    assert lacking.uncopied
    assert not lacking.lost
    result = reconcile(loop.cloud, loop.run.id, loop.run.rows, "0.9")
    assert not result.complete
    assert set(result.missing) == lacking.uncopied
    assert loop.replay() == len(lacking.uncopied)
    assert reconcile(loop.cloud, loop.run.id, loop.run.rows, "0.9").complete
    assert_nothing_is_lost(loop)


@pytest.mark.parametrize("deliveries", [1, 5])
@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_batches_delivered_one_to_five_times(deliveries: int, batch_size: int) -> None:
    loop = Loop(ROWS, deliveries=deliveries, batch_size=batch_size)
    loop.write()
    loop.mapping.deliver()
    loop.mapping.deliver_again(20)
    assert_nothing_is_lost(loop)


def test_stale_images_of_records_that_changed() -> None:
    loop = Loop(300, batch_size=50)
    loop.write()
    loop.correct_every_third()
    loop.mapping.deliver()
    loop.mapping.deliver_again(100)
    assert_nothing_is_lost(loop)


@pytest.mark.parametrize("writes", [0, 1, 2])
@pytest.mark.parametrize("bisect", [True, False])
def test_handler_stopped_after_some_writes(writes: int, bisect: bool) -> None:
    loop = Loop(2 * ROWS, bisect=bisect, batch_size=2 * ROWS, shards=1, deliveries=3)
    loop.write()
    loop.stop_handler(writes)
    loop.mapping.deliver()
    assert loop.injected
    assert not loop.mapping.failed
    assert_nothing_is_lost(loop)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_retrain_table_that_throttles(share: float) -> None:
    loop = Loop(ROWS, retries=50)
    loop.write()
    loop.throttle_copies(share)
    loop.mapping.deliver()
    assert loop.injected
    assert not loop.mapping.failed
    assert not loop.cloud.dynamodb.calls["UpdateItem"], "a busy table is not asked 100 times more"
    assert_nothing_is_lost(loop)


def test_write_that_was_applied_and_not_answered_is_no_second_candidate() -> None:
    loop = Loop(ROWS)
    loop.write()
    loop.cut_answers(0.5)
    loop.mapping.deliver()
    assert loop.injected
    assert_nothing_is_lost(loop)


@pytest.mark.parametrize("at", [0, 100, 200], ids=["first", "middle", "last"])
@pytest.mark.parametrize("poison", POISONS)
def test_poison_blocks_nobody(poison: str, at: int) -> None:
    loop = Loop(200, batch_size=500, shards=1)
    loop.write()
    loop.poison(poison, at)
    loop.mapping.deliver()
    assert not loop.mapping.failed
    assert loop.mapping.invocations == 1
    assert_nothing_is_lost(loop)


def test_record_that_the_function_could_not_copy_is_not_written_in_the_first_place() -> None:
    loop = Loop(3)
    records = list(sample_records(3))
    records[1] = replace(records[1], feature_string="x" * (ITEM_LIMIT - 300))
    with pytest.raises(WriteError, match="1 refused, 0 unknown") as caught:
        loop.write(records)
    assert loop.audit().lost == set(caught.value.refused) == {key_of(loop.run.id, 1)}


def test_mapping_that_is_disabled_for_a_while() -> None:
    loop = Loop(ROWS, enabled=False)
    loop.write()
    loop.mapping.deliver()
    assert not loop.candidates()
    loop.mapping.enabled = True
    loop.mapping.deliver()
    assert_nothing_is_lost(loop)


def test_mapping_that_is_late_finds_what_replay_brought() -> None:
    loop = Loop(ROWS, enabled=False)
    loop.write()
    loop.mapping.deliver()
    assert_candidates_are_named_and_replayed(loop)
    decided = loop.review_all()
    loop.mapping.enabled = True
    loop.mapping.deliver()
    assert_nothing_is_lost(loop)
    assert loop.candidates() == decided


@pytest.mark.parametrize("changed", ["0", "0.5", "1"])
def test_threshold_that_is_changed_before_the_records_are_delivered(changed: str) -> None:
    loop = Loop(ROWS)
    loop.write()
    loop.cloud.lambda_.environment["PROBABILITY_THRESHOLD"] = changed
    loop.mapping.deliver()
    assert_nothing_is_lost(loop)


def test_records_that_grew_too_old_are_named_and_replayed() -> None:
    loop = Loop(ROWS)
    loop.write()
    loop.mapping.now = 90_000
    loop.mapping.deliver()
    assert {condition for condition, _ in loop.mapping.failed} == {"RecordAgeExceeded"}
    assert not loop.mapping.invocations
    assert_candidates_are_named_and_replayed(loop)


def test_batches_that_were_tried_too_often_are_named_and_replayed() -> None:
    loop = Loop(200, retries=3)
    loop.write()
    refused = {key_of(loop.run.id, row).sort_key for row in candidate_rows(200)[:2]}
    handler = loop.mapping.handler

    def refuse(event: Mapping[str, Any]) -> None:
        if refused & {r["dynamodb"]["Keys"]["sort_key"]["S"] for r in event["Records"]}:
            raise RuntimeError
        handler(event)

    loop.mapping.handler = refuse
    loop.mapping.deliver()
    gone = [record for _, records in loop.mapping.failed for record in records]
    assert {r["dynamodb"]["Keys"]["sort_key"]["S"] for r in gone} == refused, "bisected to them"
    assert_candidates_are_named_and_replayed(loop)


def test_large_records_are_replayed_within_lambdas_payload() -> None:
    loop = Loop(120, enabled=False)
    loop.write(
        replace(record, class_string="virginica", feature_string="x" * 300_000)
        for record in sample_records(120)
    )
    assert_candidates_are_named_and_replayed(loop)


def first_candidate(loop: Loop) -> Candidate:
    loop.write()
    loop.mapping.deliver()
    return next(iter(loop.candidates().values()))


def test_of_two_reviewers_the_second_gets_a_conflict_and_loads_the_first_ones_verdict() -> None:
    loop = Loop(30)
    seen_by_both = first_candidate(loop)
    first = retrain_table.save_verdict(loop.cloud, seen_by_both, "right")
    with pytest.raises(ConflictError, match="Load it again"):
        retrain_table.save_verdict(loop.cloud, seen_by_both, "drop")
    assert retrain_table.load(loop.cloud, seen_by_both.key) == first
    assert retrain_table.save_verdict(loop.cloud, first, "drop").version == 2


def test_reviewer_whose_answer_was_lost_gets_no_conflict_with_the_own_verdict() -> None:
    loop = Loop(30)
    candidate = first_candidate(loop)
    update = loop.cloud.dynamodb.update_item

    def sent_again(**request: Any) -> Any:
        """As botocore does when the connection breaks before the answer."""
        update(**request)
        return update(**request)

    loop.cloud.dynamodb.update_item = sent_again
    decided = retrain_table.save_verdict(loop.cloud, candidate, "relabel", label="setosa")
    assert retrain_table.load(loop.cloud, candidate.key) == decided
    with pytest.raises(ConflictError):
        retrain_table.save_verdict(loop.cloud, candidate, "relabel", label="setosa")
