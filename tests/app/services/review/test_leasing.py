"""Several reviewers are given different records of one queue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.review.leasing import give_up, rows_leased, take_ahead, take_first, with_others
from app.services.runs.recovery import replay
from aws import leases, retrain_table
from aws.errors import NotPermittedError
from aws.read_only import REFUSAL
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from iris_core.records.lease import LEASE_SECONDS
from iris_core.records.verdict import UNNAMED
from tests.app.services.review.reviewed_loop import reviewed_loop, workspace_of
from tests.faults.loop import Loop

NOW = 1_700_000_000.0


@pytest.fixture
def loop() -> Loop:
    return reviewed_loop()


def listed(loop: Loop) -> list[Candidate]:
    return list(loop.candidates().values())


def take(loop: Loop, who: str, candidates: Sequence[Candidate], now: float = NOW) -> Candidate:
    taken = take_first(loop.cloud, candidates, who, now=now)
    assert taken is not None
    return taken


def test_each_reviewer_gets_another_record(loop: Loop) -> None:
    # GIVEN three reviewers who have read the list before anybody took a record of it
    first = listed(loop)
    taken = [take(loop, who, first) for who in ("ana", "ben", "cy")]
    assert [each.key for each in taken] == [each.key for each in first[:3]]
    # THEN who reads it later sees who has which
    assert with_others(listed(loop), "ana", NOW) == {"ben": 1, "cy": 1}
    assert with_others(listed(loop), UNNAMED, NOW) == {"ana": 1, "ben": 1, "cy": 1}
    assert with_others(listed(loop), "ana", NOW + LEASE_SECONDS) == {}


def test_own_lease_costs_no_request_until_half_of_it_is_over(loop: Loop) -> None:
    take(loop, "ana", listed(loop))
    mine = listed(loop)
    loop.cloud.dynamodb.calls.clear()
    assert take(loop, "ana", mine, NOW + LEASE_SECONDS / 2 - 1) == mine[0]
    assert not loop.cloud.dynamodb.calls["UpdateItem"]
    renewed = take(loop, "ana", mine, NOW + LEASE_SECONDS / 2)
    assert renewed.key == mine[0].key
    assert loop.cloud.dynamodb.calls["UpdateItem"] == 1


@pytest.mark.parametrize("who", ["", UNNAMED])
def test_without_a_name_nothing_is_leased(loop: Loop, who: str) -> None:
    taken = take(loop, "ana", listed(loop))
    before = listed(loop)
    assert take(loop, who, before).key == before[1].key
    assert take_ahead(loop.cloud, before, taken, who, now=NOW) is None
    assert listed(loop) == before


def test_visitor_who_may_change_nothing_leases_nothing(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_how: Any) -> None:
        raise NotPermittedError(REFUSAL)

    monkeypatch.setattr(loop.cloud.dynamodb, "update_item", refuse)
    before = listed(loop)
    assert take(loop, "guest", before) == before[0]
    assert take_ahead(loop.cloud, before, before[0], "guest", now=NOW) is None
    assert rows_leased(before, "guest") == ()


def test_next_record_is_leased_ahead_but_not_the_last_free_one(loop: Loop) -> None:
    one, two, three, *_ = listed(loop)
    shown = take(loop, "ana", [one])
    ahead = take_ahead(loop.cloud, [one, two, three], shown, "ana", now=NOW)
    assert ahead is not None
    assert ahead.key == two.key
    # AND it is there without another request
    loop.cloud.dynamodb.calls.clear()
    assert take_ahead(loop.cloud, listed(loop), shown, "ana", now=NOW) == ahead
    assert take(loop, "ana", listed(loop)[1:]) == ahead
    assert not loop.cloud.dynamodb.calls["UpdateItem"]
    # BUT the last one is left for who is done first
    assert take_ahead(loop.cloud, [shown, three], shown, "ana", now=NOW) is None
    assert take(loop, "ben", listed(loop)).key == three.key


def test_record_that_is_not_looked_at_any_more_is_given_up(loop: Loop) -> None:
    one, two = (take(loop, "ana", [each]) for each in listed(loop)[:2])
    rows = rows_leased((one, two, None), "ana")
    assert rows == (one.key.row, two.key.row)
    retrain_table.save_verdict(loop.cloud, one, "drop", who="ana")
    loop.cloud.dynamodb.calls.clear()
    give_up(loop.cloud, loop.run, rows, listed(loop), "ana")
    # THEN that of the verdict is not asked about: it was over with it
    assert loop.cloud.dynamodb.calls["UpdateItem"] == 1
    assert with_others(listed(loop), "ben", NOW) == {}


def test_redelivery_neither_takes_a_lease_nor_brings_one_back(loop: Loop) -> None:
    one, two = listed(loop)[:2]
    taken = take(loop, "ana", [one])
    take(loop, "ana", [two])
    leases.give_up(loop.cloud, two.key, "ana")
    # WHEN the whole stream comes again, and records that have changed
    loop.correct_every_third()
    loop.cloud.lambda_.handle({"Records": loop.cloud.stream})
    now = loop.candidates()
    assert now[one.key].lease == taken.lease
    assert now[two.key].lease is None
    # AND a replay keeps them too
    loop.cloud.lambda_.handle({"Records": loop.cloud.stream, "Threshold": "0.9"})
    assert loop.candidates()[one.key].lease == taken.lease


def test_replay_after_a_crash_restores_the_verdict_without_a_lease(
    loop: Loop, tmp_path: Path
) -> None:
    workspace = workspace_of(loop, tmp_path)
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    saved = dict(table)
    taken = take(loop, "ana", listed(loop))
    retrain_table.save_verdict(loop.cloud, taken, "drop", who="ana")
    table.clear()
    table.update(saved)
    replay(workspace, loop.run.id)
    assert loop.candidates()[taken.key].lease is None


steps = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben", "cy"]), st.sampled_from(["read", "take", "review", "leave"])
    ),
    max_size=50,
)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_no_record_is_on_two_screens_whatever_the_order(steps: list[tuple[str, str]]) -> None:
    """Between what one reads and what one takes, others read, take, review and go away."""
    loop = reviewed_loop(20)
    screens: dict[str, Key] = {}
    lists: dict[str, list[Candidate]] = {}
    for seconds, (who, action) in enumerate(steps):
        if action == "leave":
            # The browser is closed: nobody gives up its lease.
            screens.pop(who, None)
            lists.pop(who, None)
        elif action == "take" and who in lists:
            open_ = [candidate for candidate in lists[who] if candidate.verdict is None]
            taken = take_first(loop.cloud, open_, who, now=NOW + seconds)
            screens.pop(who, None)
            if taken is not None:
                screens[who] = taken.key
                assert loop.candidates()[taken.key].verdict is None
        else:
            if action == "review" and who in screens:
                candidate = loop.candidates()[screens.pop(who)]
                retrain_table.save_verdict(loop.cloud, candidate, "drop", who=who)
            lists[who] = listed(loop)
        assert len(set(screens.values())) == len(screens)
    # AND when all leases are over, everything that is open can be reviewed
    end = NOW + len(steps) + LEASE_SECONDS
    left = [candidate for candidate in listed(loop) if candidate.verdict is None]
    assert all(take(loop, "dee", [candidate], end) for candidate in left)
