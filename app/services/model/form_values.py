"""What people write into forms and links, as values."""

from __future__ import annotations

from iris_core.errors import OptionError

_MAX_DIGITS = 9


def whole_number(text: str) -> int | None:
    """Return the whole number from 0 that a text is, None if it is none."""
    is_whole = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if is_whole else None


def parse_units(text: str) -> tuple[int, ...]:
    """Return the widths of the hidden layers, such as `32, 16`.

    Raises:
        OptionError: they are no whole numbers.
    """
    units = tuple(map(whole_number, text.replace(",", " ").split()))
    widths = tuple(width for width in units if width is not None)
    if len(widths) < len(units):
        raise OptionError(
            "Units: write one number for each hidden layer; expected whole numbers such as 32, 16, "
            f"received {text[:60]!r}."
        )
    return widths
