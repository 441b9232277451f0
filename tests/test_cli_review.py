"""Reviews go out and come back by the command line; verdicts are undone, their history listed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.account import account_name
from app.services.review.bulk_intents import Bulk, BulkIntents, IntendedVerdict
from app.services.review.verdicts import give_verdict
from app.services.workspace import Workspace
from aws import retrain_table, run_table
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from iris_core.records.verdict import Decision
from tests.commands import answer, run

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a run, whose local cloud goes on between the commands."""
    home = tmp_path_factory.mktemp("review") / "home"
    with closing(LocalCloud(home / "cloud")) as hold:
        hold.endpoint()
        assert run(home, "loop", "--rows", 15).returncode == 0
        yield home


def exported(home: Path, out: Path) -> list[dict[str, str]]:
    assert run(home, "review", "export", "--out", out).returncode == 0
    with out.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def imported(home: Path, path: Path, rows: list[dict[str, str]]) -> dict[str, object]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return answer(run(home, "review", "import", "--file", path, "--json"))


def test_newest_verdict_is_undone_and_the_history_says_so(home: Path, tmp_path: Path) -> None:
    # GIVEN a record that was kept, and then dropped
    rows = exported(home, tmp_path / "out.csv")
    row = int(rows[0]["sort_key"])
    for verdict in ("keep", "drop"):
        changed = [{**rows[0], "verdict": verdict, "note": f"to {verdict}"}, *rows[1:]]
        assert imported(home, tmp_path / "in.csv", changed)["imported"] == 1
    # WHEN it is undone by name, THEN it is kept again
    undone = answer(run(home, "review", "undo", "--who", account_name(), "--json"))
    assert (undone["undone"], undone["rows"], undone["conflicts"]) == (1, [row], [])
    listed = answer(run(home, "review", "history", "--row", row, "--json"))["history"]
    assert [
        (entry["version"], entry["verdict"], entry["before"], entry["note"], entry["undo"])
        for entry in listed
    ] == [
        (1, "keep", "undecided", "to keep", False),
        (2, "drop", "keep", "to drop", False),
        (3, "keep", "drop", "to keep", True),
    ]
    assert {entry["who"] for entry in listed} == {account_name()}
    assert run(home, "review", "history", "--format", "csv").stdout.count("\n") == 4
    # AND the next one takes back that, and then there is none
    assert run(home, "review", "undo").stdout.splitlines()[1] == "undone: 1"
    assert {entry["verdict"] for entry in exported(home, tmp_path / "out.csv")} == {"undecided"}
    nothing = run(home, "review", "undo", "--json")
    assert answer(nothing, status=2)["kind"] == "NotFoundError"
    assert "Give a verdict on a candidate of run" in nothing.stderr


def test_import_is_undone_as_one(home: Path, tmp_path: Path) -> None:
    rows = exported(home, tmp_path / "out.csv")
    kept = [{**row, "verdict": "keep"} for row in rows]
    assert imported(home, tmp_path / "in.csv", kept)["imported"] == len(rows)
    # There is no import that was interrupted.
    done = answer(run(home, "review", "complete", "--json"))
    assert (done["bulks"], done["given"], done["conflicts"]) == (0, 0, [])
    undone = answer(run(home, "review", "undo", "--json"))
    assert undone["undone"] == len(rows)
    assert undone["rows"] == sorted(int(row["sort_key"]) for row in rows)
    assert exported(home, tmp_path / "out.csv") == rows


def test_record_that_somebody_else_reviewed_since_is_named(home: Path, tmp_path: Path) -> None:
    # GIVEN an import, and a record of it that bob reviewed since
    rows = exported(home, tmp_path / "out.csv")
    kept = [{**row, "verdict": "keep"} for row in rows]
    imported(home, tmp_path / "in.csv", kept)
    with closing(Workspace(home, Settings())) as workspace:
        newest = next(run_table.runs(workspace.cloud()))
        reviewed = next(retrain_table.candidates(workspace.cloud(), newest))
        give_verdict(workspace, reviewed, "drop", who="bob")
    # WHEN it is undone, THEN bob's verdict stays, and the status says that something does
    done = run(home, "review", "undo", "--who", account_name(), "--json")
    undone = answer(done, status=1)
    assert undone["undone"] == len(rows) - 1
    assert undone["conflicts"] == [f"row {reviewed.key.row}: bob reviewed it since, and that stays"]
    assert answer(run(home, "review", "undo", "--who", "bob", "--json"))["undone"] == 1


