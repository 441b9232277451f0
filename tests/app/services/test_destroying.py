"""Before a stack is destroyed its runs and verdicts are exported, or nothing is destroyed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from app.services.destroying import destroy_cloud, export_folder
from app.services.export.cloud_export import HISTORY, RUNS, VERDICTS, export_cloud
from app.services.workspace import Workspace
from aws import retrain_table, run_table, stack
from aws.errors import AccessError
from aws.settings import Settings
from aws.tables import typed
from iris_core.errors import DataError, StoreError
from iris_core.records.keys import key_of
from iris_core.records.run import Run
from tests.aws.samples import sample_record, sample_run

FINGERPRINT = "abcdefghijklmnop"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace on AWS, whose stack is deployed."""
    with mock_aws():
        workspace = Workspace(tmp_path / "home", Settings(target="aws"))
        stack.deploy(workspace.cloud())
        yield workspace
        workspace.close()


def reviewed_run(workspace: Workspace) -> Run:
    """A run with three candidates, one of them reviewed."""
    cloud, run = workspace.cloud(), sample_run(30)
    run_table.save(cloud, run)
    for row in (0, 10, 20):
        item = {**sample_record(row).to_item(key_of(run.id, row)), "Fingerprint": FINGERPRINT}
        item |= {"Reason": "wrong", "Threshold": "0.9", "Sequence": "1"}
        cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=typed(item))
    candidate = retrain_table.load(cloud, key_of(run.id, 10))
    assert candidate
    retrain_table.save_verdict(
        cloud, candidate, "relabel", label="setosa", note="=surely", who="ada"
    )
    return run


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_runs_and_verdicts_are_exported_with_who_gave_them(workspace: Workspace) -> None:
    run, other = reviewed_run(workspace), sample_run(3)
    run_table.save(workspace.cloud(), other)
    out = export_folder(workspace)
    done = destroy_cloud(workspace, out=out)
    assert done.existed
    assert done.export
    assert (done.export.folder, done.export.runs, done.export.verdicts) == (out, 2, 1)
    assert stack.stack_state(workspace.cloud()) is None
    # THEN the runs can be read back
    assert {Run.from_dict(entry).id for entry in lines(out / RUNS)} == {run.id, other.id}
    # AND the verdict, as it was stored
    (verdict,) = lines(out / VERDICTS)
    assert verdict["sort_key"] == key_of(run.id, 10).sort_key
    assert (verdict["Verdict"], verdict["Label"], verdict["Note"], verdict["Reviewer"]) == (
        "relabel",
        "setosa",
        "=surely",
        "ada",
    )
    # AND a file for `review import` of the run that has one, of no other
    assert {path.name for path in out.iterdir()} == {
        HISTORY,
        RUNS,
        VERDICTS,
        f"review-{run.id}.csv",
    }
    content = (out / f"review-{run.id}.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["fingerprint"], row["verdict"], row["label"]) for row in rows] == [
        (FINGERPRINT, "undecided", ""),
        (FINGERPRINT, "relabel", "setosa"),
        (FINGERPRINT, "undecided", ""),
    ]


def test_tables_are_read_once_and_all_files_are_of_one_state(workspace: Workspace) -> None:
    reviewed_run(workspace)
    queries: list[Any] = []
    events = workspace.cloud().dynamodb.meta.events
    events.register(
        "before-call.dynamodb.Query", lambda params, **_call: queries.append(params["body"])
    )
    export_cloud(workspace, out := export_folder(workspace))
    # THEN the runs, and the candidates of this one, were asked for once
    assert len(queries) == len(set(map(str, queries))) == 2
    # AND the verdicts are those of the history
    history = [entry for entry in lines(out / HISTORY) if entry.get("Verdict")]
    assert [entry["sort_key"] for entry in lines(out / VERDICTS)] == [
        entry["sort_key"] for entry in history
    ]


def test_export_that_could_not_be_imported_again_keeps_the_stack(workspace: Workspace) -> None:
    run = reviewed_run(workspace)
    key = {**key_of(run.id, 10)._asdict(), "sort_key": "somebody's"}
    item = {**sample_record(10).to_item(key_of(run.id, 10)), **key}
    cloud = workspace.cloud()
    cloud.dynamodb.put_item(TableName=cloud.settings.retrain_table, Item=typed(item))
    with pytest.raises(DataError, match=r"history\.jsonl, line \d, key 'sort_key'") as caught:
        destroy_cloud(workspace, out=export_folder(workspace))
    assert "--no-export" in str(caught.value)
    assert stack.stack_state(cloud) == "UPDATE_COMPLETE"


def test_export_is_of_what_is_there_where_a_table_is_missing(workspace: Workspace) -> None:
    run = reviewed_run(workspace)
    cloud = workspace.cloud()
    for table in (cloud.settings.retrain_table, cloud.settings.runs_table):
        cloud.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    cloud.dynamodb.delete_table(TableName=cloud.settings.retrain_table)
    export = export_cloud(workspace, export_folder(workspace))
    assert [entry["id"] for entry in lines(export.folder / RUNS)] == [run.id]
    cloud.dynamodb.delete_table(TableName=cloud.settings.runs_table)
    again = export_cloud(workspace, export_folder(workspace))
    assert (export.verdicts, again.runs) == (0, 0)


def test_without_the_right_to_read_nothing_is_destroyed(workspace: Workspace) -> None:
    def refuse(**_call: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")

    workspace.cloud().dynamodb.meta.events.register("provide-client-params.dynamodb.Query", refuse)
    with pytest.raises(AccessError, match="--no-export"):
        destroy_cloud(workspace, out=export_folder(workspace))
    assert stack.stack_state(workspace.cloud()) == "UPDATE_COMPLETE"
    assert destroy_cloud(workspace, out=None).existed


def test_export_that_cannot_be_written_keeps_the_stack(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError):
        destroy_cloud(workspace, out=tmp_path / "file" / "folder")
    assert stack.stack_state(workspace.cloud()) == "UPDATE_COMPLETE"


def test_where_there_is_no_stack_nothing_is_exported(workspace: Workspace) -> None:
    stack.destroy(workspace.cloud())
    out = export_folder(workspace)
    assert not destroy_cloud(workspace, out=out).existed
    assert not out.exists()
