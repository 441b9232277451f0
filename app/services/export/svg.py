"""Small charts as inline SVG: drawn from plain data, without a script or a font of their own.

Each is an image with a text alternative; the figures stand in a table beside it. Lengths are in
pixels of the chart's own coordinates, which scale with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from iris_core.records.calibration import Calibration

_NAME_LENGTH = 26
_ROW = 26
_LEFT, _WIDTH, _RIGHT = 230, 420, 80
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Dot:
    """A share in a chart of dots.

    Attributes:
        name: of the row.
        share: 0 to 1.
        low: lower end of its interval; None without one.
        high: upper end.
        is_reference: whether it is what the others are compared with.
    """

    name: str
    share: float
    low: float | None = None
    high: float | None = None
    is_reference: bool = False


def dots(entries: Sequence[Dot], *, label: str) -> str:
    """Return shares as dots on a line from 0 to 1, each with its interval.

    Args:
        entries: from the top down.
        label: the text alternative.
    """
    height = _ROW * len(entries) + 30
    parts = [_grid(height - 24)]
    for number, entry in enumerate(entries):
        y = _ROW * number + _ROW / 2
        x = _LEFT + _WIDTH * entry.share
        kind = "reference" if entry.is_reference else "mark"
        parts.append(_text(_LEFT - 10, y + 4, short(entry.name), anchor="end"))
        if entry.low is not None and entry.high is not None:
            low, high = (_LEFT + _WIDTH * share for share in (entry.low, entry.high))
            parts.append(f'<path class="whisker {kind}" d="M{low:.1f} {y}H{high:.1f}"/>')
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y}" r="5"/>')
        parts.append(_text(_LEFT + _WIDTH + 12, y + 4, f"{entry.share:.1%}"))
    return _image("".join(parts), label, _LEFT + _WIDTH + _RIGHT, height)


def bars(entries: Sequence[tuple[str, float, str]], *, marks: Sequence[float], label: str) -> str:
    """Return numbers from 0 as bars.

    Args:
        entries: a name, its number and its text each, from the top down.
        marks: numbers that a line is drawn at.
        label: the text alternative.
    """
    height = _ROW * len(entries) + 26
    largest = max(*(number for _, number, _ in entries), *(1.2 * mark for mark in marks))
    width = _WIDTH - 120
    parts = []
    for number, (name, value, text) in enumerate(entries):
        y, length = _ROW * number, width * value / largest
        parts.append(_text(_LEFT - 10, y + 17, short(name), anchor="end"))
        parts.append(
            f'<rect class="mark" x="{_LEFT}" y="{y + 6}" width="{length:.1f}" height="14" rx="2"/>'
        )
        parts.append(_text(_LEFT + length + 8, y + 17, text))
    for mark in marks:
        x = _LEFT + width * mark / largest
        parts.append(f'<path class="grid" d="M{x:.1f} 0V{height - 22}"/>')
        parts.append(_text(x, height - 6, f"{mark:g}", anchor="middle"))
    return _image("".join(parts), label, _LEFT + _WIDTH + _RIGHT, height)


def calibration_diagram(calibration: Calibration) -> str:
    """Return the calibration: accuracy by confidence, with the line of a calibrated model."""
    size, left, top = 260, 50, 10
    step = size / len(calibration.bins)
    parts = []
    for tick in _TICKS:
        y, x = top + size * (1 - tick), left + size * tick
        parts.append(f'<path class="grid" d="M{left} {y}H{left + size}"/>')
        parts.append(_text(left - 8, y + 4, f"{tick:.0%}", anchor="end"))
        parts.append(_text(x, top + size + 18, f"{tick:.0%}", anchor="middle"))
    for number, entry in enumerate(calibration.bins):
        if entry.accuracy is None:
            continue
        x, height = left + step * number, size * entry.accuracy
        parts.append(
            f'<rect class="bar" x="{x + 2:.1f}" y="{top + size - height:.1f}" '
            f'width="{step - 4:.1f}" height="{height:.1f}"/>'
        )
        low, high = (top + size * (1 - end) for end in (entry.interval.low, entry.interval.high))
        parts.append(f'<path class="whisker mark" d="M{x + step / 2:.1f} {high:.1f}V{low:.1f}"/>')
    parts.append(f'<path class="diagonal" d="M{left} {top + size}L{left + size} {top}"/>')
    parts.append(_text(left + size / 2, top + size + 38, "probability", anchor="middle"))
    label = f"Accuracy by probability; expected calibration error {calibration.error:.3f}."
    return _image("".join(parts), label, left + size + 30, top + size + 46)


def short(name: str, length: int = _NAME_LENGTH) -> str:
    """Return a name cut to what a chart or a heading has room for."""
    line = " ".join(name.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _grid(height: float) -> str:
    """Return the lines of a scale from 0 to 1 with their shares below."""
    lines = ""
    for tick in _TICKS:
        x = _LEFT + _WIDTH * tick
        lines += f'<path class="grid" d="M{x} 0V{height}"/>'
        lines += _text(x, height + 18, f"{tick:.0%}", anchor="middle")
    return lines


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _image(content: str, label: str, width: float, height: float) -> str:
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{content}</svg>\n'
    )
