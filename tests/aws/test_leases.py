"""A candidate is leased to one reviewer at a time, whoever asks when."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aws import leases, retrain_table
from aws.clients import Cloud
from aws.errors import ConflictError
from aws.tables import typed
from iris_core.records.candidate import Candidate
from iris_core.records.keys import key_of, new_run_id
from iris_core.records.lease import LEASE_SECONDS
from iris_core.records.record import Record
from tests.faults.memory import MemoryCloud

NOW = 1_700_000_000.0
CANDIDATE = Candidate(
    key_of(new_run_id(), 7), Record(7, "{}", "b", "a", "0.5"), "wrong", "0.9", None, 0
)


def stored(cloud: Any, candidate: Candidate = CANDIDATE) -> Candidate:
    """Store a candidate that nobody has looked at yet."""
    cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=typed(candidate.to_item()))
    return candidate


def now_of(cloud: Any) -> Candidate:
    found = retrain_table.load(cloud, CANDIDATE.key)
    assert found is not None
    return found


def test_lease_is_taken_by_one_and_given_up(moto_cloud: Cloud) -> None:
    candidate = stored(moto_cloud)
    taken = leases.take(moto_cloud, candidate, "ana", now=NOW)
    assert taken is not None
    assert now_of(moto_cloud) == taken
    assert leases.take(moto_cloud, candidate, "ben", now=NOW + 1) is None
    # One's own is renewed.
    renewed = leases.take(moto_cloud, candidate, "ana", now=NOW + 60)
    assert renewed is not None
    assert renewed.lease is not None
    assert renewed.lease.until == NOW + 60 + LEASE_SECONDS
    # Another's is not given up.
    leases.give_up(moto_cloud, candidate.key, "ben")
    assert now_of(moto_cloud) == renewed
    leases.give_up(moto_cloud, candidate.key, "ana")
    assert now_of(moto_cloud).lease is None
    assert leases.take(moto_cloud, now_of(moto_cloud), "ben", now=NOW + 61)


def test_lease_of_a_closed_browser_ends_by_itself(moto_cloud: Cloud) -> None:
    candidate = stored(moto_cloud)
    assert leases.take(moto_cloud, candidate, "ana", now=NOW)
    assert leases.take(moto_cloud, candidate, "ben", now=NOW + LEASE_SECONDS - 1) is None
    assert leases.take(moto_cloud, candidate, "ben", now=NOW + LEASE_SECONDS)
    assert leases.take(moto_cloud, candidate, "ana", now=NOW + LEASE_SECONDS) is None


def test_verdict_ends_the_lease_and_who_read_before_it_gets_none(moto_cloud: Cloud) -> None:
    # GIVEN a record that two reviewers have read
    candidate = stored(moto_cloud)
    assert leases.take(moto_cloud, candidate, "ana", now=NOW)
    # WHEN one gives a verdict, THEN its lease is over
    reviewed = retrain_table.save_verdict(moto_cloud, candidate, "drop", who="ana")
    assert now_of(moto_cloud) == reviewed
    assert reviewed.lease is None
    # AND the other one is not shown what is reviewed by now
    assert leases.take(moto_cloud, candidate, "ben", now=NOW) is None
    # BUT may take it for a second look
    assert leases.take(moto_cloud, reviewed, "ben", now=NOW)


def test_candidate_that_is_gone_is_not_made_by_a_lease(moto_cloud: Cloud) -> None:
    assert leases.take(moto_cloud, CANDIDATE, "ana", now=NOW) is None
    leases.give_up(moto_cloud, CANDIDATE.key, "ana")
    assert retrain_table.load(moto_cloud, CANDIDATE.key) is None


class Reviewers(RuleBasedStateMachine):
    """Three reviewers who take, renew and give up one record, or review it, at any time.

    Each acts on the candidate as they read it last, however long ago.
    """

    names = st.sampled_from(["ana", "ben", "cy"])

    @initialize()
    def begin(self) -> None:
        self.cloud: Any = MemoryCloud()
        self.now = NOW
        self.read = dict.fromkeys(("ana", "ben", "cy"), stored(self.cloud))
        self.shown: dict[str, float] = {}
        """Who has the record on the screen, and until when they may."""
        self.versions = [0]

    @rule(who=names)
    def reads(self, who: str) -> None:
        self.read[who] = now_of(self.cloud)

    @rule(who=names)
    def takes(self, who: str) -> None:
        taken = leases.take(self.cloud, self.read[who], who, now=self.now)
        others = [name for name, until in self.shown.items() if name != who and self.now < until]
        is_free = not others and self.read[who].version == now_of(self.cloud).version
        assert (taken is not None) is is_free
        if taken is not None and taken.lease is not None:
            self.shown[who] = taken.lease.until

    @rule(who=names)
    def gives_up(self, who: str) -> None:
        leases.give_up(self.cloud, CANDIDATE.key, who)
        self.shown.pop(who, None)

    @rule(who=names)
    def gives_a_verdict(self, who: str) -> None:
        try:
            retrain_table.save_verdict(self.cloud, self.read[who], "drop", who=who)
        except ConflictError:  # somebody else was quicker
            return
        self.shown.clear()
        self.versions.append(now_of(self.cloud).version)

    @rule(seconds=st.sampled_from([0.4, 1, LEASE_SECONDS - 1, LEASE_SECONDS, LEASE_SECONDS + 0.5]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def never_two_at_once(self) -> None:
        holders = [who for who, until in self.shown.items() if self.now < until]
        assert len(holders) <= 1
        lease = now_of(self.cloud).lease
        in_table = lease.by if lease is not None and lease.is_on(self.now) else None
        assert in_table == next(iter(holders), None)
        assert all(later == earlier + 1 for earlier, later in pairwise(self.versions))


TestReviewers = Reviewers.TestCase


@pytest.mark.parametrize("who", ["ana", "a#b c'd", "Ä" * 100])
def test_any_name_can_hold_a_lease(who: str) -> None:
    cloud: Any = MemoryCloud()
    taken = leases.take(cloud, stored(cloud), who, now=NOW)
    assert taken is not None
    assert now_of(cloud) == taken
