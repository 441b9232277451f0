"""Rows of a group stay together, from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands import answer, run

QUICK = ("--network", "plain", "--epochs", 1, "--json")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a file of five visits of each of 40 patients."""
    who = np.repeat(np.arange(40), 5)
    frame = pd.DataFrame(
        {
            "patient_id": who,
            "site": who // 2,
            "pulse": np.sqrt(np.arange(len(who))).round(4),
            "label": np.where(who % 2, "well", "ill"),
        }
    )
    path = tmp_path / "visits.csv"
    frame.to_csv(path, index=False)
    return path


def test_group_is_guessed_said_and_shown(tmp_path: Path, table: Path) -> None:
    done = run(tmp_path, "train", "--data", table, *QUICK)
    assert "Group: patient_id. 40 values, each in 5 rows on average: rows of one" in done.stderr
    dataset = answer(done)["dataset"]
    shown = answer(run(tmp_path, "data", "show", dataset, "--json"))
    assert shown["group"] == "patient_id"
    assert any(note.startswith("Group: patient_id.") for note in shown["notes"])


@pytest.mark.parametrize(
    ("chosen", "group"),
    [
        (("--group", "site"), "site"),
        (("--ignore", "patient_id"), None),
        (("--categorical", "patient_id"), None),
    ],
)
def test_group_is_chosen_or_undone(
    tmp_path: Path, table: Path, chosen: tuple[str, ...], group: str | None
) -> None:
    dataset = answer(run(tmp_path, "train", "--data", table, *chosen, *QUICK))["dataset"]
    assert answer(run(tmp_path, "data", "show", dataset, "--json"))["group"] == group


def test_second_group_is_refused(tmp_path: Path, table: Path) -> None:
    refused = run(
        tmp_path, "train", "--data", table, "--group", "site", "--group", "patient_id", *QUICK
    )
    assert refused.returncode == 2
    assert "choose one group column, and another role" in refused.stderr


def test_group_on_both_sides_is_said_in_training(tmp_path: Path, table: Path) -> None:
    first = run(
        tmp_path, "train", "--data", table, "--group", "patient_id", "--ignore", "site", *QUICK
    )
    assert "on both sides" not in first.stderr
    # WHEN the group is a wider one later: two patients of a site may be on different sides
    later = run(
        tmp_path, "train", "--data", table, "--group", "site", "--ignore", "patient_id", *QUICK
    )
    assert answer(later)["rows"] == 200
    assert "groups of site lie on both sides of the split, with" in later.stderr
