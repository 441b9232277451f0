"""The estimate of the bill, checked by hand."""

from __future__ import annotations

import pytest

from aws import prices
from aws.prices import Usage, charges, stored_month, total, usage_of, write_units
from aws.score_table import item_size
from iris_core.records.keys import key_of
from tests.aws.samples import sample_record, sample_run


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (409_600, 400)])
def test_each_started_kilobyte_is_a_unit(size: int, units: int) -> None:
    assert write_units(size) == units


def test_bill_of_a_million_small_records() -> None:
    # GIVEN records of one unit, of which a tenth is copied
    lines = {line.what: line for line in charges(Usage(item_bytes=1000, candidates=0.1))}
    # THEN a million plain writes cost what the price list says, and copies two units each
    assert 1e6 * lines["Score table, writing"].dollars == pytest.approx(0.625)
    assert 1e6 * lines["Retrain table, copying"].units == pytest.approx(200_000)
    assert 1e6 * lines["Retrain table, copying"].dollars == pytest.approx(0.125)
    assert lines["Stream, read by the trigger"].dollars == 0
    assert 1e6 * total(list(lines.values())) == pytest.approx(0.625 + 0.125 + 0.0625, rel=0.1)


def test_nothing_is_copied_without_candidates() -> None:
    lines = charges(Usage(candidates=0))
    assert sum(line.units for line in lines if "Retrain" in line.what) == 0
    assert stored_month(Usage(item_bytes=900, candidates=0)) == pytest.approx(1000 / 1e9 * 0.25)


def test_usage_is_that_of_the_stored_items() -> None:
    run = sample_run(3)
    small = sample_record(0).to_item(key_of(run.id, 0))
    large = {**small, "Features": "x" * 2000}
    usage = usage_of([small, large], candidates=0.5)
    assert usage.item_bytes == (item_size(small) + item_size(large)) / 2
    assert usage.write_units == 2.0
    assert usage.candidates == 0.5


def test_candidate_grows_over_the_unit_by_what_the_function_adds() -> None:
    item = {"Features": "x" * (1024 - len("Features"))}
    usage = usage_of([item], candidates=1)
    assert (usage.write_units, usage.candidate_units) == (1, 2)


def test_without_items_the_typical_ones_count() -> None:
    assert usage_of([], candidates=0.2).item_bytes == prices.DEFAULT_ITEM_BYTES
