"""The table that `make faults` prints says when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.__main__ import harm, main, strike
from tests.faults.audit import Audit
from tests.faults.rows import Row
from tests.faults.scenarios import Outcome

WELL = Outcome(injected=3, lost=0, doubled=0, verdicts_changed=0, seconds=1.5)
WRONG = {
    "loses": Outcome(3, 1, 0, 0, 0.0),
    "doubles": Outcome(3, 0, 1, 0, 0.0, "doubled: 1 of a run"),
    "changes a verdict": Outcome(3, 0, 0, 1, 0.0),
    "does not strike": Outcome(0, 0, 0, 0, 0.0),
}
ROWS = {
    "loses": Row("x", 1, lost=1),
    "doubles": Row("x", 1, doubled=1),
    "tears": Row("x", 1, torn=1),
    "does not strike": Row("x", 0),
}


def test_runs_are_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    made: Any = None
    assert strike(made, {"passes": lambda _made, _seed: WELL}, 2) == 0
    passes, whole = capsys.readouterr().out.splitlines()
    assert passes.split() == ["passes", "2", "6", "0", "0", "0", "1.5"]
    assert whole.split()[1:] == passes.split()[1:]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_one_run_counts(name: str) -> None:
    made: Any = None
    scenarios = {"passes": lambda _made, _seed: WELL, name: lambda _made, _seed: WRONG[name]}
    assert strike(made, scenarios, 1) == 1


def test_whose_records_are_wrong_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    made: Any = None
    strike(made, {"doubles": lambda _made, _seed: WRONG["doubles"]}, 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == 2 * ["doubled: 1 of a run"]
    nobody: frozenset[tuple[str, str]] = frozenset()
    found = Audit(nobody, nobody, frozenset({("a", "1")}), frozenset({("b", "1"), ("b", "2")}))
    assert str(found) == "uncopied: 1 of a; uncalled: 2 of b"


@pytest.mark.parametrize("name", ROWS)
def test_what_is_wrong_with_a_file_counts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert harm([Row("well", 5), ROWS[name]]) == 1
    assert "well" in capsys.readouterr().out


def test_fault_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["earthquake"]) == 2
    assert "local cloud killed" in capsys.readouterr().out
