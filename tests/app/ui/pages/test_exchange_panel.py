"""The review goes out and comes back as a file, on the Retrain page."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.review.exchange import export_review
from app.ui import state
from app.ui.visit import visit_workspace
from aws import retrain_table, run_table
from iris_core.records.candidate import Candidate
from iris_core.records.run import Run
from tests.app.driving import is_calm, open_page, press, says, texts, until

pytestmark = pytest.mark.cloud


@pytest.fixture
def app(home_with_runs: Path) -> AppTest:
    """The Retrain page with the exchange unfolded."""
    app = open_page("retrain")
    app.session_state[state.EXCHANGE_OPEN] = True
    return app.run()


def the_run() -> Run:
    return next(run_table.runs(visit_workspace().cloud()))


def candidates() -> list[Candidate]:
    return list(retrain_table.candidates(visit_workspace().cloud(), the_run()))


def reviewed_csv(*changes: dict[str, str]) -> bytes:
    """Return the exported CSV with changes to its first lines."""
    content, _ = export_review(visit_workspace(), the_run())
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row, change in zip(rows, changes, strict=False):
        row.update(change)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def import_file(app: AppTest, name: str, content: bytes, *, number: int = 0) -> AppTest:
    app.file_uploader(key=state.part(state.IMPORT_FILE, number)).upload(name, content, "").run()
    return press(app, "Take over the verdicts")


def test_file_comes_back_with_its_verdicts_and_they_are_undone(app: AppTest) -> None:
    rows = candidates()
    other = "setosa" if rows[1].record.actual_string != "setosa" else "virginica"
    changes = {"verdict": "drop", "note": "torn"}, {"verdict": "relabel", "label": other}
    until(import_file(app, "review.csv", reviewed_csv(*changes)), says("were taken over"))
    assert f"2 verdicts were taken over; {len(rows) - 2} records had theirs already." in texts(app)
    given = [c.verdict for c in candidates() if c.verdict]
    assert [(v.decision, v.note) for v in given] == [("drop", "torn"), ("relabel", "")]
    until(press(app, "Undo all of them"), says("2 verdicts were undone, 0 stay"))
    assert not [c for c in candidates() if c.verdict]
    # AND the next file gets an empty field
    (button,) = [b for b in app.button if b.label == "Take over the verdicts"]
    assert button.disabled


def test_what_is_passed_over_is_named(app: AppTest) -> None:
    torn = reviewed_csv({"verdict": "drop"}, {"verdict": "keep"})
    lines = torn.splitlines(keepends=True)
    other = lines[1].replace(b"drop", b"keep")
    until(import_file(app, "torn.csv", b"".join([*lines, other])), says("passed over"))
    table = next(table.value for table in app.dataframe if "Passed over" in table.value)
    assert table["Passed over"].str.contains("contradicts it").all()
    assert len(table) == 2
    assert "1 verdict was taken over" in texts(app)
    assert "2 were passed over" in texts(app)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("other.csv", b"a,b\n1,2\n", "expected the columns fingerprint, verdict"),
        ("tasks.json", b'[{"data": 1}]', "expected"),
    ],
)
def test_other_files_are_refused_and_change_nothing(
    app: AppTest, name: str, content: bytes, message: str
) -> None:
    until(import_file(app, name, content), lambda app: app.error)
    assert message in app.error[0].value.replace("\\", "")
    assert not [c for c in candidates() if c.verdict]


def test_files_go_out_with_and_without_suggestions(app: AppTest) -> None:
    offered = {button.proto.label for button in app.get("download_button")}
    assert {"CSV", "Label Studio tasks", "Labelling configuration"} <= offered
    assert "shows what is suggested" not in str([t.label for t in app.toggle])
    until(press(app, "Find label errors"), says("are likely mislabelled"))
    app.toggle(key=state.EXPORT_SUGGESTED).set_value(True).run()
    assert is_calm(app), texts(app)


def test_label_studio_file_comes_back(app: AppTest) -> None:
    first = candidates()[0]
    task = {
        "data": {
            "fingerprint": first.record.fingerprint,
            "run": the_run().id,
            "row": first.key.row,
        },
        "annotations": [
            {
                "completed_by": {"email": "ada@example.org"},
                "result": [
                    {
                        "from_name": "verdict",
                        "to_name": "fields",
                        "type": "choices",
                        "value": {"choices": ["drop"]},
                    }
                ],
            }
        ],
    }
    until(import_file(app, "tasks.json", json.dumps([task]).encode()), says("was taken over"))
    (verdict,) = [c.verdict for c in candidates() if c.verdict]
    assert (verdict.decision, verdict.who) == ("drop", "ada@example.org")
    # AND an undo is of the import, whoever reviewed there
    until(press(app, "Undo all of them"), says("1 verdict was undone"))
