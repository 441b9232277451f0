"""The newest verdict goes back to what was before it, and nobody else's is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.services.review.bulk import give_verdicts
from app.services.review.choices import Choice
from app.services.review.history import HistoryEntry, history
from app.services.review.ledger import note_verdicts_of_run
from app.services.review.undoing import undo, undo_all
from app.services.review.verdicts import give_verdict
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws import retrain_table
from aws.errors import NotPermittedError
from aws.read_only import REFUSAL
from iris_core.errors import NotFoundError
from tests.app.services.review.reviewed_loop import (
    first,
    reviewed_loop,
    state,
    states,
    workspace_of,
)
from tests.faults.loop import Loop


@pytest.fixture
def loop() -> Loop:
    return reviewed_loop()


@pytest.fixture
def workspace(loop: Loop, tmp_path: Path) -> Workspace:
    return workspace_of(loop, tmp_path)


def changes(entries: list[HistoryEntry]) -> list[tuple[int, str, str, str, bool]]:
    return [(e.version, e.who, e.decision, e.before, e.is_undo) for e in entries]


def test_verdicts_are_undone_one_after_the_other(loop: Loop, workspace: Workspace) -> None:
    # GIVEN a record that was kept, then relabelled, then dropped
    before = states(loop)
    give_verdict(workspace, first(loop), "right", note="fine", who="ada")
    kept = states(loop)
    give_verdict(workspace, first(loop), "relabel", label="setosa", who="ada")
    relabelled = states(loop)
    give_verdict(workspace, first(loop), "drop", who="ada")
    # WHEN the newest is undone, THEN the one before is back, with its note, reviewer and time
    key = first(loop).key
    for expected in (relabelled, kept, before):
        done = undo(workspace, loop.run, who="ada")
        assert (done.undone, done.refused, done.left) == ((key,), (), 0)
        assert states(loop) == expected
    with pytest.raises(NotFoundError, match="there is none by ada in this workspace"):
        undo(workspace, loop.run, who="ada")
    # AND the table and the journal agree
    assert workspace.journal.verdicts(loop.run.id) == []
    assert note_verdicts_of_run(workspace, loop.cloud, loop.run) == 0


def test_taking_back_is_undone_too(loop: Loop, workspace: Workspace) -> None:
    give_verdict(workspace, first(loop), "drop", note="blurred", who="ada")
    dropped = states(loop)
    taken_back = give_verdict(workspace, first(loop), "undecided", who="ada")
    assert (taken_back.verdict, taken_back.taken_back_by) == (None, "ada")
    undo(workspace, loop.run)
    assert states(loop) == dropped


def test_verdict_is_undone_by_its_reviewer_alone(loop: Loop, workspace: Workspace) -> None:
    one, two = first(loop, 2)
    give_verdict(workspace, one, "drop", who="ada")
    give_verdict(workspace, two, "drop", who="bob")
    assert undo(workspace, loop.run, who="ada").undone == (one.key,)
    with pytest.raises(NotFoundError):
        undo(workspace, loop.run, who="ada")
    assert undo(workspace, loop.run).undone == (two.key,)


def test_bulks_are_undone_by_their_ids_whatever_was_given_since(
    loop: Loop, workspace: Workspace
) -> None:
    # GIVEN bulks of two reviewers, and a later verdict on another record
    keys = list(loop.candidates())
    before = states(loop)
    bulks = [
        give_verdicts(workspace, loop.run, {key: Choice("drop")}, who=who).id
        for key, who in zip(keys, ("ada", "bob"), strict=False)
    ]
    third = give_verdict(workspace, loop.candidates()[keys[2]], "drop", who="ada")
    # WHEN the bulks are undone, THEN only their records go back
    done = undo_all(workspace, loop.run, bulks)
    assert sorted(done.undone) == keys[:2]
    assert states(loop) == {**before, keys[2]: state(third)}
    with pytest.raises(NotFoundError):
        undo_all(workspace, loop.run, bulks)
    # AND where one of them is undone already, the other is all the same
    again = [
        give_verdicts(workspace, loop.run, {key: Choice("right")}, who="ada").id for key in keys[:2]
    ]
    undo(workspace, loop.run, verdict_id=again[0])
    assert undo_all(workspace, loop.run, again).undone == (keys[1],)


def test_verdict_that_somebody_else_replaced_stays(loop: Loop, workspace: Workspace) -> None:
    # GIVEN ada's verdicts on two records, of which bob has reviewed the second since
    one, two = first(loop, 2)
    give_verdict(workspace, one, "drop", who="ada")
    seen = give_verdict(workspace, two, "drop", who="ada")
    give_verdict(workspace, seen, "right", who="bob")
    before = states(loop)
    # WHEN ada undoes, THEN bob's verdict stays, and it is said whose it is
    done = undo(workspace, loop.run, who="ada")
    assert done.undone == ()
    assert [(refused.key, refused.why) for refused in done.refused] == [
        (two.key, "bob reviewed it since, and that stays")
    ]
    assert states(loop) == before
    # AND her next undo is of the verdict before, which stands in nobody's way
    assert undo(workspace, loop.run, who="ada").undone == (one.key,)
    # AND bob's can still be undone: ada's is back
    assert undo(workspace, loop.run, who="bob").undone == (two.key,)
    assert state(loop.candidates()[two.key]) == state(seen)


def test_history_says_who_when_and_what_was_before(loop: Loop, workspace: Workspace) -> None:
    given = give_verdict(workspace, first(loop), "right", note="fine", who="ada")
    give_verdict(workspace, given, "relabel", label="setosa", note="no", who="bob")
    undo(workspace, loop.run, who="bob")
    give_verdict(workspace, first(loop, 2)[1], "drop", who="eve")
    entries = history(workspace, loop.run, first(loop).key.row)
    assert changes(entries) == [
        (1, "ada", "right", "undecided", False),
        (2, "bob", "relabel", "right", False),
        (3, "bob", "right", "relabel", True),
    ]
    assert [(e.label, e.note, e.before_label) for e in entries] == [
        ("", "fine", ""),
        ("setosa", "no", ""),
        ("", "fine", "setosa"),
    ]
    assert given.verdict is not None
    assert entries[0].at == given.verdict.at
    assert entries[2].at >= entries[1].at
    assert len(history(workspace, loop.run)) == 4


def test_history_of_verdicts_elsewhere_says_what_is_not_known(
    loop: Loop, workspace: Workspace
) -> None:
    once = retrain_table.save_verdict(loop.cloud, first(loop), "drop", who="bob")
    retrain_table.save_verdict(loop.cloud, once, "right", who="bob")
    assert changes(history(workspace, loop.run)) == [(2, "bob", "right", "", False)]


def test_verdict_of_a_shared_cloud_is_undone_where_it_was_given(tmp_path: Path) -> None:
    # GIVEN two workspaces on one cloud whose reviewers have no name of their own
    loop = reviewed_loop(target="aws")
    ours, theirs = (workspace_of(loop, tmp_path / name) for name in ("ours", "theirs"))
    give_verdict(ours, first(loop), "drop", who="the dashboard")
    note_verdicts_of_run(theirs, loop.cloud, loop.run)
    # WHEN the other one undoes, THEN there is nothing that it gave
    with pytest.raises(NotFoundError):
        undo(theirs, loop.run, who="the dashboard")
    assert undo(ours, loop.run, who="the dashboard").undone == (first(loop).key,)


def test_verdict_on_one_that_is_not_known_is_not_undone(tmp_path: Path) -> None:
    # GIVEN a verdict that replaced another workspace's, and was not noted: its process was killed
    loop = reviewed_loop()
    workspace = workspace_of(loop, tmp_path)
    theirs = retrain_table.save_verdict(loop.cloud, first(loop), "drop", who="bob")
    retrain_table.save_verdict(loop.cloud, theirs, "right", who="ada")
    note_verdicts_of_run(workspace, loop.cloud, loop.run)
    (refused,) = undo(workspace, loop.run, who="ada").refused
    assert refused.why == "what it replaced is not known here; give another verdict instead"


def test_undo_that_was_killed_before_it_was_noted_is_done(loop: Loop, workspace: Workspace) -> None:
    # GIVEN an undo that the table has and the journal has not
    give_verdict(workspace, first(loop), "drop", who="ada")
    give_verdict(workspace, first(loop), "right", who="ada")
    path = workspace.home / "journal" / "local" / f"{loop.run.id}.verdicts.jsonl"
    noted = path.read_bytes()
    undo(workspace, loop.run)
    once = states(loop)
    path.write_bytes(noted)
    # WHEN it is done again, THEN it is noted, and the next one takes back the verdict before
    undo(workspace, loop.run)
    assert states(loop) == once
    undo(workspace, loop.run)
    assert set(states(loop).values()) == {None}


def test_verdict_that_the_cloud_lost_is_undone_after_a_replay(
    loop: Loop, workspace: Workspace
) -> None:
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    saved = {key: dict(item) for key, item in table.items()}
    give_verdict(workspace, first(loop), "drop", who="ada")
    loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table] = saved
    (refused,) = undo(workspace, loop.run).refused
    assert refused.why == "the cloud has lost the verdict; complete the run first"
    assert set(states(loop).values()) == {None}


class VisitorsWorkspace(ReadOnlyWorkspace):
    """A workspace to look at, on a cloud in memory whose writes are refused."""

    def __init__(self, workspace: Workspace, loop: Loop) -> None:
        super().__init__(workspace)
        self._loop = loop

    def cloud(self) -> Any:
        def refuse(when: str, operation: str) -> None:
            if (when, operation) == ("before", "UpdateItem"):
                raise NotPermittedError(REFUSAL)

        self._loop.cloud.dynamodb.interrupt = refuse
        return self._loop.cloud


def test_visitor_who_may_change_nothing_sees_the_history_and_undoes_nothing(
    loop: Loop, workspace: Workspace
) -> None:
    give_verdict(workspace, first(loop), "drop", who="ada")
    before, entries = states(loop), history(workspace, loop.run)
    visitors = VisitorsWorkspace(workspace, loop)
    assert history(visitors, loop.run) == entries
    with pytest.raises(NotPermittedError):
        undo(visitors, loop.run)
    assert states(loop) == before
