"""Candidates in the order of a search: each page continues the one before, whatever it filters."""

from __future__ import annotations

import pytest

from app.services.review import queue
from app.services.review.candidates import CandidateFilter, find, refresh
from app.services.review.queue import CandidateListing, list_candidates
from aws import retrain_table
from aws.clients import Cloud
from aws.tables import typed
from iris_core.records.candidate import Candidate, CandidatePage
from iris_core.records.keys import Key, key_of
from iris_core.records.record import Record
from iris_core.records.run import Run
from tests.aws.samples import sample_records, sample_run

ROWS = 30
ORDER = [*range(ROWS - 1, -1, -2), *range(0, ROWS, 2)]
ALL = CandidateFilter()


@pytest.fixture
def run(moto_cloud: Cloud) -> Run:
    """A run of which every row is a candidate."""
    run = sample_run(ROWS)
    for record in sample_records(ROWS):
        candidate = Candidate(key_of(run.id, record.row), record, "wrong", "0.9", None, 0)
        moto_cloud.dynamodb.put_item(
            TableName=moto_cloud.settings.retrain_table, Item=typed(candidate.to_item())
        )
    return run


def rows_of(page: CandidatePage) -> list[int]:
    return [candidate.key.row for candidate in page.candidates]


def test_pages_follow_the_order(moto_cloud: Cloud, run: Run) -> None:
    after: Key | None = None
    listed: list[int] = []
    for _ in range(4):
        page = find(moto_cloud, run, ALL, after=after, limit=8, order=ORDER)
        listed += rows_of(page)
        after = page.after
    assert listed == ORDER
    assert after is None
    # AND exactly full pages end with the last one
    assert find(moto_cloud, run, ALL, limit=ROWS, order=ORDER).after is None


def test_filter_and_rows_without_a_candidate_leave_gaps(moto_cloud: Cloud, run: Run) -> None:
    first = retrain_table.load(moto_cloud, key_of(run.id, ORDER[0]))
    assert first is not None
    retrain_table.save_verdict(moto_cloud, first, "drop")
    page = find(moto_cloud, run, CandidateFilter(review="open"), limit=5, order=[*ORDER[:3], 99])
    assert rows_of(page) == ORDER[1:3]
    assert page.after is None


def test_list_stays_and_its_verdicts_are_new(
    moto_cloud: Cloud, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE_SIZE", 4)
    listing = list_candidates(moto_cloud, run, ALL, after=None, listed_keys=(), order=ORDER)
    assert [key.row for key in listing.keys] == ORDER[:4]
    retrain_table.save_verdict(moto_cloud, listing.candidates[1], "drop")
    # WHEN the order changes, THEN what is listed stays until it is asked for anew
    again = list_candidates(
        moto_cloud, run, ALL, after=None, listed_keys=listing.keys, order=ORDER[::-1]
    )
    assert again.keys == listing.keys
    assert [entry.verdict is None for entry in again.candidates] == [True, False, True, True]
    # AND a record that is gone is listed no more
    gone = [*listing.keys, key_of(run.id, 99)]
    assert len(refresh(moto_cloud, gone, CandidatePage((), None))) == 4


def test_skipped_rows_come_last() -> None:
    record = Record(0, "{}", "a", "b", "0.5")
    candidates = tuple(
        Candidate(key_of("r", row), record, "wrong", "0.9", None, 0) for row in (4, 2, 7)
    )
    listing = CandidateListing(candidates, (), 0, None)
    for skipped, expected in (((), 4), ((4,), 2), ((4, 2), 7), ((4, 2, 7), 4)):
        assert listing.to_review(skipped)[0].key.row == expected
    assert CandidateListing((), (), 0, None).to_review() == []
