"""Verdicts that the cloud has and the workspace lacks are noted as soon as they are seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.review.ledger import note_counted_verdicts, note_verdicts_of_run
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws import retrain_table
from aws.candidate_counts import count_candidates
from iris_core.records.candidate import Candidate
from iris_core.records.keys import Key
from tests.faults.cloud_workspace import WorkspaceOnCloud
from tests.faults.loop import Loop


@pytest.fixture
def loop() -> Loop:
    """A run whose function has copied all candidates."""
    loop = Loop(40)
    loop.write()
    loop.mapping.deliver()
    return loop


@pytest.fixture
def workspace(loop: Loop, tmp_path: Path) -> Workspace:
    return WorkspaceOnCloud(tmp_path, loop.cloud)


def look_at(workspace: Workspace, loop: Loop) -> None:
    """Count the candidates of the run, as the Retrain page does, and note their verdicts."""
    counted = count_candidates(loop.cloud, loop.run).verdicts
    note_counted_verdicts(workspace, loop.cloud, loop.run, counted)


def noted(workspace: Workspace, loop: Loop) -> list[tuple[Key, str, int]]:
    notes = workspace.journal.verdict_notes(loop.run.id)
    return [(entry.key, entry.decision, entry.version) for entry in notes]


def given(candidates: dict[Key, Candidate]) -> list[tuple[Key, str, int]]:
    return [
        (key, candidate.verdict.decision if candidate.verdict else "undecided", candidate.version)
        for key, candidate in candidates.items()
    ]


def test_verdicts_of_a_killed_process_are_noted_once(loop: Loop, workspace: Workspace) -> None:
    # GIVEN verdicts that the table has, and a process that was killed before it noted them
    reviewed = loop.review_all()
    assert reviewed
    for _ in range(2):
        look_at(workspace, loop)
        assert noted(workspace, loop) == given(reviewed)
    assert workspace.journal.run(loop.run.id) == loop.run


def test_verdict_that_was_taken_back_is_noted_too(loop: Loop, workspace: Workspace) -> None:
    first = next(iter(loop.review_all().values()))
    look_at(workspace, loop)
    before = noted(workspace, loop)
    retrain_table.save_verdict(loop.cloud, first, "undecided")
    look_at(workspace, loop)
    assert noted(workspace, loop) == [*before, (first.key, "undecided", 2)]


def test_verdict_is_noted_though_a_lost_one_had_its_version(
    loop: Loop, workspace: Workspace
) -> None:
    first, *_ = loop.candidates().values()
    loop.review_all()
    look_at(workspace, loop)
    before = noted(workspace, loop)
    assert (first.key, "right", 1) in before
    # WHEN the cloud loses the verdict, and gets another one that is not noted
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    for name in ("Verdict", "VerdictId", "VerdictVersion", "Version"):
        table[first.key].pop(name, None)
    retrain_table.save_verdict(loop.cloud, first, "drop")
    look_at(workspace, loop)
    assert noted(workspace, loop) == [*before, (first.key, "drop", 1)]


def test_verdict_is_noted_though_a_lost_one_was_the_same(loop: Loop, workspace: Workspace) -> None:
    # GIVEN a noted verdict that the cloud has lost
    table = loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table]
    saved = {key: dict(item) for key, item in table.items()}
    first, *_ = loop.candidates().values()
    retrain_table.save_verdict(
        loop.cloud, first, "drop", note="once", at="2026-11-22T10:00:00.000+00:00"
    )
    look_at(workspace, loop)
    loop.cloud.dynamodb.tables[loop.cloud.settings.retrain_table] = saved
    # WHEN the same decision is given again by a process that is killed before it notes it
    retrain_table.save_verdict(loop.cloud, first, "drop", note="twice")
    # THEN it is noted, with its note, as soon as the notes are completed
    assert note_verdicts_of_run(workspace, loop.cloud, loop.run) == 1
    assert note_verdicts_of_run(workspace, loop.cloud, loop.run) == 0
    notes = workspace.journal.verdict_notes(loop.run.id)
    assert [(note.note, note.version) for note in notes] == [("once", 1), ("twice", 1)]


def test_visitor_who_may_change_nothing_notes_nothing(loop: Loop, workspace: Workspace) -> None:
    loop.review_all()
    look_at(ReadOnlyWorkspace(workspace), loop)
    assert noted(workspace, loop) == []
