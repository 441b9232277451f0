"""docs/benchmarks.md: a section for each part, with its table, date, machine and versions."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.alternating_runs import PROJECT
from bench.measurement import Measurement, number

REPORT = PROJECT / "docs" / "benchmarks.md"
NAMED = ("tensorflow-cpu", "keras", "numpy", "pandas", "boto3", "ministack", "streamlit")
_HEADING = "## "
_END = "<!-- measured until here -->\n"
_COLUMNS = "| what | measured | spread | goal | |\n|---|---|---|---|---|\n"


def write_section(
    part: str, title: str, measured: Sequence[Measurement], *, path: Path = REPORT
) -> None:
    """Write a part's table to the report, in place of its former one.

    Args:
        part: heading of the section, the part's name.
        title: what it measures.
        measured: the rows of the table.
        path: the report.
    """
    head, *sections = re.split(rf"^{_HEADING}", path.read_text("utf-8"), flags=re.MULTILINE)
    rows = "".join(map(_row, measured))
    section = f"{part}\n\n{title}\n\n{_COLUMNS}{rows}\n{_circumstances()}\n"
    names = [each.split("\n", 1)[0] for each in sections]
    if part in names:
        position = names.index(part)
        # What stands below the table, a picture or a remark, was written by hand and stays.
        _, _, below = sections[position].partition(_END)
        sections[position] = section + _END + below
    else:
        sections.append(section + _END)
    parts = [head, *(f"{_HEADING}{each}" for each in sections)]
    path.write_text("\n\n".join(part.rstrip() for part in parts) + "\n", "utf-8")


def _row(one: Measurement) -> str:
    """Return a row of the table."""
    result = one.result
    if not one.met:
        result = f"**not met**: {one.limit}" if one.limit else "**not met**"
    result = f"{result} ({one.remark})".lstrip() if one.remark else result
    cells = (one.what, f"{number(one.measured)} {one.unit}", one.spread_text, one.goal_text, result)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _circumstances() -> str:
    """Return the date, the machine and the versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} on {os.cpu_count()} cores ({_processor()}), "
        f"{_memory():.0f} GB, {platform.system()}, Python {platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    """Return the processor's name as Linux reports it, elsewhere as Python does."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        match = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text("utf-8"), re.MULTILINE)
        if match:
            return match[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    """Return the machine's memory in GB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
