"""Parts of a Markdown file: every text is written so that no reader takes it for markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
_CONTROL = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")


def text(value: object) -> str:
    """Write a text on one line, its markup escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(_CONTROL.sub(" ", str(value)).split()))


def heading(title: str) -> list[str]:
    """Return a heading of the second level as lines."""
    return [f"## {title}", ""]


def paragraph(value: str) -> list[str]:
    """Return a paragraph of plain text as lines."""
    return [text(value), ""]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a table as lines."""
    lines = [_line(header), _line(["---"] * len(header))]
    return [*lines, *map(_line, rows), ""]


def code(lines: Iterable[str]) -> list[str]:
    """Return lines of code, indented: no fence that a text could end."""
    return [*(f"    {' '.join(line.split())}" for line in lines), ""]


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(text, cells))} |"
