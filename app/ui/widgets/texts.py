"""How values and texts of other people are written on the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from app.ui.figures import values
from aws.settings import Target

if TYPE_CHECKING:
    from iris_core.model.models import ModelCard
    from iris_core.records.run import Run

CLOUD_NAMES: dict[Target, str] = {"local": "Local cloud", "aws": "AWS"}

_MARKUP = re.compile(r"([\\*_~$\[\]<>#:|{}!+=&-])")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that change the direction of the text that follows."""
_REPLACED = re.compile(
    r"(?<=:)(?=//|material[/_]|streamlit:)|(?<=www)(?=\.)|(?<=\S)(?=@)|(?<=[<>~-])(?=[=>-])",
    re.IGNORECASE,
)
"""Positions within what Streamlit replaces although it is escaped: links, icons, arrows."""
_JOINER = "\u2060"
"""An invisible character, which keeps Streamlit from recognising what it would replace."""


def plain(text: str) -> str:
    """Escape a text as Markdown, on one line, so that Streamlit shows it as it is."""
    return _escape(_line(text))


def sentence(text: str) -> str:
    """Write a message of ours as Markdown: between backticks is code, all else plain text."""
    parts = _CODE.split(_line(text))
    return "".join(f"`{part}`" if index % 2 else _escape(part) for index, part in enumerate(parts))


def _line(text: str) -> str:
    """Return a text on one line: a line of its own could be a heading, a list or code."""
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


def _escape(line: str) -> str:
    """Escape what Markdown and Streamlit would interpret."""
    marked = _MARKUP.sub(r"\\\1", _REPLACED.sub(_JOINER, line))
    return _LIST_NUMBER.sub(r"\1\\\2", marked).replace("`", "\\`")


def percent(share: float | None) -> str:
    """Write a share (0 to 1) as figures do; `not measured` for None."""
    return "not measured" if share is None else values.percent(share)


def number_of(count: int, one: str, many: str) -> str:
    """Write a count with what is counted: `1 record`, `2,000 records`."""
    return f"{count:,} {one if count == 1 else many}"


def compact(count: int) -> str:
    """Write a count for a narrow tile: `9,999`, `240 k`, `1.2 M`; always rounded down."""
    if count < 10_000:
        return f"{count:,}"
    return f"{count // 1000:,} k" if count < 1_000_000 else f"{count // 100_000 / 10:,} M"


def when(moment: str | datetime) -> datetime:
    """Return a moment in the time zone of the visitor's browser.

    Args:
        moment: with a time zone; a text is ISO 8601.
    """
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    # A browser may name no time zone, or one that is unknown here.
    zone: tzinfo = UTC
    with suppress(ValueError, ZoneInfoNotFoundError, OSError):
        zone = ZoneInfo(st.context.timezone or "UTC")
    return at.astimezone(zone)


def run_start(run: Run) -> datetime:
    """Return when a run was started, in the visitor's time zone: run ids begin with it."""
    return when(run.started)


def run_name(run: Run) -> str:
    """Return the name of a run in a list of runs."""
    return f"{run_start(run):%d %b %Y, %H:%M:%S} · {run.model} on {run.dataset_name}"


def model_name(card: ModelCard) -> str:
    """Return the name of a model in a list of models."""
    baseline = card.metrics.get("test_baseline_accuracy")
    beside = "" if baseline is None else f" (baseline {percent(baseline)})"
    return f"{card.name} v{card.version} · {percent(card.metrics.get('test_accuracy'))}{beside}"


def counted(counts: Mapping[str, int], most: int = 8) -> str:
    """List names with their counts: `'setosa' (3), 'versicolor' (1)`.

    Args:
        counts: by name.
        most: names that are listed; of the others, how many there are and what they come to.
    """
    pairs = [f"'{name}' ({count:,})" for name, count in list(counts.items())[:most]]
    others = list(counts.values())[most:]
    rest = f" and {len(others):,} others ({sum(others):,} together)" if others else ""
    return ", ".join(pairs) + rest
