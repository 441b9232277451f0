"""A history leaves one stage, and comes back in another: the same runs, candidates and verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from app.cli.answers import ExitStatus
from app.services.export import history_transfer
from app.services.export.history_transfer import HistoryImport, export_history, import_history
from app.services.workspace import Workspace
from aws import retrain_table, run_table, stack
from aws.errors import CloudError
from aws.settings import Settings
from aws.tables import typed
from cli import main
from iris_core.errors import DataError
from iris_core.records.candidate import Candidate
from iris_core.records.keys import key_of
from iris_core.records.run import Run, RunState
from tests.aws.samples import candidate_rows, sample_record, sample_run

ROWS = 1_050
"""More than are in one partition."""
FOUND = candidate_rows(ROWS)[::8]


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[tuple[Workspace, Workspace]]:
    """Two stages of one account, each with a workspace of its own; the first has a history."""
    with mock_aws():
        ours, theirs = (
            Workspace(tmp_path / prefix, Settings(target="aws", prefix=prefix))
            for prefix in ("dev", "prod")
        )
        for workspace in (ours, theirs):
            stack.deploy(workspace.cloud())
        yield ours, theirs
        ours.close()
        theirs.close()


def reviewed_run(workspace: Workspace) -> Run:
    """A run with candidates, two of them reviewed by two people."""
    cloud = workspace.cloud()
    run = sample_run(ROWS, state=RunState.RECONCILED, found=len(FOUND), record_days=30)
    for row in FOUND:
        item = {**sample_record(row).to_item(key_of(run.id, row)), "Fingerprint": f"row {row}"}
        item |= {"Reason": "wrong", "Threshold": "0.9", "Sequence": "1"}
        cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=typed(item))
    for row, decision, label in ((FOUND[0], "relabel", "setosa"), (FOUND[-1], "drop", None)):
        candidate = retrain_table.load(cloud, key_of(run.id, row))
        assert candidate
        first = retrain_table.save_verdict(cloud, candidate, "right", who="ada")
        retrain_table.save_verdict(cloud, first, decision, label=label, note="ä", who="ben")  # type: ignore[arg-type]
    run_table.save(cloud, run)
    run_table.save(cloud, sample_run(3, state=RunState.FAILED, note="why"))
    return run


def history_of(workspace: Workspace) -> list[tuple[Run, list[Candidate]]]:
    cloud = workspace.cloud()
    return [(run, list(retrain_table.candidates(cloud, run))) for run in run_table.runs(cloud)]


@pytest.mark.parametrize("name", ["history.jsonl", "history.parquet"])
def test_history_is_the_same_in_another_stage_and_twice_is_once(
    stages: tuple[Workspace, Workspace], tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = stages
    monkeypatch.setattr(history_transfer, "BATCH", 10)
    run = reviewed_run(ours)
    counts = export_history(ours, tmp_path / name)
    assert (counts.runs, counts.candidates, counts.verdicts) == (2, len(FOUND), 2)
    # WHEN it is imported, THEN the other stage has it
    assert import_history(theirs, tmp_path / name) == HistoryImport(runs=2, candidates=len(FOUND))
    assert history_of(theirs) == history_of(ours)
    opinions = history_of(theirs)[1][1][0].opinions
    assert [opinion.who for opinion in opinions.given] == ["ada", "ben"]
    # AND it is noted in the workspace, as others' verdicts, so that none can be undone there
    noted = theirs.journal.verdicts(run.id)
    assert [(one.key.row, one.decision, one.who, one.id) for one in noted] == [
        (FOUND[0], "relabel", "ben", ""),
        (FOUND[-1], "drop", "ben", ""),
    ]
    assert theirs.journal.run(run.id) == run
    # AND again it changes nothing
    again = import_history(theirs, tmp_path / name)
    assert again == HistoryImport(runs_there=2, candidates_there=len(FOUND))
    assert len(list(theirs.journal.verdict_notes(run.id))) == 2
    assert history_of(theirs) == history_of(ours)


def test_verdict_that_was_given_there_stays_and_a_later_one_of_the_file_is_taken(
    stages: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    ours, theirs = stages
    run = reviewed_run(ours)
    file = tmp_path / "history.jsonl"
    export_history(ours, file)
    import_history(theirs, file)
    mine, yours, both = (key_of(run.id, FOUND[number]) for number in (1, 2, 3))
    for workspace, keys in ((ours, (mine, both)), (theirs, (yours, both))):
        for key in keys:
            candidate = retrain_table.load(workspace.cloud(), key)
            assert candidate
            retrain_table.save_verdict(workspace.cloud(), candidate, "drop", who=str(workspace))
    run_table.save(theirs.cloud(), sample_run(ROWS, id=run.id, note="other"))
    kept = [retrain_table.load(theirs.cloud(), key) for key in (yours, both)]
    export_history(ours, file)
    done = import_history(theirs, file)
    assert (done.candidates, done.candidates_there, done.conflicts) == (1, len(FOUND) - 2, 2)
    assert done.named == (f"candidate {both}", f"run {run.id}")
    assert [retrain_table.load(theirs.cloud(), key) for key in (yours, both)] == kept
    assert retrain_table.load(theirs.cloud(), mine) == retrain_table.load(ours.cloud(), mine)


def test_file_that_is_cut_changes_nothing(
    stages: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    ours, theirs = stages
    reviewed_run(ours)
    file = tmp_path / "history.jsonl"
    export_history(ours, file)
    file.write_bytes(file.read_bytes()[:-70])
    with pytest.raises(DataError, match=rf"history.jsonl, line {len(FOUND) + 2}: the file was cut"):
        import_history(theirs, file)
    assert history_of(theirs) == []


def test_import_that_a_failure_stopped_shows_no_run_by_half_and_the_next_one_completes_it(
    stages: tuple[Workspace, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = stages
    run = reviewed_run(ours)
    file = tmp_path / "history.jsonl"
    export_history(ours, file)
    cloud = theirs.cloud()
    name = "provide-client-params.dynamodb.UpdateItem"
    left = iter(range(10))

    def fail(**_call: object) -> None:
        if next(left, None) is None:
            raise CloudError("gone")

    cloud.dynamodb.meta.events.register(name, fail)
    with pytest.raises(CloudError):
        import_history(theirs, file)
    cloud.dynamodb.meta.events.unregister(name, fail)
    assert run not in list(run_table.runs(cloud))
    import_history(theirs, file)
    assert history_of(theirs) == history_of(ours)


def test_commands_answer_with_counts_and_status(
    stages: tuple[Workspace, Workspace],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = reviewed_run(stages[0])
    file = tmp_path / "history.jsonl"

    def command(prefix: str, *arguments: str) -> tuple[int, dict[str, object]]:
        monkeypatch.setenv("IRIS_PREFIX", prefix)
        home = ("--home", str(tmp_path / prefix), "--target", "aws", "--json")
        status = main([*arguments, str(file), *home])
        return status, json.loads(capsys.readouterr().out)

    expected = {"out": str(file), "runs": 2, "candidates": len(FOUND), "verdicts": 2}
    assert command("dev", "export", "--out") == (ExitStatus.OK, expected)
    answer = {"runs": 2, "runs_there": 0, "candidates": len(FOUND), "candidates_there": 0}
    nothing: dict[str, object] = {"in_conflict": 0, "conflicts": []}
    assert command("prod", "import", "--file") == (ExitStatus.OK, {**answer, **nothing})
    run_table.save(stages[1].cloud(), sample_run(ROWS, id=run.id))
    status, done = command("prod", "import", "--file")
    assert (status, done["conflicts"]) == (ExitStatus.DIFFERS, [f"run {run.id}"])
