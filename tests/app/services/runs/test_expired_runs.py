"""A run whose records have expired is neither lost nor tested again; its verdicts are restored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.services.journal import NotedVerdict
from app.services.review.rescoring import rescore
from app.services.runs.expiry import expiry_note
from app.services.runs.recovery import replay
from app.services.runs.score_curves import run_curves
from aws import retrain_table, run_table
from aws.tables import typed
from iris_core.records.keys import new_run_id
from iris_core.records.run import RunState
from tests.app.services.review.reviewed_loop import workspace_of
from tests.aws.samples import candidate_rows
from tests.faults.loop import Loop

STARTED = datetime(2026, 5, 3, 9, tzinfo=UTC)


def test_replay_of_an_expired_run_restores_its_verdicts_and_nothing_else(tmp_path: Path) -> None:
    # GIVEN an expired run without its records, one of whose verdicts was lost with the cloud
    loop = Loop(60)
    start = datetime.now(UTC) - timedelta(days=8)
    state = {"state": RunState.INCOMPLETE, "stored": 59, "record_days": 7, "project": "0" * 12}
    loop.run = replace(loop.run, id=new_run_id(start), **state)  # type: ignore[arg-type]
    loop.write()
    loop.mapping.deliver()
    loop.cloud.dynamodb.tables[loop.cloud.settings.score_table].clear()
    workspace = workspace_of(loop, tmp_path)
    first = next(iter(loop.candidates().values()))
    reviewed = retrain_table.save_verdict(loop.cloud, first, "drop", who="ada")
    workspace.journal.add_verdicts(loop.run.id, [NotedVerdict.of(reviewed, is_own=True)])
    lost = {**first.to_item(), "Sequence": "1"}
    loop.cloud.dynamodb.put_item(TableName=loop.cloud.settings.retrain_table, Item=typed(lost))
    # WHEN it is replayed
    run, result = replay(workspace, loop.run.id)
    # THEN the verdict is back, the run is as it was, and nothing is called lost
    assert loop.candidates()[first.key].verdict == reviewed.verdict
    assert run == loop.run == run_table.load(loop.cloud, run.id)
    assert (result.complete, result.expired, result.found) == (True, 60, len(candidate_rows(60)))
    assert loop.cloud.dynamodb.tables[loop.cloud.settings.score_table] == {}
    # AND no figure is made of no records
    assert rescore(workspace, loop.cloud, run).rows == 0
    assert run_curves(workspace, run) == []


def test_note_says_for_how_long_and_until_when() -> None:
    run = replace(Loop(3).run, id=new_run_id(STARTED), record_days=30)
    assert "kept for 30 days, until 2 June 2026." in expiry_note(run)
    assert "kept for 1 day, until 4 May 2026." in expiry_note(replace(run, record_days=1))
