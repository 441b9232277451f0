"""Candidates carried to another cloud: what is there, or newer, is never overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws import run_table
from aws.history_items import CARRIED, Carried, candidate_items, put_candidates
from aws.tables import typed
from iris_core.records.attributes import Item
from iris_core.records.keys import key_of
from iris_core.records.verdict import undo_of
from tests.aws.samples import sample_record, sample_run
from tests.faults.memory import MemoryCloud

RUN = sample_run(2_500)
TIMES = ("2026-11-22T09:00:00.000+00:00", "2026-11-23T09:00:00.000+00:00")


def item_of(row: int, **attributes: str) -> Item:
    item = sample_record(row).to_item(key_of(RUN.id, row), threshold="0.9")
    return {**item, "Reason": "wrong", **attributes}


def reviewed(row: int, version: int, at: str = TIMES[0], **attributes: str) -> Item:
    verdict = {"Verdict": "drop", "ReviewedAt": at, "Version": str(version), "Reviewer": "ada"}
    return item_of(row, **verdict, VerdictId=f"v{version}", **attributes)


def cloud_with(*items: Item) -> Any:
    cloud: Any = MemoryCloud()
    for item in items:
        cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=typed(item))
    return cloud


def stored(cloud: Any) -> list[Item]:
    return list(candidate_items(cloud, RUN))


@given(
    st.lists(
        st.tuples(
            st.integers(0, RUN.rows - 1),
            st.dictionaries(st.sampled_from(CARRIED[2:]), st.text(max_size=4)),
        ),
        unique_by=lambda entry: entry[0],
        max_size=12,
    )
)
@settings(deadline=None)
def test_candidates_arrive_as_they_were_and_twice_is_once(
    made: list[tuple[int, dict[str, str]]],
) -> None:
    # GIVEN candidates with any texts, and what belongs to their cloud alone
    items = [item_of(row, **{**texts, "Version": "1"}) for row, texts in sorted(made)]
    source = cloud_with(*({**item, "LeasedBy": "ben", "Sequence": "7"} for item in items))
    carried = stored(source)
    # WHEN they are carried to an empty cloud, twice
    target = cloud_with()
    assert put_candidates(target, carried) == [Carried.ADDED] * len(items)
    assert put_candidates(target, carried) == [Carried.THERE] * len(items)
    # THEN it has them, and nothing else
    assert stored(target) == carried
    assert {"LeasedBy", "Sequence"}.isdisjoint(name for item in carried for name in item)


@pytest.mark.parametrize(
    ("there", "item", "expected"),
    [
        (item_of(1), item_of(1), Carried.THERE),
        (item_of(1), reviewed(1, 1), Carried.ADDED),
        (reviewed(1, 1), item_of(1), Carried.THERE),
        (reviewed(1, 1), reviewed(1, 2, TIMES[1]), Carried.ADDED),
        (reviewed(1, 2, TIMES[1]), reviewed(1, 1), Carried.THERE),
        (reviewed(1, 1, Note="a"), reviewed(1, 1, Note="b"), Carried.CONFLICT),
        # The one was given later, the other replaced more.
        (reviewed(1, 1, TIMES[1]), reviewed(1, 2), Carried.CONFLICT),
        # An undo has the time of the verdict that it restores.
        (reviewed(1, 2, TIMES[1]),
         {**reviewed(1, 3), "VerdictId": undo_of("v2")}, Carried.ADDED),
        ({**reviewed(1, 3), "VerdictId": undo_of("v2")},
         reviewed(1, 2, TIMES[1]), Carried.THERE),
        (item_of(1, Reason="unsure"), item_of(1), Carried.CONFLICT),
    ],
)  # fmt: skip
def test_later_state_stays_or_replaces_an_earlier_one(
    there: Item, item: Item, expected: Carried
) -> None:
    cloud = cloud_with(there)
    assert put_candidates(cloud, [item]) == [expected]
    assert stored(cloud) == [item if expected is Carried.ADDED else there]


def test_later_verdict_without_a_note_leaves_none_of_the_earlier_one() -> None:
    cloud = cloud_with(reviewed(1, 1, Note="why", LeasedBy="ben"))
    put_candidates(cloud, [reviewed(1, 2, TIMES[1])])
    (item,) = cloud.items(cloud.settings.retrain_table).values()
    assert (item["Note"], item["Version"], item["LeasedBy"]) == ("", "2", "ben")


@pytest.mark.parametrize("before", [None, item_of(1), reviewed(1, 1)])
def test_verdict_that_is_given_meanwhile_stays(before: Item | None) -> None:
    # GIVEN somebody who reviews the candidate between our reading and our writing
    cloud = cloud_with(*([before] if before else []))
    theirs = reviewed(1, 3, TIMES[1], Note="theirs")

    def interrupt(when: str, operation: str) -> None:
        if (when, operation) == ("after", "BatchGetItem"):
            cloud.dynamodb.interrupt = lambda _when, _operation: None
            table = cloud.settings.retrain_table
            cloud.dynamodb.put_item(TableName=table, Item=typed(theirs))

    cloud.dynamodb.interrupt = interrupt
    assert put_candidates(cloud, [reviewed(1, 2)]) == [Carried.THERE]
    assert stored(cloud) == [theirs]


def test_many_candidates_are_compared_group_by_group() -> None:
    items = [item_of(row) for row in range(250)]
    cloud = cloud_with(*items[:120])
    outcomes = put_candidates(cloud, items)
    assert outcomes == [Carried.THERE] * 120 + [Carried.ADDED] * 130
    assert cloud.dynamodb.calls["BatchGetItem"] == 3


def test_run_that_is_there_stays() -> None:
    cloud: Any = MemoryCloud()
    assert run_table.add(cloud, RUN) is None
    other = sample_run(3, id=RUN.id)
    assert run_table.add(cloud, other) == RUN
    assert list(run_table.runs(cloud)) == [RUN]
