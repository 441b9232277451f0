"""The script of the docs closes the loop: the second model has learnt from the review."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.services.workspace import Workspace
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from tests.commands import DATA, PROJECT, answer, run

pytestmark = pytest.mark.cloud

REVIEW = """
import csv, sys

with open({truth!r}, newline="") as file:
    labels = [row["species"] for row in csv.DictReader(file)]
with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
for row in rows:
    truth = labels[int(row["sort_key"])]
    row["verdict"] = "keep" if truth == row["Actual"] else "relabel"
    row["label"] = "" if truth == row["Actual"] else truth
with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
"""


def noisy(path: Path) -> Path:
    """Write the default data, most of one class with the label of another."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        if row["species"] == "virginica" and number % 9 < 5:
            row["species"] = "versicolor"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_script_of_the_docs_closes_the_loop(tmp_path: Path) -> None:
    # GIVEN a champion that was trained on wrong labels, and a reviewer who knows the true ones
    home, data = tmp_path / "home", noisy(tmp_path / "noisy.csv")
    first = answer(run(home, "train", "--data", data, "--network", "plain", "--json"))["model"]
    review = tmp_path / "review.py"
    review.write_text(REVIEW.format(truth=str(DATA)))
    # WHEN the loop is closed by the script, whose commands join a local cloud that runs
    with closing(LocalCloud(home / "cloud")) as hold:
        hold.endpoint()
        done = subprocess.run(
            ["sh", "docs/loop.sh", str(data), f"{sys.executable} {review}"],
            cwd=PROJECT,
            env={**os.environ, "IRIS_HOME": str(home), "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    # THEN a better model is the champion
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    exported, imported, compared, promoted, tested = lines
    assert imported["imported"] == exported["exported"]
    assert imported["conflicts"] == []
    assert compared["champion"] == promoted["before"] == first
    assert compared["challenger_accuracy"] > compared["champion_accuracy"]
    assert promoted["champion"] == compared["challenger"] == tested["model"]
    # AND the second test is of the evaluation set with the corrected labels, reviewed before
    assert (tested["seen"], tested["tested"]) == (0, compared["rows"])
    assert tested["accuracy"] == pytest.approx(compared["challenger_accuracy"])
    workspace = Workspace(home, Settings())
    assert [entry.model for entry in workspace.promotions.entries(_project(workspace))] == [
        first,
        compared["challenger"],
    ]
    # AND the old one can be brought back
    back = answer(run(home, "rollback", "--why", "a trial", "--json"))
    assert back == {"champion": first, "before": compared["challenger"]}
    assert run(home, "rollback").returncode == 2
    (champion,) = [
        entry for entry in answer(run(home, "models", "--json"))["models"] if entry["champion"]
    ]
    assert champion["id"] == first


def _project(workspace: Workspace) -> str:
    return workspace.models.list().cards[0].schema.columns.project
