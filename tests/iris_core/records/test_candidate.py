"""A candidate is read from the item that stores it, with its verdict or without one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.records import attributes
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key, key_of, new_run_id
from iris_core.records.reason import Reason
from iris_core.records.record import Record
from iris_core.records.verdict import Verdict
from tests.iris_core.records.strategies import keyed_records, shares, verdicts

KEY = key_of(new_run_id(), 7)
CANDIDATE = Candidate(
    key=KEY,
    record=Record(7, "{'species': 'setosa'}", "virginica", "setosa", "0.62"),
    reason=Reason.WRONG_AND_UNSURE,
    threshold="0.9",
    verdict=None,
    version=0,
)
VERDICT = Verdict(decision="relabel", label="virginica", at="2026-11-22T09:30:00+00:00")


@given(keyed_records(), st.sampled_from(Reason), shares.map(str), st.none() | verdicts)
def test_candidate_is_the_same_after_a_trip_through_its_item(
    pair: tuple[Key, Record], reason: str, threshold: str, verdict: Verdict | None
) -> None:
    candidate = Candidate(*pair, reason, threshold, verdict, version=0)
    assert Candidate.from_item(candidate.to_item()) == candidate


def test_item_without_a_verdict_has_none_of_its_attributes() -> None:
    item = CANDIDATE.to_item()
    assert set(item) == {*attributes.KEYS, *attributes.REQUIRED, "Reason", "Threshold"}
    assert Candidate.from_item(item).verdict is None


def test_item_with_a_verdict_has_its_attributes() -> None:
    item = CANDIDATE.to_item() | VERDICT.to_item()
    assert (item["Verdict"], item["Label"]) == ("relabel", "virginica")
    assert item["ReviewedAt"] == "2026-11-22T09:30:00+00:00"
    assert Candidate.from_item(item).verdict == VERDICT


def test_version_is_read_but_not_among_what_people_see() -> None:
    stored = {**CANDIDATE.to_item(), attributes.VERSION: "3", attributes.VERDICT_ID: "a1"}
    candidate = Candidate.from_item(stored)
    assert candidate.version == 3
    assert candidate.to_item() == CANDIDATE.to_item()


def test_verdict_that_was_taken_back_has_its_time() -> None:
    at = "2026-11-22T10:00:00+00:00"
    stored = CANDIDATE.to_item() | {"Verdict": "undecided", "Label": "", "ReviewedAt": at}
    candidate = Candidate.from_item(stored)
    assert (candidate.verdict, candidate.taken_back_at) == (None, at)
    assert Candidate.from_item(CANDIDATE.to_item() | VERDICT.to_item()).taken_back_at == ""


@pytest.mark.parametrize("name", [*attributes.KEYS, *attributes.REQUIRED])
def test_item_without_an_attribute_of_the_record_is_refused(name: str) -> None:
    item = CANDIDATE.to_item()
    del item[name]
    with pytest.raises(KeyError, match=name):
        Candidate.from_item(item)


def test_item_without_reason_and_threshold_is_still_a_candidate() -> None:
    item = CANDIDATE.to_item()
    del item["Reason"], item["Threshold"]
    candidate = Candidate.from_item(item)
    assert (candidate.reason, candidate.threshold) == ("", "")
