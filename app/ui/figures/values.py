"""How values are written, in figures and beside them; nothing heavy is imported for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LISTED = 12


def percent(share: float) -> str:
    """Write a share (0 to 1) with one decimal; only the whole is written as 100 %."""
    rounded = round(100 * share, 1)
    return f"{99.9 if rounded == 100 and share < 1 else rounded:.1f} %"


def listed(values: Mapping[Any, Any]) -> str:
    """Write names with their values: `setosa 400, versicolor 398 and 3 more`."""
    pairs = [f"{name} {number(value)}" for name, value in list(values.items())[:_LISTED]]
    more = f" and {len(values) - len(pairs)} more" if len(values) > len(pairs) else ""
    return ", ".join(pairs) + more


def number(value: Any) -> str:
    """Write a value: whole numbers with thousands separators, others with four digits."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if float(value).is_integer() else f"{value:,.4g}"
