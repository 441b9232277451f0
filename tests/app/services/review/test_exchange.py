"""Candidates go out as a file and verdicts come in; what cannot be taken over is named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from app.services.data.datasets import change_labels
from app.services.review.exchange import export_review, import_review
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from aws import retrain_table
from iris_core.data.datasets import DataSet
from iris_core.errors import DataError
from iris_core.model.models import Model
from iris_core.records.run import Run

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def run(workspace: Workspace, model: Model, dataset: DataSet) -> Run:
    noisy, _ = change_labels(workspace, dataset, rows=20, seed=4)
    return run_test(workspace, model, noisy, threshold="0.9").run


def exported(workspace: Workspace, run: Run) -> list[dict[str, str]]:
    content, count = export_review(workspace, run)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == count == run.found
    return rows


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def verdicts(workspace: Workspace, run: Run) -> dict[str, tuple[str, str, str]]:
    return {
        entry.record.fingerprint: (entry.verdict.decision, entry.verdict.label, entry.verdict.note)
        for entry in retrain_table.candidates(workspace.cloud(), run)
        if entry.verdict
    }


def test_verdicts_in_a_file_are_taken_over(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    rows = exported(workspace, run)
    assert {row["verdict"] for row in rows} == {"undecided"}
    header = "fingerprint partition_key sort_key Class Actual Probability Reason verdict label note"
    assert list(rows[0])[:10] == header.split()
    assert "petal_length" in rows[0]
    rows[0] |= {"verdict": "keep", "note": "looks fine"}
    rows[1] |= {"verdict": "relabel", "label": rows[1]["Class"]}
    rows[2] |= {"verdict": "drop"}
    file = written(tmp_path / "reviewed.csv", rows)
    done = import_review(workspace, run, file)
    assert (done.imported, done.unchanged, done.conflicts) == (3, len(rows) - 3, ())
    assert verdicts(workspace, run) == {
        rows[0]["fingerprint"]: ("right", rows[0]["Actual"], "looks fine"),
        rows[1]["fingerprint"]: ("relabel", rows[1]["Class"], ""),
        rows[2]["fingerprint"]: ("drop", "", ""),
    }
    # The same file again changes nothing, and what is exported now is what was imported.
    again = import_review(workspace, run, file)
    assert (again.imported, again.unchanged) == (0, len(rows))
    assert exported(workspace, run) == rows


def test_verdict_can_be_taken_back(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    rows = exported(workspace, run)
    for row in rows:
        row |= {"verdict": "undecided", "label": "", "note": ""}
    import_review(workspace, run, written(tmp_path / "none.csv", rows))
    assert verdicts(workspace, run) == {}


def test_lines_that_cannot_be_taken_over_are_named(
    workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    one, two, three = exported(workspace, run)[:3]
    rows = [
        {**one, "verdict": "keep"},
        {**two, "verdict": "drop"},
        {**three, "fingerprint": "k" * 16, "verdict": "keep"},
        {**two, "verdict": "keep"},
        {**one, "verdict": "keep"},
    ]
    done = import_review(workspace, run, written(tmp_path / "torn.csv", rows))
    assert done.imported == 1
    assert done.conflicts == (
        "line 3: line 5 contradicts it",
        "line 5: another line contradicts it",
        "line 4: the run has no candidate of this row",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "perhaps"}, "row 3, column 'verdict': expected one of keep, relabel"),
        ({"verdict": "relabel", "label": "tulip"}, "row 3, column 'label': expected one of"),
        ({"verdict": "relabel", "label": ""}, "received ''"),
    ],
)
def test_file_with_a_fault_changes_nothing(
    workspace: Workspace, run: Run, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    before = verdicts(workspace, run)
    one, two = exported(workspace, run)[:2]
    file = written(tmp_path / "fault.csv", [{**one, "verdict": "drop"}, {**two, **change}])
    with pytest.raises(DataError, match=message):
        import_review(workspace, run, file)
    assert verdicts(workspace, run) == before


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"fingerprint\n"])
def test_other_files_are_refused(
    workspace: Workspace, run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "other.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"other\.csv: expected"):
        import_review(workspace, run, tmp_path / "other.csv")
    with pytest.raises(DataError, match=r"none\.csv: expected"):
        import_review(workspace, run, tmp_path / "none.csv")


def test_verdict_of_an_import_that_was_killed_is_noted_by_the_next(
    workspace: Workspace, run: Run, tmp_path: Path
) -> None:
    # GIVEN an import that was killed when the table had a verdict and the workspace had not
    rows = exported(workspace, run)
    candidate = next(iter(retrain_table.candidates(workspace.cloud(), run)))
    dropped = retrain_table.save_verdict(workspace.cloud(), candidate, "drop", note="blurred")
    rows[0] |= {"verdict": "drop", "label": "", "note": "blurred"}
    # WHEN the same file is imported again, THEN it changes nothing, and the verdict is noted
    again = import_review(workspace, run, written(tmp_path / "again.csv", rows))
    assert (again.imported, again.unchanged, again.conflicts) == (0, len(rows), ())
    newest = workspace.journal.newest_verdict(run.id)
    assert newest is not None
    assert (newest.key, newest.note, newest.version) == (dropped.key, "blurred", dropped.version)
