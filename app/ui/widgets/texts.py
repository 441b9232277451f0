"""How values and other people's words are written on the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from app.ui.figures import picture
from iris_core.model.models import ModelCard
from iris_core.records.run import Run

_MARKUP = re.compile(r"([\\*_~$\[\]<>#:|{}!+=&-])")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_STEERING = re.compile("[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of the text that follows."""
_REPLACED = re.compile(
    r"(?<=:)(?=//|material[/_]|streamlit:)|(?<=www)(?=\.)|(?<=\S)(?=@)|(?<=[<>~-])(?=[=>-])",
    re.IGNORECASE,
)
"""Inside of what Streamlit replaces although it is escaped: links, icons, arrows."""
_JOINER = "\u2060"
"""A character that nobody sees."""


def plain(text: str) -> str:
    """A text, on one line, that Streamlit shows as it is where it would take it for Markdown."""
    return _escaped(_line(text))


def sentence(text: str) -> str:
    """A message of ours as Markdown: what is between backticks is code, the rest plain text."""
    parts = _CODE.split(_line(text))
    return "".join(f"`{part}`" if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _line(text: str) -> str:
    """A text on one line: a line of its own could be a heading, a list or code."""
    return _STEERING.sub("\ufffd", " ".join(text.split()))


def _escaped(line: str) -> str:
    marked = _MARKUP.sub(r"\\\1", _REPLACED.sub(_JOINER, line))
    return _LIST_NUMBER.sub(r"\1\\\2", marked).replace("`", "\\`")


def whole(text: str) -> int | None:
    """The whole number from 0 that a person or a link wrote; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def percent(share: float | None) -> str:
    """A share (0…1) as pictures tell it."""
    return "unknown" if share is None else picture.percent(share)


def compact(count: int) -> str:
    """A count that fits a narrow tile: `9,999`, `240 k`, `1.2 M`; never more than there is."""
    if count < 10_000:
        return f"{count:,}"
    return f"{count // 1000:,} k" if count < 1_000_000 else f"{count // 100_000 / 10:,} M"


def threshold_text(share: float) -> str:
    """A threshold (0…1) as the function's environment writes it: the shortest decimal."""
    return repr(share).removesuffix(".0")


def when(moment: str | datetime) -> datetime:
    """A moment (ISO 8601) on the clock of the person who looks."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    # A browser may say none, or one that is not known here.
    zone: tzinfo = UTC
    with suppress(ValueError, ZoneInfoNotFoundError, OSError):
        zone = ZoneInfo(st.context.timezone or "UTC")
    return at.astimezone(zone)


def run_start(run: Run) -> datetime:
    """When a run was started, on the clock of the person who looks: run ids begin with it."""
    started = datetime.strptime(run.id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return when(started)


def run_name(run: Run) -> str:
    """What a run is called in a list of runs."""
    return f"{run_start(run):%d %b %Y, %H:%M:%S} · {run.model} on {run.dataset_name}"


def model_name(card: ModelCard) -> str:
    """What a model is called in a list of models."""
    return f"{card.name} v{card.version} · {percent(card.metrics.get('test_accuracy'))}"


def counted(counts: Mapping[str, int], most: int = 8) -> str:
    """`'setosa' (3), 'versicolor' (1)`: what was met how often."""
    named = [f"'{name}' ({count:,})" for name, count in list(counts.items())[:most]]
    return ", ".join(named) + (f" and {len(counts) - most} more" if len(counts) > most else "")
