"""Numbers in other writings are recognised by their column, and never guessed."""

from __future__ import annotations

import string
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from iris_core.data.ambiguous import Ambiguous
from iris_core.data.written_numbers import NumberStyle, most_numbers, recognise_numbers

MARKS = [
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    *((decimal, thousands) for decimal in ".," for thousands in " \u00a0\u202f\u2009'\u2019"),
]
SIGNS = ["-{}", "\u2212{}", "\u2013{}", "{}-", "({})"]
AROUND = [("", ""), ("$", ""), ("CHF ", ""), ("", " €"), ("", "%"), ("", " km/h"), ("", "°C")]


def style_of(*values: str) -> NumberStyle:
    style = recognise_numbers(values)
    assert isinstance(style, NumberStyle)
    return style


def grouped(whole: str, mark: str) -> str:
    first = len(whole) % 3 or 3
    return mark.join([whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))])


@given(
    st.lists(
        st.tuples(st.integers(0, 10**15), st.text("0123456789", max_size=6)), min_size=1, max_size=8
    ),
    st.sampled_from(MARKS),
    st.sampled_from(SIGNS),
    st.sampled_from(AROUND),
)
def test_what_a_style_writes_is_read_back_digit_by_digit(
    numbers: list[tuple[int, str]], marks: tuple[str, str], sign: str, around: tuple[str, str]
) -> None:
    decimal, thousands = marks
    # Two that decide: of the decimal mark, and of the thousands.
    written, plain = [], []
    for whole, fraction in [*numbers, (1, "25"), (1234567, "5")]:
        text = grouped(str(whole), thousands) if thousands else str(whole)
        text += decimal + fraction if fraction else ""
        written.append(around[0] + text + around[1])
        plain.append(f"{whole}.{fraction}" if fraction else str(whole))
    negative = f"{around[0]}{sign.format(f'7{decimal}5')}{around[1] and ' ' + around[1].strip()}"
    style = style_of(*written, negative)
    assert [style.plain(text) for text in written] == plain
    assert style.plain(negative) == "-7.5"
    assert [style.parse(text) for text in written] == [float(text) for text in plain]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_what_a_program_writes_is_plain(numbers: list[float]) -> None:
    texts = [*map(repr, numbers), "0.5"]
    style = style_of(*texts)
    assert style == NumberStyle()
    assert [style.parse(text) for text in texts] == [*numbers, 0.5]


@given(st.lists(st.text(), max_size=5))
def test_any_text_is_accepted_or_refused(texts: list[str]) -> None:
    style = recognise_numbers(texts)
    if isinstance(style, NumberStyle):
        assert all(Decimal(style.plain(text)).is_finite() for text in texts)


@given(st.lists(st.text(string.digits + ".,-()' €k%", max_size=9), min_size=1, max_size=4))
def test_every_number_of_a_style_has_the_digits_of_its_text(texts: list[str]) -> None:
    style, others = most_numbers(texts)
    assume(isinstance(style, NumberStyle))
    assert isinstance(style, NumberStyle)
    for text in set(texts).difference(others):
        digits = [letter for letter in text if letter in string.digits]
        assert "".join(digits).strip("0") == style.plain(text).translate(
            str.maketrans("", "", "-.")
        ).strip("0")


@pytest.mark.parametrize(
    ("values", "explanation"),
    [
        (["1.234,5", "7"], "Read as numbers with a decimal comma: '1.234,5' is 1234.5."),
        (["1,234.5"], "Read as numbers with commas between thousands: '1,234.5' is 1234.5."),
        (["12 %", "3.5 %"], "Read as percentages: '3.5 %' is 3.5."),
        (["5 kg", "7kg"], "Read as numbers in kg: '5 kg' is 5."),
        (
            ["1 234,50 €", "\u22123 €"],
            "Read as amounts in € with a decimal comma: '1 234,50 €' is 1234.50.",
        ),
        (["(5)", "6"], "Read as numbers: '(5)' is -5."),
        (["1", "-2.5", "+1e5"], "Read as numbers, as written."),
    ],
)
def test_style_explains_itself_with_an_example(values: list[str], explanation: str) -> None:
    assert style_of(*values).explanation() == explanation


