"""What people write into forms and links."""

from __future__ import annotations

import pytest

from app.services.model.form_values import parse_units, whole_number
from iris_core.errors import OptionError


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), ("", None), ("-1", None), ("٣", None), ("²", None), ("9" * 10, None)],
)
def test_whole_number_is_one_that_digits_write(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "units"), [("32, 16", (32, 16)), (" 8 4,2 ", (8, 4, 2)), ("", ()), (",", ())]
)
def test_units_are_the_widths_of_the_layers(text: str, units: tuple[int, ...]) -> None:
    assert parse_units(text) == units


@pytest.mark.parametrize("text", ["many", "32, 1.5", "-1", "٣"])
def test_units_that_are_no_whole_numbers_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="expected whole numbers such as 32, 16"):
        parse_units(text)
