"""Measurements are compared with their goals, and each part has one section of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.measurement import Measurement
from bench.report import write_section


@pytest.mark.parametrize(
    ("measured", "at_least", "met"),
    [(2.0, False, True), (3.0, False, True), (4.0, False, False), (4.0, True, True),
     (3.0, True, True), (2.0, True, False)],
)  # fmt: skip
def test_goal_is_met_at_most_or_at_least(measured: float, at_least: bool, met: bool) -> None:
    assert Measurement("it", measured, 3, "s", at_least=at_least).met is met


def test_several_values_show_their_median_and_spread() -> None:
    line = str(Measurement.of("it", [5.0, 1.0, 3.0], 4, "times", at_least=True, limit="light"))
    assert "3 times" in line
    assert "1…5" in line
    assert "MISSED" in line
    assert line.endswith("light")


def test_section_is_replaced_and_what_is_written_below_it_stays(tmp_path: Path) -> None:
    report = tmp_path / "benchmarks.md"
    report.write_text("# Benchmarks\n\nAbout.\n", "utf-8")
    for part in ("write", "load"):
        write_section(part, "First.", [Measurement("it", 9, 3, "s", limit="why")], path=report)
    text = report.read_text("utf-8")
    report.write_text(text.replace("## load", "A remark.\n\n## load"), "utf-8")

    write_section("write", "Again.", [Measurement("it", 2, 3, "s", "so")], path=report)

    text = report.read_text("utf-8")
    assert text.startswith("# Benchmarks\n\nAbout.\n")
    assert text.count("## write") == text.count("## load") == 1
    assert text.index("Again.") < text.index("A remark.") < text.index("## load")
    assert "| it | 2 s |  | ≤ 3 | met (so) |" in text
    assert "| it | 9 s |  | ≤ 3 | **not met**: why |" in text
