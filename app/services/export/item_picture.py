"""The first items of a run in a table, as a picture to hand in: SVG, with nothing in it to run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import islice

from aws import tables
from aws.clients import Cloud
from iris_core.records.attributes import KEYS, REQUIRED, Item
from iris_core.records.keys import partitions
from iris_core.records.run import Run

ROWS = 15
"""Items in the picture: the first ones of the run."""
_WIDTHS = {"partition_key": 46, "sort_key": 11, "Features": 60}
"""Characters of a column, longer texts are cut; all others have 12."""
_CHARACTER, _LINE, _MARGIN = 7.3, 22, 16
"""Pixels: the width of a character, the height of a line, the margin."""


def items_picture(cloud: Cloud, table: str, run: Run) -> bytes:
    """Return a picture of the first items of a run in a table, with the table's name.

    Args:
        cloud: whose table it is.
        table: name of the score table or the retrain table.
        run: whose items they are.
    """
    found: list[Item] = []
    for partition in partitions(run.id, run.rows):
        found += islice(tables.query(cloud, table, partition), ROWS - len(found))
        if len(found) == ROWS:
            break
    return draw(f"{table}: the first {len(found)} items of run {run.id}", found)


def draw(title: str, items: Sequence[Item]) -> bytes:
    """Return items as a table in a picture, one line each.

    Args:
        title: above them.
        items: their attributes beyond the record's own are left out.
    """
    columns = (*KEYS, *REQUIRED)
    starts = [_MARGIN]
    for name in columns:
        starts.append(starts[-1] + round(_CHARACTER * (_width(name) + 2)))
    height = _LINE * (len(items) + 3) + _MARGIN
    lines = [_text(_MARGIN, 1, title, bold=True)]
    lines += [_text(x, 2.4, name, bold=True) for x, name in zip(starts, columns, strict=False)]
    for row, item in enumerate(items):
        lines += [
            _text(x, row + 3.5, _cut(item.get(name, ""), _width(name)))
            for x, name in zip(starts, columns, strict=False)
        ]
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{starts[-1]}' height='{height}' "
        f"role='img' aria-label='{escape(title)}'><rect width='100%' height='100%' fill='#fff'/>"
        f"<g font-family='monospace' font-size='12' fill='#0f0c16'>{''.join(lines)}</g></svg>"
    ).encode()


def _width(name: str) -> int:
    """Return the characters of a column."""
    return _WIDTHS.get(name, 12)


def _cut(text: str, width: int) -> str:
    """Return a text that is no longer than a column, without what XML does not allow."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:width])
    return shown if len(text) <= width else f"{shown[:-1]}…"


def _text(x: float, line: float, text: str, *, bold: bool = False) -> str:
    """Return one text as SVG."""
    weight = " font-weight='bold'" if bold else ""
    return f"<text x='{x}' y='{_LINE * line:.0f}'{weight}>{escape(text)}</text>"
