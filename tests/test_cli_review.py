"""Verdicts are undone from the command line, and their history is listed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.account import account_name
from aws.local_cloud import LocalCloud
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
