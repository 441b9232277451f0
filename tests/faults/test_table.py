"""The table that `make faults` prints shows when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.__main__ import main, print_rows, run_scenarios
from tests.faults.audit import Audit
from tests.faults.report_rows import Row
from tests.faults.run_outcome import Outcome

CLEAN = Outcome(injected=3, lost=0, doubled=0, verdicts_changed=0, seconds=1.5)
WRONG = {
    "loses": Outcome(3, 1, 0, 0, 0.0),
    "doubles": Outcome(3, 0, 1, 0, 0.0, "doubled: 1 of a run"),
    "changes a verdict": Outcome(3, 0, 0, 1, 0.0),
    "is never injected": Outcome(0, 0, 0, 0, 0.0),
}
ROWS = {
    "loses": Row("x", 1, lost=1),
    "doubles": Row("x", 1, doubled=1),
    "tears": Row("x", 1, torn=1),
    "is never injected": Row("x", 0),
}


def test_runs_are_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    bed: Any = None
    assert run_scenarios(bed, {"passes": lambda _bed, _seed: CLEAN}, 2) == 0
    passes, whole = capsys.readouterr().out.splitlines()
    assert passes.split() == ["passes", "2", "6", "0", "0", "0", "1.5"]
    assert whole.split()[1:] == passes.split()[1:]


@pytest.mark.parametrize("name", WRONG)
def test_problem_in_one_run_counts(name: str) -> None:
    bed: Any = None
    scenarios = {"passes": lambda _bed, _seed: CLEAN, name: lambda _bed, _seed: WRONG[name]}
    assert run_scenarios(bed, scenarios, 1) == 1


def test_partition_of_wrong_records_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    bed: Any = None
    run_scenarios(bed, {"doubles": lambda _bed, _seed: WRONG["doubles"]}, 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == 2 * ["doubled: 1 of a run"]
    nothing: frozenset[tuple[str, str]] = frozenset()
    result = Audit(nothing, nothing, frozenset({("a", "1")}), frozenset({("b", "1"), ("b", "2")}))
    assert str(result) == "uncopied: 1 of a; unexpected: 2 of b"


@pytest.mark.parametrize("name", ROWS)
def test_problem_in_one_row_counts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_rows([Row("clean", 5), ROWS[name]]) == 1
    assert "clean" in capsys.readouterr().out


def test_unknown_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["earthquake"]) == 2
    assert "local cloud killed" in capsys.readouterr().out
