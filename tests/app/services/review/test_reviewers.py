"""What each reviewer said is kept with the verdict, whatever becomes of that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.journal import NotedVerdict
from app.services.review.bulk import give_verdicts
from app.services.review.candidates import CandidateFilter, find
from app.services.review.choices import Choice
from app.services.review.reviewers import reviewer_agreement
from app.services.review.undoing import undo
from app.services.review.verdicts import give_verdict
from app.services.runs.recovery import replay
from app.services.workspace import Workspace
from aws.errors import SettingsError
from iris_core.records.candidate import Candidate
from iris_core.records.verdict import UNNAMED
from tests.app.services.review.reviewed_loop import first, reviewed_loop, workspace_of
from tests.faults.loop import Loop

SECOND_LOOK = CandidateFilter(review="second look", who="ben")
DISAGREEMENT = CandidateFilter(review="disagreement")


@pytest.fixture
def loop() -> Loop:
    return reviewed_loop()


@pytest.fixture
def workspace(loop: Loop, tmp_path: Path) -> Workspace:
    return workspace_of(loop, tmp_path)


def said(candidate: Candidate) -> dict[str, str]:
    """Return the decision of each reviewer."""
    return {opinion.who: opinion.decision for opinion in candidate.opinions.given}


def rows(loop: Loop, candidate_filter: CandidateFilter) -> list[int]:
    return [each.key.row for each in find(loop.cloud, loop.run, candidate_filter).candidates]


def test_second_opinion_is_kept_beside_the_first(loop: Loop, workspace: Workspace) -> None:
    give_verdict(workspace, first(loop), "right", who="ana")
    assert rows(loop, SECOND_LOOK) == [first(loop).key.row]
    assert rows(loop, DISAGREEMENT) == []
    reviewed = give_verdict(workspace, first(loop), "drop", who="ben")
    assert reviewed == first(loop)
    assert said(reviewed) == {"ana": "right", "ben": "drop"}
    # THEN it is nothing for a second look of theirs any more, but a disagreement
    assert rows(loop, SECOND_LOOK) == []
    assert rows(loop, DISAGREEMENT) == [reviewed.key.row]
    assert SECOND_LOOK.is_to_review(reviewed) is False
    assert DISAGREEMENT.is_to_review(reviewed) is True


def test_disagreement_is_settled_and_comes_up_again(loop: Loop, workspace: Workspace) -> None:
    give_verdict(workspace, first(loop), "right", who="ana")
    give_verdict(workspace, first(loop), "drop", who="ben")
    settled = give_verdict(workspace, first(loop), "right", who="cy", settles=True)
    assert settled == first(loop)
    assert (settled.opinions.settled_by, said(settled)) == ("cy", {"ana": "right", "ben": "drop"})
    assert rows(loop, DISAGREEMENT) == []
    # An undo opens it again, and so does another opinion.
    undo(workspace, loop.run, who="cy")
    assert rows(loop, DISAGREEMENT) == [settled.key.row]
    give_verdict(workspace, first(loop), "right", who="cy", settles=True)
    give_verdict(workspace, first(loop), "relabel", label="setosa", who="dee")
    assert rows(loop, DISAGREEMENT) == [settled.key.row]


@pytest.mark.parametrize("who", ["", UNNAMED])
def test_nobody_settles_without_a_name(loop: Loop, workspace: Workspace, who: str) -> None:
    before = first(loop)
    with pytest.raises(SettingsError, match="Enter your name first"):
        give_verdict(workspace, before, "right", who=who, settles=True)
    assert first(loop) == before


def test_undo_brings_back_the_opinions_of_before(loop: Loop, workspace: Workspace) -> None:
    states = [first(loop).opinions]
    for decision, who in (("right", "ana"), ("drop", "ben"), ("right", "ben")):
        give_verdict(workspace, first(loop), decision, who=who)  # type: ignore[arg-type]
        states.append(first(loop).opinions)
    for before in states[-2::-1]:
        undo(workspace, loop.run)
        assert first(loop).opinions == before


def test_undo_of_a_verdict_on_one_of_an_earlier_version(loop: Loop, workspace: Workspace) -> None:
    # GIVEN a verdict that was noted and stored without opinions
    give_verdict(workspace, first(loop), "right", who="ana")
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    item = table[first(loop).key]
    for name in ("Opinions", "SettledBy", "LeasedBy", "LeasedUntil"):
        del item[name]
    path = next((workspace.home / "journal").rglob("*.verdicts.jsonl"))
    (note,) = map(json.loads, filter(None, path.read_text("utf-8").splitlines()))
    del note["opinions"], note["settled_by"]
    path.write_text(json.dumps(note) + "\n", "utf-8")
    # THEN its reviewer has that opinion
    assert said(first(loop)) == {"ana": "right"}
    give_verdict(workspace, first(loop), "drop", who="ben")
    assert said(first(loop)) == {"ana": "right", "ben": "drop"}
    undo(workspace, loop.run, who="ben")
    assert said(first(loop)) == {"ana": "right"}


def test_note_of_an_earlier_version_has_its_own_opinion(loop: Loop) -> None:
    key = first(loop).key
    note = NotedVerdict(
        key.partition_key, key.sort_key, "right", "", 1, given="versicolor", at="2026", who="ana"
    )
    (opinion,) = note.reviewers_opinions.given
    assert (opinion.who, opinion.decision, opinion.label) == ("ana", "right", "versicolor")
    assert not replace(note, decision="undecided").reviewers_opinions.given


def test_verdict_that_is_taken_back_takes_the_opinion_with_it(
    loop: Loop, workspace: Workspace
) -> None:
    give_verdict(workspace, first(loop), "right", who="ana")
    give_verdict(workspace, first(loop), "drop", who="ben")
    give_verdict(workspace, first(loop), "undecided", who="ben")
    assert said(first(loop)) == {"ana": "right"}
    assert first(loop).verdict is None


def test_bulk_counts_as_opinions_and_its_undo_takes_them_away(
    loop: Loop, workspace: Workspace
) -> None:
    one, two = first(loop, 2)
    give_verdict(workspace, one, "right", who="ana")
    choices = {each.key: Choice("drop") for each in (one, two)}
    give_verdicts(workspace, loop.run, choices, who="ben")
    assert [said(each) for each in first(loop, 2)] == [
        {"ana": "right", "ben": "drop"}, {"ben": "drop"},
    ]  # fmt: skip
    undo(workspace, loop.run, who="ben")
    assert [said(each) for each in first(loop, 2)] == [{"ana": "right"}, {}]


def test_redelivery_keeps_opinions(loop: Loop, workspace: Workspace) -> None:
    give_verdict(workspace, first(loop), "right", who="ana")
    give_verdict(workspace, first(loop), "drop", who="ben")
    loop.cloud.lambda_.handle({"Records": loop.cloud.stream, "Threshold": "0.9"})
    assert said(first(loop)) == {"ana": "right", "ben": "drop"}


def test_replay_restores_opinions_that_a_crash_took(loop: Loop, workspace: Workspace) -> None:
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    give_verdict(workspace, first(loop), "right", who="ana")
    saved = dict(table)
    give_verdict(workspace, first(loop), "drop", who="ben")
    settled = give_verdict(workspace, first(loop), "right", who="cy", settles=True)
    for before in ({}, saved):
        table.clear()
        table.update(before)
        replay(workspace, loop.run.id)
        assert first(loop).opinions == settled.opinions
    assert reviewer_agreement(loop.cloud, loop.run).differing == {settled.key: settled.opinions}


def test_agreement_is_of_the_opinions_on_records_that_both_saw(
    loop: Loop, workspace: Workspace
) -> None:
    one, two, three, four = first(loop, 4)
    keep, drop = Choice("right"), Choice("drop")
    by_reviewer = {
        "ana": {one.key: keep, two.key: keep, three.key: drop},
        "ben": {one.key: keep, two.key: drop, three.key: drop, four.key: drop},
        "cy": {four.key: keep},
        UNNAMED: {one.key: drop},
    }
    for who, choices in by_reviewer.items():
        # As each of them: to keep what is kept already changes nothing.
        for key, choice in choices.items():
            give_verdict(workspace, loop.candidates()[key], choice.decision, who=who)
    found = reviewer_agreement(loop.cloud, loop.run)
    assert found.opinions == {"ana": 3, "ben": 4, "cy": 1}
    assert found.seen_by_several == 4
    assert list(found.differing) == [two.key, four.key]
    assert found.open == 2
    assert [
        (pair.reviewers, pair.agreement.records, pair.agreement.agreed, pair.agreement.too_few)
        for pair in found.pairs
    ] == [(("ana", "ben"), 3, 2, True), (("ben", "cy"), 1, 0, True)]
