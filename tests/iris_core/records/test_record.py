"""A record and the item that stores it are the same thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from iris_core.records import attributes
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.record import Record
from tests.iris_core.records.strategies import keyed_records, shares

RECORD = Record(1_234, "{'species': 'setosa', 'length': 1.5}", "virginica", "setosa", "0.97")


@given(keyed_records())
def test_record_is_the_same_after_a_trip_through_its_item(pair: tuple[Key, Record]) -> None:
    key, record = pair
    item = record.to_item(key)
    assert Record.from_item(item) == record
    assert Key(item["partition_key"], item["sort_key"]) == key


@given(keyed_records(), shares.map(str))
def test_threshold_is_stored_with_the_record_and_changes_nothing_else(
    pair: tuple[Key, Record], threshold: str
) -> None:
    key, record = pair
    item = record.to_item(key, threshold=threshold)
    assert item == {**record.to_item(key), "Threshold": threshold}
    assert Record.from_item(item) == record


def test_item_has_the_attributes_of_the_score_table() -> None:
    run = new_run_id()
    assert RECORD.to_item(key_of(run, 1_234)) == {
        "partition_key": f"{run}#000001",
        "sort_key": "000001234",
        "Features": "{'species': 'setosa', 'length': 1.5}",
        "Class": "virginica",
        "Actual": "setosa",
        "Probability": "0.97",
    }


def test_attributes_are_in_the_order_of_post_score() -> None:
    known = replace(RECORD, fingerprint="zkwvzkwvzkwvzkwv")
    item = known.to_item(key_of(new_run_id(), RECORD.row))
    assert tuple(item) == (*attributes.KEYS, *attributes.SCORE)


@pytest.mark.parametrize("name", [attributes.SORT_KEY, *attributes.REQUIRED])
def test_item_without_an_attribute_is_refused(name: str) -> None:
    item = RECORD.to_item(key_of(new_run_id(), RECORD.row))
    del item[name]
    with pytest.raises(KeyError, match=name):
        Record.from_item(item)


def test_record_is_wrong_if_its_classes_differ_and_the_true_one_is_known() -> None:
    assert RECORD.is_wrong
    assert not Record(0, "{}", "setosa", "setosa", "0.4").is_wrong
    assert not Record(0, "{}", "setosa", "", "0.4").is_wrong
