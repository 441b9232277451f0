"""Dates are recognised by their column, and never guessed between day and month."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iris_core.data.ambiguous import Ambiguous
from iris_core.data.written_dates import DateStyle, date_features, feature_names, recognise_dates

DATES = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"]
NAMED = ["%d %b %Y", "%B %d, %Y", "%d-%b-%Y", "%a, %d %b %Y", "%Y-%b-%d", "%d. %B %Y"]
TWO_DIGITS = ["%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y"]
CLOCKS = ["T%H:%M:%S", " %H:%M:%S", " %I:%M:%S %p", ", %H:%M:%S.%f", "T%H:%M:%SZ", " %H:%M:%S UTC"]
# One value that decides between day, month and a year of two digits.
DECIDING = dt.datetime(1999, 12, 31, 23, 59, 58, tzinfo=dt.UTC)


def style_of(*values: str) -> DateStyle:
    style = recognise_dates(values)
    assert isinstance(style, DateStyle)
    return style


def moments(first: int, last: int) -> st.SearchStrategy[list[dt.datetime]]:
    start, end = dt.datetime(first, 1, 1), dt.datetime(last, 12, 31)  # noqa: DTZ001
    return st.lists(
        st.datetimes(start, end, timezones=st.just(dt.UTC)).map(
            lambda moment: moment.replace(microsecond=0)
        ),
        max_size=6,
    )


@given(moments(1000, 9999), st.sampled_from([*DATES, *NAMED, "%Y%m%d"]))
def test_dates_in_any_writing_are_read_back(days: list[dt.datetime], form: str) -> None:
    days = [*days, DECIDING]
    if form == "%Y%m%d":
        days = [day.replace(year=1900 + day.year % 200) for day in days if day.day < 29]
    if not days:
        return
    texts = [day.strftime(form) for day in days]
    assert style_of(*texts).to_iso(texts) == [day.date().isoformat() for day in days]


@given(moments(1969, 2068), st.sampled_from(TWO_DIGITS))
def test_two_digits_of_a_year_are_of_a_hundred_years(days: list[dt.datetime], form: str) -> None:
    days = [*days, DECIDING]
    texts = [day.strftime(form) for day in days]
    assert style_of(*texts).to_iso(texts) == [day.date().isoformat() for day in days]


@given(moments(1000, 9999), st.sampled_from([*DATES, *NAMED]), st.sampled_from(CLOCKS))
def test_times_are_read_to_the_second(days: list[dt.datetime], form: str, clock: str) -> None:
    days = [*days, DECIDING]
    texts = [day.strftime(form + clock) for day in days]
    iso = style_of(*texts).to_iso(texts)
    assert iso == [day.strftime("%Y-%m-%dT%H:%M:%S") for day in days]


@given(moments(1900, 2100), st.integers(-14 * 60, 14 * 60))
def test_offset_is_converted_to_utc(days: list[dt.datetime], minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    texts = [day.astimezone(zone).isoformat() for day in [*days, DECIDING]]
    iso = style_of(*texts).to_iso(texts)
    assert iso == [day.strftime("%Y-%m-%dT%H:%M:%S") for day in [*days, DECIDING]]


@given(st.lists(st.text(), max_size=4))
def test_any_text_is_accepted_or_refused(texts: list[str]) -> None:
    style = recognise_dates(texts)
    if isinstance(style, DateStyle):
        assert len(style.to_iso(texts)) == len(texts)


@pytest.mark.parametrize(
    ("values", "explanation"),
    [
        (
            ["01/02/2003", "31/01/2003"],
            "Read as dates, day before month: '01/02/2003' is 2003-02-01.",
        ),
        (
            ["01/02/2003", "01/31/2003"],
            "Read as dates, month before day: '01/02/2003' is 2003-01-02.",
        ),
        (["99-12-31"], "Read as dates, year first: '99-12-31' is 1999-12-31."),
        (["2. März 2004"], "Read as dates: '2. März 2004' is 2004-03-02."),
        (
            ["2003-02-01 10:30+02:00"],
            "Read as dates and times: '2003-02-01 10:30+02:00' is 2003-02-01T08:30:00.",
        ),
        (["2003-02-01 00:00:00"], "Read as dates: '2003-02-01 00:00:00' is 2003-02-01."),
        (
            ["2003-02-01", "01/02/2003", "31/01/2003"],
            "Read as dates, day before month: '01/02/2003' is 2003-02-01.",
        ),
    ],
)
def test_style_explains_itself_with_an_example(values: list[str], explanation: str) -> None:
    assert style_of(*values).explanation() == explanation


def test_column_that_reads_both_ways_is_not_guessed() -> None:
    found = recognise_dates(["05/05/2003", "01/02/2003"])
    assert isinstance(found, Ambiguous)
    assert found.explanation() == (
        "Every value reads in two ways: '01/02/2003' is 2003-02-01 or 2003-01-02. Write it as "
        "2003-02-01 or 2003-01-02, and all others in the same way, or let the column hold "
        "categories."
    )
    for style in found.styles:
        assert recognise_dates(["01/02/2003"], order=style.order) == style
    assert style_of("2003-05-05", "2003-02-01").to_iso(["2003-02-01"]) == ["2003-02-01"]


def test_two_digits_everywhere_read_in_three_ways() -> None:
    found = recognise_dates(["01/02/03"])
    assert isinstance(found, Ambiguous)
    assert found.readings == ("2003-02-01", "2003-01-02", "2001-02-03")
    assert [style.to_iso(["01/02/03"]) for style in found.styles] == [[r] for r in found.readings]
    assert "in three ways" in found.explanation()


def test_same_day_and_month_decide_nothing_and_need_not() -> None:
    assert style_of("01/01/2003", "02/02/2003").to_iso(["02/02/2003"]) == ["2003-02-02"]


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["2003"],
        ["20031301"],
        ["20030201", "12345678"],
        ["1.2.3"],
        ["1.2.10", "10.2.11"],
        ["10.0.0.1"],
        ["12:30"],
        ["5-9"],
        ["1.5"],
        ["30/02/2003"],
        ["2003-02-30"],
        ["31/01/2003", "01/31/2003"],
        ["2003-02-01 25:00"],
        ["1/2/2003 13:00 PM"],
        ["2003-02-01", "soon"],
        ["1 Foo 2003"],
        ["555-12-3456"],
    ],
)
def test_numbers_versions_and_impossible_days_are_no_dates(values: list[str]) -> None:
    assert recognise_dates(values) is None


def test_text_of_another_style_is_refused() -> None:
    with pytest.raises(ValueError, match="a date such as '31/01/2003', received '01/31/2003'"):
        style_of("31/01/2003").to_iso(["01/02/2003", "01/31/2003"])


def test_style_without_times_drops_those_of_later_texts() -> None:
    assert style_of("2003-02-01").to_iso(["2003-02-02 10:30"]) == ["2003-02-02"]


def test_features_of_a_date_are_computed_by_hand() -> None:
    # 2003-02-01 was a Saturday, 2004-03-01 a Monday; 2004 is a leap year: 365 + 28 + 1 days later.
    features = date_features(pd.Series(["2003-02-01", None, "2004-03-01"]), first="2003-02-01")
    assert feature_names("2003-02-01") == ("year", "month", "weekday", "days")
    np.testing.assert_array_equal(features, [[2003, 2, 5, 0], [np.nan] * 4, [2004, 3, 0, 28 + 366]])


def test_features_of_a_time_are_computed_by_hand() -> None:
    iso = pd.Series(["2003-02-01T18:00:00", "2003-01-31T10:30:36", None, "2003-02-02"])
    features = date_features(iso, first="2003-02-01T12:00:00")
    assert feature_names("2003-02-01T12:00:00") == ("year", "month", "weekday", "days", "hour")
    np.testing.assert_allclose(
        features,
        [
            [2003, 2, 5, 0.25, 18],
            [2003, 1, 4, -1 - 5364 / 86400, 10.51],
            [np.nan] * 5,
            [2003, 2, 6, 0.5, 0],
        ],
    )


def test_features_of_missing_dates_are_missing() -> None:
    assert np.isnan(date_features(pd.Series([np.nan, None]), first="2003-02-01")).all()
    assert date_features(pd.Series([], dtype="str"), first="2003-02-01").shape == (0, 4)
