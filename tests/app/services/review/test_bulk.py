"""Verdicts on many candidates at once, which are one to be undone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.services.job_starters import start_bulk
from app.services.jobs import JobState
from app.services.review.bulk import complete_bulk, give_verdicts, unfinished_bulks
from app.services.review.choices import Choice
from app.services.review.history import history
from app.services.review.ledger import note_verdicts_of_run
from app.services.review.undoing import undo
from app.services.review.verdicts import give_verdict
from app.services.review_jobs import start_undo_of
from app.services.workspace import ReadOnlyWorkspace, Workspace
from aws import retrain_table
from aws.errors import CloudError, NotPermittedError
from iris_core.errors import Cancelled, DataError, NotFoundError, StoreError
from iris_core.records.keys import Key, key_of
from tests.app.services.review.reviewed_loop import (
    OTHERS,
    first,
    reviewed_loop,
    states,
    workspace_of,
)
from tests.faults.conditions import error
from tests.faults.interruptions import KilledError, interrupted
from tests.faults.loop import Loop
from tests.faults.memory import undisturbed

ROWS = 700
"""Enough for three batches of candidates."""


@pytest.fixture
def loop() -> Loop:
    return reviewed_loop(ROWS)


@pytest.fixture
def workspace(loop: Loop, tmp_path: Path) -> Workspace:
    return workspace_of(loop, tmp_path)


def chosen(loop: Loop, number: int = 10_000) -> dict[Key, Choice]:
    """Return a verdict of each kind in turn on the first candidates."""
    kinds = (
        Choice("right", note="looks fine"),
        Choice("relabel", OTHERS[0]),
        Choice("drop"),
        Choice("relabel", OTHERS[1]),
    )
    return {key: kinds[at % 4] for at, key in enumerate(list(loop.candidates())[:number])}


def decisions(loop: Loop) -> dict[Key, tuple[str, str, str]]:
    """Return decision, note and reviewer of each candidate that has a verdict."""
    return {key: (s[0], s[2], s[3]) for key, s in states(loop).items() if s}


def expected(choices: Mapping[Key, Choice], who: str = "ada") -> dict[Key, tuple[str, str, str]]:
    return {key: (choice.decision, choice.note, who) for key, choice in choices.items()}


def test_bulk_is_given_and_undone_as_one(loop: Loop, workspace: Workspace) -> None:
    # GIVEN candidates of which some are reviewed
    give_verdict(workspace, first(loop), "right", note="before", who="bob")
    before, choices = states(loop), chosen(loop)
    steps: list[tuple[str, int, int]] = []
    # WHEN all get a verdict at once
    done = give_verdicts(
        workspace, loop.run, choices, who="ada", on_progress=lambda *step: steps.append(step)
    )
    assert (done.given, done.unchanged, done.conflicts, done.left) == (len(choices), 0, (), 0)
    assert decisions(loop) == expected(choices)
    assert steps[-1] == ("reviewed", len(choices), len(choices))
    assert len(steps) == -(-len(choices) // 64)
    # THEN all are noted, and the history has who, and what was before
    assert note_verdicts_of_run(workspace, loop.cloud, loop.run) == 0
    assert unfinished_bulks(workspace, loop.run) == []
    entries = history(workspace, loop.run, first(loop).key.row)
    assert [(e.who, e.decision, e.before, e.note) for e in entries] == [
        ("bob", "right", "undecided", "before"),
        ("ada", "right", "right", "looks fine"),
    ]
    # AND one undo takes all back
    undone = undo(workspace, loop.run, who="ada")
    assert (undone.id, len(undone.undone), undone.refused) == (done.id, len(choices), ())
    assert states(loop) == before
    assert note_verdicts_of_run(workspace, loop.cloud, loop.run) == 0


def test_few_candidates_are_read_in_one_request(loop: Loop, workspace: Workspace) -> None:
    choices = chosen(loop, 40)
    loop.cloud.dynamodb.calls.clear()
    assert give_verdicts(workspace, loop.run, choices).given == 40
    calls = loop.cloud.dynamodb.calls
    assert (calls["BatchGetItem"], calls["GetItem"], calls["Query"]) == (1, 0, 0)


def test_records_that_somebody_reviewed_meanwhile_are_left(
    loop: Loop, workspace: Workspace
) -> None:
    # GIVEN two records that were seen, of which bob reviews one, and one that is no candidate
    one, two = first(loop, 2)
    seen = {entry.key: Choice("drop", version=entry.version) for entry in (one, two)}
    retrain_table.save_verdict(loop.cloud, two, "right", who="bob")
    nowhere = key_of(loop.run.id, 1)
    done = give_verdicts(workspace, loop.run, {**seen, nowhere: Choice("drop")}, who="ada")
    assert (done.given, done.conflicts) == (1, (nowhere, two.key))
    assert decisions(loop) == {one.key: ("drop", "", "ada"), two.key: ("right", "", "bob")}


def test_record_that_is_reviewed_during_the_bulk_is_left(loop: Loop, workspace: Workspace) -> None:
    choices = chosen(loop)
    last = list(loop.candidates().values())[-1]

    def review_last(*_step: object) -> None:
        if last.key not in decisions(loop):
            retrain_table.save_verdict(loop.cloud, last, "right", who="bob")

    done = give_verdicts(workspace, loop.run, choices, who="ada", on_progress=review_last)
    assert (done.given, done.conflicts) == (len(choices) - 1, (last.key,))
    assert decisions(loop)[last.key] == ("right", "", "bob")
    # An undo of the bulk is not of the record that it never changed.
    assert undo(workspace, loop.run, who="ada").refused == ()
    assert decisions(loop) == {last.key: ("right", "", "bob")}


def test_undo_of_a_bulk_leaves_what_others_reviewed_since(loop: Loop, workspace: Workspace) -> None:
    choices = chosen(loop, 5)
    give_verdicts(workspace, loop.run, choices, who="ada")
    key = next(iter(choices))
    retrain_table.save_verdict(loop.cloud, loop.candidates()[key], "drop", who="bob")
    done = undo(workspace, loop.run, who="ada")
    assert len(done.undone) == 4
    assert [(r.key, r.why) for r in done.refused] == [
        (key, "bob reviewed it since, and that stays")
    ]
    assert decisions(loop) == {key: ("drop", "", "bob")}
    with pytest.raises(NotFoundError):
        undo(workspace, loop.run, who="ada")


def test_verdict_that_a_record_has_already_is_not_given_again(
    loop: Loop, workspace: Workspace
) -> None:
    choices = chosen(loop, 8)
    give_verdicts(workspace, loop.run, choices, who="ada")
    before = states(loop)
    again = give_verdicts(workspace, loop.run, choices, who="bob")
    assert (again.id, again.given, again.unchanged) == ("", 0, 8)
    assert states(loop) == before


def test_to_relabel_a_record_as_what_it_is_keeps_its_label(
    loop: Loop, workspace: Workspace
) -> None:
    key = first(loop).key
    give_verdicts(workspace, loop.run, {key: Choice("relabel", "versicolor")}, who="ada")
    assert decisions(loop) == {key: ("right", "", "ada")}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice("relabel", "tulip"), "Choose one of the classes .*received 'tulip'"),
        (Choice("relabel"), "received 'None'"),
        (Choice("perhaps"), "received 'perhaps'"),  # type: ignore[arg-type]
    ],
)
def test_choice_that_is_no_verdict_changes_nothing(
    loop: Loop, workspace: Workspace, choice: Choice, message: str
) -> None:
    one, two = first(loop, 2)
    with pytest.raises(DataError, match=message):
        give_verdicts(workspace, loop.run, {one.key: Choice("drop"), two.key: choice})
    assert decisions(loop) == {}
    assert unfinished_bulks(workspace, loop.run) == []


def test_cancelled_bulk_says_what_was_given_and_is_undone(loop: Loop, workspace: Workspace) -> None:
    choices = chosen(loop)
    asked = iter((False, True))
    done = give_verdicts(workspace, loop.run, choices, who="ada", cancelled=lambda: next(asked))
    assert (done.given, done.left) == (64, len(choices) - 64)
    assert len(decisions(loop)) == 64
    # AND an undo that is cancelled goes on with the rest the next time
    asked = iter((True,))
    assert undo(workspace, loop.run, cancelled=lambda: next(asked)).left == 64
    assert len(undo(workspace, loop.run).undone) == 64
    assert decisions(loop) == {}


def test_cloud_that_fails_in_between_leaves_a_bulk_to_be_completed(
    loop: Loop, workspace: Workspace
) -> None:
    # GIVEN a cloud that refuses all verdicts after the 40th
    choices = chosen(loop)
    refused = 0

    def refuse(when: str, operation: str) -> None:
        nonlocal refused
        if (when, operation) == ("before", "UpdateItem"):
            refused += 1
            if refused > 40:
                raise error("InternalServerError")

    loop.cloud.dynamodb.interrupt = refuse
    with pytest.raises(CloudError, match=f"40 of {len(choices)} verdicts were given"):
        give_verdicts(workspace, loop.run, choices, who="ada")
    loop.cloud.dynamodb.interrupt = undisturbed
    (bulk,) = unfinished_bulks(workspace, loop.run)
    assert (bulk.who, bulk.given, bulk.of) == ("ada", 40, len(choices))
    # WHEN it is completed, THEN all are given, and undone as one
    done = complete_bulk(workspace, loop.run, bulk.id)
    assert (done.id, done.given, done.conflicts) == (bulk.id, len(choices), ())
    assert decisions(loop) == expected(choices)
    assert unfinished_bulks(workspace, loop.run) == []
    with pytest.raises(NotFoundError, match="complete or undone"):
        complete_bulk(workspace, loop.run, bulk.id)
    assert len(undo(workspace, loop.run).undone) == len(choices)
    assert decisions(loop) == {}


FEW = 6


@pytest.mark.parametrize("afterwards", ["complete", "undo"])
@pytest.mark.parametrize("target", ["local", "aws"])
def test_killed_at_each_call_every_record_has_its_old_or_its_new_verdict_and_it_is_said_which(
    tmp_path: Path, target: Any, afterwards: str
) -> None:
    counts = set()
    for point in range(1_000):
        # GIVEN a record with a verdict and others without
        loop = reviewed_loop(30, target=target)
        workspace = workspace_of(loop, tmp_path / f"{point}")
        give_verdict(workspace, first(loop), "drop", note="before", who="bob")
        choices, before = chosen(loop, FEW), states(loop)

        # WHEN the process that gives some at once is killed at a call of the disk or the cloud
        def kill(number: int, at: int = point) -> None:
            if number >= at:
                raise KilledError

        give = partial(give_verdicts, workspace, loop.run, choices, who="ada")
        is_complete = interrupted(give, loop.cloud, kill, before_query=lambda: None)
        # THEN every record has its old verdict or its new one
        after, new = states(loop), expected(choices)
        is_new = {key for key in choices if decisions(loop).get(key) == new[key]}
        assert {key: s for key, s in after.items() if key not in is_new} == {
            key: s for key, s in before.items() if key not in is_new
        }
        # AND the report says how many: none is left of one that is complete or never began
        unfinished = unfinished_bulks(workspace, loop.run)
        assert [(bulk.given, bulk.of) for bulk in unfinished] == [(len(is_new), FEW)] or (
            not unfinished and len(is_new) in (0, FEW)
        )
        counts.add(len(is_new))
        # AND it can be completed, or undone
        if afterwards == "complete":
            for bulk in unfinished:
                assert complete_bulk(workspace, loop.run, bulk.id).given == FEW
            assert {key: s for key, s in decisions(loop).items() if key in choices} == (
                new if unfinished or is_new else {first(loop).key: ("drop", "before", "bob")}
            )
        elif unfinished or is_new:
            assert set(undo(workspace, loop.run, who="ada").undone) == is_new
            assert states(loop) == before
        assert unfinished_bulks(workspace, loop.run) == []
        # AND the journal has what the table has
        noted = {e.key: (e.decision, e.note, e.at) for e in workspace.journal.verdicts(loop.run.id)}
        assert noted == {key: (s[0], s[2], s[4]) for key, s in states(loop).items() if s}
        if is_complete:
            break
    assert is_complete
    assert counts == set(range(FEW + 1))


def test_bulk_and_undo_do_not_get_in_each_others_way(loop: Loop, workspace: Workspace) -> None:
    refusals: list[str] = []

    def try_both(*_step: object) -> None:
        for change in (
            lambda: undo(workspace, loop.run),
            lambda: give_verdicts(workspace, loop.run, {first(loop).key: Choice("undecided")}),
        ):
            with pytest.raises(StoreError) as refusal:
                change()
            refusals.append(str(refusal.value))

    choices = chosen(loop, 10)
    give_verdicts(workspace, loop.run, choices, who="ada", on_progress=try_both)
    assert len(refusals) == 2
    assert all(text.startswith("Wait until the verdicts of run") for text in refusals)
    assert decisions(loop) == expected(choices)


def test_broken_note_of_a_bulk_is_named_with_its_remedy(loop: Loop, workspace: Workspace) -> None:
    path = workspace.home / "journal" / "local" / f"{loop.run.id}.0123.bulk"
    path.write_bytes(b'{"id": ')
    with pytest.raises(StoreError, match=r"Remove .*0123\.bulk"):
        unfinished_bulks(workspace, loop.run)
    assert workspace.journal.runs() == [loop.run]


def test_visitor_who_may_change_nothing_gives_nothing(loop: Loop, workspace: Workspace) -> None:
    class VisitorsWorkspace(ReadOnlyWorkspace):
        def cloud(self) -> Any:
            return loop.cloud

    with pytest.raises(NotPermittedError):
        give_verdicts(VisitorsWorkspace(workspace), loop.run, chosen(loop))
    assert decisions(loop) == {}
    assert list((workspace.home / "journal").rglob("*bulk*")) == []


def test_bulk_and_undo_as_jobs(loop: Loop, workspace: Workspace) -> None:
    choices = chosen(loop)
    given = start_bulk(workspace, loop.run, choices, who="ada")
    while not given.is_over:
        given.cancel_requested.wait(0.01)
    undone = start_undo_of(workspace, loop.run, [given.result.id])
    while not undone.is_over:
        undone.cancel_requested.wait(0.01)
    assert (given.state, given.result.given, given.subject) == (
        JobState.FINISHED,
        len(choices),
        loop.run.id,
    )
    assert len(undone.result.undone) == len(choices)
    assert given.progress["reviewed"].share == undone.progress["undone"].share == 1
    assert decisions(loop) == {}


def test_cancelled_job_says_what_was_given(loop: Loop, workspace: Workspace) -> None:
    # GIVEN a cloud in which the job is cancelled with its first verdict

    def cancel(when: str, operation: str) -> None:
        if (when, operation) == ("after", "UpdateItem"):
            (job,) = workspace.jobs.running()
            workspace.jobs.cancel(job)

    choices = chosen(loop)
    loop.cloud.dynamodb.interrupt = cancel
    job = start_bulk(workspace, loop.run, choices, who="ada")
    while not job.is_over:
        job.cancel_requested.wait(0.01)
    loop.cloud.dynamodb.interrupt = undisturbed
    assert job.state == JobState.CANCELLED
    assert isinstance(job.error, Cancelled)
    assert str(job.error) == (
        f"Cancelled: 64 verdicts were given and stay, {len(choices) - 64} were not. One undo takes "
        "them back."
    )
    assert len(undo(workspace, loop.run, who="ada").undone) == 64