def test_import_that_was_interrupted_is_completed(home: Path, tmp_path: Path) -> None:
    # GIVEN an import that was killed when it had given nothing but its first verdict
    with closing(Workspace(home, Settings())) as workspace:
        cloud = workspace.cloud()
        newest = next(run_table.runs(cloud))
        one, two = list(retrain_table.candidates(cloud, newest))[:2]
        verdicts = tuple(
            IntendedVerdict(*entry.key, entry.version, "drop", "", "") for entry in (one, two)
        )
        bulk = Bulk("0123456789abcdef", newest.id, "ada", "2026-11-22T10:00:00.000+00:00", verdicts)
        BulkIntents(home, "local", newest.id).save(bulk)
        retrain_table.save_verdict(cloud, one, "drop", who="ada", verdict_id=bulk.id)
    done = answer(run(home, "review", "complete", "--json"))
    assert (done["bulks"], done["of"], done["given_before"], done["given"]) == (1, 2, 1, 2)
    undone = answer(run(home, "review", "undo", "--who", "ada", "--json"))
    assert undone["rows"] == [one.key.row, two.key.row]


def test_review_goes_through_label_studio(home: Path, tmp_path: Path) -> None:
    # GIVEN the candidates as tasks, with suggestions and the configuration that shows them
    out, config = tmp_path / "tasks.json", tmp_path / "config.xml"
    words = ("--format", "label-studio", "--suggest", "--config", config, "--out", out, "--json")
    made = answer(run(home, "review", "export", *words))
    tasks = json.loads(out.read_text("utf-8"))
    assert (made["exported"], made["config"]) == (len(tasks), str(config))
    assert 'name="evidence"' in config.read_text("utf-8")
    assert "label error search" in {
        prediction["model_version"] for task in tasks for prediction in task["predictions"]
    }
    # WHEN one comes back annotated, with one that was not touched
    annotated = {**tasks[0], "annotations": [{"result": tasks[0]["predictions"][0]["result"]}]}
    (tmp_path / "export.json").write_text(json.dumps([annotated, tasks[1]]), "utf-8")
    done = answer(run(home, "review", "import", "--file", tmp_path / "export.json", "--json"))
    # THEN it has its verdict, and goes out with it
    assert (done["imported"], done["unchanged"], done["conflicts"]) == (1, 0, [])
    assert run(home, "review", "export", "--format", "label-studio", "--out", out).returncode == 0
    assert [len(task["annotations"]) for task in json.loads(out.read_text("utf-8"))[:2]] == [1, 0]
    assert run(home, "review", "undo").returncode == 0


@pytest.mark.parametrize("words", [("--suggest",), ("--config", "config.xml")])
def test_csv_has_neither_suggestions_nor_a_configuration(
    home: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    out = tmp_path / "review.csv"
    refused = run(home, "review", "export", *words, "--out", out, "--json")
    assert answer(refused, status=2)["kind"] == "OptionError"
    assert "Add --format label-studio" in refused.stderr
    assert not out.exists()


def test_agreement_of_reviewers_is_answered_with_their_differences(home: Path) -> None:
    with closing(Workspace(home, Settings())) as workspace:
        newest = next(run_table.runs(workspace.cloud()))
        one, two = list(retrain_table.candidates(workspace.cloud(), newest))[:2]
        for candidate in (one, two):
            kept = give_verdict(workspace, candidate, "right", who="dee")
            verdict: Decision = "drop" if candidate is one else "right"
            give_verdict(workspace, kept, verdict, who="eve")
    found = answer(run(home, "review", "agreement", "--run", newest.id, "--json"))
    assert found["run"] == newest.id
    assert (found["reviewers"]["dee"], found["reviewers"]["eve"]) == (2, 2)
    (pair,) = [pair for pair in found["pairs"] if pair["reviewers"] == ["dee", "eve"]]
    assert (pair["records"], pair["agreed"], pair["agreement"]) == (2, 1, 0.5)
    assert pair["agreement_interval"][0] < 0.5 < pair["agreement_interval"][1]
    assert (pair["kappa"], pair["kappa_interval"]) == (None, None)
    assert pair["too_few"]
    assert pair["records_needed"] >= 8
    by_row = {entry["row"]: entry for entry in found["differing"]}
    assert by_row[one.key.row]["opinions"]["eve"]["verdict"] == "drop"
    assert by_row[one.key.row]["settled_by"] == ""
    assert found["open_disagreements"] >= 1
    assert "pairs: " in run(home, "review", "agreement").stdout
