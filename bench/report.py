"""docs/benchmarks.md: a section a part with its table, when it was measured, and on what."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.measurement import Measurement, number
from bench.turns import PROJECT

REPORT = PROJECT / "docs" / "benchmarks.md"
NAMED = ("tensorflow-cpu", "keras", "numpy", "pandas", "boto3", "ministack", "streamlit")
_HEADING = "## "
_END = "<!-- measured until here -->\n"
_COLUMNS = "| what | measured | spread | goal | |\n|---|---|---|---|---|\n"


def write_section(
    part: str, title: str, measured: Sequence[Measurement], *, path: Path = REPORT
) -> None:
    """Put a part's table into the report, in the place of the one that it had."""
    head, *sections = re.split(rf"^{_HEADING}", path.read_text("utf-8"), flags=re.MULTILINE)
    rows = "".join(map(_row, measured))
    ours = f"{part}\n\n{title}\n\n{_COLUMNS}{rows}\n{_circumstances()}\n"
    names = [section.split("\n", 1)[0] for section in sections]
    if part in names:
        place = names.index(part)
        # What stands below the table, a picture or a remark, was written by hand and stays.
        _, _, below = sections[place].partition(_END)
        sections[place] = ours + _END + below
    else:
        sections.append(ours + _END)
    parts = [head, *(f"{_HEADING}{section}" for section in sections)]
    path.write_text("\n\n".join(part.rstrip() for part in parts) + "\n", "utf-8")


def _row(one: Measurement) -> str:
    verdict = "met" if one.met else f"**not met**: {one.limit}" if one.limit else "**not met**"
    told = f"{verdict} ({one.remark})" if one.remark else verdict
    cells = (one.what, f"{number(one.measured)} {one.unit}", one.shown_spread, one.shown_goal, told)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _circumstances() -> str:
    """When, on which machine, with which versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} on {os.cpu_count()} cores ({_processor()}), "
        f"{_memory():.0f} GB, {platform.system()}, Python {platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    """The processor's name as Linux tells it, elsewhere as Python does."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        match = re.search(r"^model name\s*:\s*(.+)$", told.read_text("utf-8"), re.MULTILINE)
        if match:
            return match[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    """GB of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