@pytest.mark.parametrize(
    ("values", "decimal", "thousands"),
    [
        (["1,234", "5,678", "1,5"], ",", ""),
        (["1,234", "12,34"], ",", ""),
        (["0,123", "4,567"], ",", ""),
        (["1,234", "1,234.5"], ".", ","),
        (["1,234", "1,234,567"], ".", ","),
        (["1.234.567", "987"], ",", "."),
        (["1.234", "987", "0.5"], ".", ""),
        (["1.234", "9876"], ".", ""),
        (["1.234", "5.678"], ".", ""),
    ],
)
def test_one_value_decides_the_column(values: list[str], decimal: str, thousands: str) -> None:
    style = style_of(*values)
    assert (style.decimal, style.thousands) == (decimal, thousands)


@pytest.mark.parametrize(
    "values",
    [
        ["1,234", "5,678"],
        ["1,234", "12"],
        ["1.234", "987"],
        ["€1.234", "€2.000"],
        ["1,234", "5.678"],
    ],
)
def test_column_that_reads_both_ways_is_not_guessed(values: list[str]) -> None:
    found = recognise_numbers(values)
    assert isinstance(found, Ambiguous)
    assert sorted(found.readings, key=float) == ["1.234", "1234"]
    assert [style.plain(found.example) for style in found.styles] == list(found.readings)
    for decimal in ".,":
        style = recognise_numbers(values, decimal=decimal)
        assert isinstance(style, NumberStyle)
        assert style.decimal == decimal


@pytest.mark.parametrize(
    ("values", "remedied"),
    [
        (["1,234", "5,678", "9"], ["1234", "5678", "9"]),
        (["1,234", "5,678", "9"], ["1.2340", "5.6780", "9"]),
    ],
)
def test_remedy_of_an_ambiguous_column_works(values: list[str], remedied: list[str]) -> None:
    found = recognise_numbers(values)
    assert isinstance(found, Ambiguous)
    assert found.explanation() == (
        "Every value reads in two ways: '1,234' is 1.234 or 1234. Write it as 1234 or as 1.2340, "
        "and all others in the same way, or let the column hold categories."
    )
    assert recognise_numbers(remedied) == NumberStyle()


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["01", "02"],
        ["08.15", "09.30"],
        ["01.02.2003"],
        ["12:30"],
        ["1/2"],
        ["1.2.3", "1.2.4"],
        ["192.168.100.200", "192.168.100.201"],
        ["5-9", "2"],
        ["2", "3", "5more"],
        ["5more"],
        ["12", "14a"],
        ["14a", "16a"],
        ["1,5", "1.5"],
        ["1,23,456"],
        ["1.23.456,7"],
        ["$5", "5"],
        ["5 kg", "5 g"],
        ["5)", "(5"],
        ["-(5)"],
        ["-5-"],
        ["5.-"],
        ["555 123 456", "601 234 567"],
        ["+49 301 234 567", "+49 301 234 5678"],
        ["1 2"],
        ["<5"],
        ["inf"],
        ["-"],
        ["٣"],
    ],
)
def test_codes_dates_ranges_and_mixtures_are_no_numbers(values: list[str]) -> None:
    assert recognise_numbers(values) is None


def test_values_that_are_no_numbers_are_named() -> None:
    style, others = most_numbers(["2", "3", "5more", "1.5", "2,5"])
    assert style == NumberStyle()
    assert others == ["5more", "2,5"]
    assert most_numbers(["$1,5", "$2,25", "3"]) == (NumberStyle(decimal=",", prefix="$"), ["3"])
    assert most_numbers(["01", "red"]) == (None, ["01", "red"])
    found, others = most_numbers(["1,234", "x"])
    assert isinstance(found, Ambiguous)
    assert others == ["x"]


def test_text_of_another_style_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a number such as '1\.234,5', received '1,234\.5'"):
        style_of("1.234,5").parse("1,234.5")
    with pytest.raises(ValueError, match="received '5 g'"):
        style_of("5 kg").plain("5 g")
