"""Tables as people have them: what is read, what is said, and what is refused with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from iris_core.data.column_table import AS_IT_SAYS, ReadingOptions, TableReading
from iris_core.data.datasets import DataSet
from iris_core.data.roles import Role, RoleChoice
from iris_core.data.table_reading import open_table, read_table
from iris_core.errors import DataError


def table(header: str, row: Callable[[int], str], rows: int = 60) -> bytes:
    return "\n".join((header, *map(row, range(rows)))).encode() + b"\n"


def read(content: bytes, **options: object) -> tuple[DataSet, TableReading]:
    return read_table(content, name="t.csv", **options)  # type: ignore[arg-type]


def kind(n: int) -> str:
    return "ab"[n % 2]


def test_business_table_is_read_with_the_roles_that_a_person_would_give() -> None:
    content = table(
        "customerID,signup,region,spent,note,churn",
        lambda n: (
            f"C-{n * 7919},2024-0{n % 9 + 1}-11,{'NSEW'[n % 4]},{n / 7:.2f},called {n},"
            + ("yes" if n % 3 else "no")
        ),
        rows=200,
    )
    ds, reading = read(content)
    assert (ds.label, ds.classes) == ("churn", ("no", "yes"))
    assert (ds.numeric, ds.categorical, ds.dates) == (("spent",), ("region",), ("signup",))
    assert ds.ignored == ("customerID", "note")
    assert ds.frame["customerID"].iloc[3] == f"C-{3 * 7919}", "a person looks a record up by it"
    assert {column.name: column.role for column in reading.columns}["note"] == Role.IDENTIFIER


def test_rows_without_a_label_are_left_out_and_named() -> None:
    content = table("x,z,kind", lambda n: f"{n / 4},{n % 7},{'' if n in (3, 8) else kind(n)}")
    ds, reading = read(content)
    assert (ds.label, ds.rows, reading.rows) == ("kind", 58, 58)
    assert "Left out for lack of a label: 2 of 60 rows (row 5, 10)." in reading.notes
    # AND by a person's word for a missing one, with the rows of the file and not of what is left
    content = table("kind,x,z", lambda n: f"{kind(n) if n % 5 else '(none)'},{n / 4},{n % 7}")
    ds, reading = read(content, options=replace(AS_IT_SAYS, missing=("(none)",)))
    assert (ds.rows, ds.classes) == (48, ("a", "b"))
    assert "Left out for lack of a label: 12 of 60 rows (row 2, 7, 12, 17, 22 and 7 more)." in (
        reading.notes
    )


def test_empty_labels_alone_are_no_labels_for_a_test_and_a_fault_in_training() -> None:
    trained, _ = read(table("x,z,kind", lambda n: f"{n / 4},{n % 7},{kind(n)}"))
    empty = table("x,z,kind", lambda n: f"{n / 4},{n % 7}, ")
    tested, _ = read(empty, like=trained.columns)
    assert (tested.rows, tested.is_labelled) == (60, False)
    with pytest.raises(DataError, match="expected labels in the column 'kind', received none"):
        read(empty, choice=RoleChoice(label="kind"))


def test_what_is_left_out_counts_neither_in_the_fingerprint_nor_in_the_project() -> None:
    content = table("id,x,kind", lambda n: f"u{n},{n / 4},{kind(n)}")
    other = table("id,x,kind", lambda n: f"v{n},{n / 4},{kind(n)}")
    first, second = read(content)[0], read(other)[0]
    assert np.array_equal(first.fingerprints, second.fingerprints)
    assert first.columns == second.columns
    assert first.id != second.id
    # AND the same file in other roles is another data set
    chosen, _ = read(content, choice=RoleChoice(categorical=("id",)))
    assert chosen.id != first.id
    assert chosen.columns.project != first.columns.project


@pytest.mark.parametrize(
    ("writing", "expected"),
    [
        (lambda n: f"1.{n:03d},5", 1000.5),
        (lambda n: f"$1,{n:03d}.50", 1000.5),
        (lambda n: f"{n},5 %", 0.5),
        (lambda n: f"\u2212{n}.5 kg", -0.5),
    ],
    ids=["decimal comma", "dollars", "percent", "unit and minus"],
)
def test_numbers_in_other_writings_are_numbers_and_said(
    writing: Callable[[int], str], expected: float
) -> None:
    ds, reading = read(table("x;kind", lambda n: f"{writing(n)};{kind(n)}"))
    assert ds.numeric == ("x",)
    assert ds.frame["x"].iloc[0] == expected
    assert "Read as" in next(column.reason for column in reading.columns if column.name == "x")


def test_numbers_that_read_in_two_ways_are_asked_for() -> None:
    content = table("x;kind", lambda n: f"{n + 1},{n:03d};{kind(n)}")
    with pytest.raises(DataError, match="column 'x'"):
        read(content)
    for decimal, expected in ((",", 1.0), (".", 1000.0)):
        ds, _ = read(content, options=replace(AS_IT_SAYS, decimal=decimal))
        assert ds.frame["x"].iloc[0] == expected
    # AND the page can show the question, or leave the column out
    with open_table(content, name="t.csv") as opened:
        assert "x" in opened.inspect().questions
    assert read(content, choice=RoleChoice(categorical=("x",)))[0].categorical == ("x",)


def test_dates_that_read_in_two_ways_are_asked_for() -> None:
    content = table("day,x,kind", lambda n: f"0{n % 9 + 1}/0{n % 8 + 1}/2024,{n / 8},{kind(n)}")
    with pytest.raises(DataError, match="column 'day'"):
        read(content)
    for order, expected in (("dmy", "2024-01-09"), ("mdy", "2024-09-01")):
        ds, _ = read(content, options=replace(AS_IT_SAYS, date_order=order))
        assert ds.frame["day"].iloc[8] == expected
        assert ds.dates == ("day",)
    assert read(content, choice=RoleChoice(ignored=("day",)))[0].ignored == ("day",)


@pytest.mark.parametrize("word", ["-", ".", "na", "none", "<NA>", "n.a.", "?", "NULL", "-nan", " "])
def test_words_for_missing_are_known_among_numbers(word: str) -> None:
    ds, _ = read(table("x,kind", lambda n: f"{word if n % 5 == 0 else n / 8},{kind(n)}"))
    assert ds.numeric == ("x",)
    assert ds.frame["x"].isna().sum() == 12


def test_other_word_for_missing_is_one_if_a_person_says_so() -> None:
    content = table(
        "x,shade,kind",
        lambda n: f"{-999 if n % 5 == 0 else n / 8},{'unknown' if n % 4 == 0 else 'red'},{kind(n)}",
    )
    ds, _ = read(content, options=ReadingOptions(missing=("-999", "unknown")))
    assert ds.frame["x"].isna().sum() == 12
    assert ds.frame["shade"].isna().sum() == 15


def test_codes_with_leading_zeros_stay_as_written() -> None:
    ds, _ = read(table("zone,x,kind", lambda n: f"0{n % 4},{n / 8},{kind(n)}"))
    assert ds.categorical == ("zone",)
    assert set(ds.frame["zone"]) == {"00", "01", "02", "03"}


@pytest.mark.parametrize(
    "header", [",x,kind", "Unnamed: 0,x,kind", "x,kind"], ids=["blank", "unnamed", "none, as R"]
)
def test_column_that_names_the_rows_is_left_out(header: str) -> None:
    ds, _ = read(table(header, lambda n: f"{n + 1},{n / 8},{kind(n)}"))
    assert (ds.numeric, ds.label) == (("x",), "kind")
    assert len(ds.ignored) == 1


def test_first_line_that_looks_like_data_is_asked_for() -> None:
    content = table("high,2,red", lambda n: f"{'high' if n % 2 else 'low'},{n % 3},{kind(n)}")
    with pytest.raises(DataError, match=r"t\.csv, row 1: .*--no-header"):
        read(content)
    ds, _ = read(content, options=ReadingOptions(header=False))
    assert ds.rows == 61
    assert read(content, options=ReadingOptions(header=True))[0].rows == 60


def test_spaces_around_labels_are_left_out_and_said() -> None:
    ds, reading = read(table("x,kind", lambda n: f"{n / 8},{('a', 'b ', ' b', 'a')[n % 4]}"))
    assert ds.classes == ("a", "b")
    assert any("'b ' as 'b'" in note for note in reading.notes)


def test_labels_of_the_same_number_are_one_class() -> None:
    ds, _ = read(table("x,target", lambda n: f"{n / 8},{('+1', '1', '-1')[n % 3]}"))
    assert ds.classes == ("-1", "1")


def test_column_that_says_the_label_is_left_out_and_named() -> None:
    ds, reading = read(
        table("alive,x,survived", lambda n: f"{('no', 'yes')[n % 2]},{n / 8},{n % 2}")
    )
    assert (ds.label, ds.ignored, ds.numeric) == ("survived", ("alive",), ("x",))
    reason = next(column.reason for column in reading.columns if column.name == "alive")
    assert "says the label" in reason
    # AND it stays a feature if a person wants it
    kept, _ = read(
        table("alive,x,survived", lambda n: f"{('no', 'yes')[n % 2]},{n / 8},{n % 2}"),
        choice=RoleChoice(categorical=("alive",)),
    )
    assert kept.categorical == ("alive",)


def test_copies_of_rows_are_counted() -> None:
    _, reading = read(table("x,kind", lambda n: f"{n % 30},{kind(n)}"))
    assert any("30 of 60 rows repeat" in note for note in reading.notes)


def test_file_is_read_as_a_project_has_its_columns() -> None:
    first, _ = read(
        table("zone,day,x,kind", lambda n: f"z{n % 4},2024-01-0{n % 9 + 1},{n / 8},{kind(n)}")
    )
    content = table("x,kind,zone,day,more", lambda n: f"{n},{kind(n)},{n % 2},2024-03-01,{n}")
    later, _ = read(content, like=first.columns)
    assert later.columns == first.columns
    assert later.ignored == ("more",)
    assert set(later.frame["zone"]) == {"0", "1"}
    with pytest.raises(DataError, match="received none for 'day', 'zone'"):
        read(table("x,kind", lambda n: f"{n},{kind(n)}"), like=first.columns)


def test_texts_are_read_as_those_that_a_model_knows() -> None:
    content = table(
        "x,member,income",
        lambda n: f"{n / 8},{('TRUE', 'FALSE')[n % 3 == 0]},{('<=50K.', '>50K.')[n % 2]}",
    )
    first, _ = read(
        table("x,member,income", lambda n: f"{n / 8},{('True', 'False')[n % 3 == 0]},<=5{n % 2}K")
    )
    known = {"income": ("<=50K", ">50K"), "member": ("False", "True")}
    ds, reading = read(content, like=first.columns, known=known)
    assert ds.classes == ("<=50K", ">50K")
    assert set(ds.frame["member"]) == {"True", "False"}
    assert any("'<=50K.' as '<=50K'" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (RoleChoice("kind", ignored=("x", "shade")), "leave a column to learn from"),
        (RoleChoice("kind", numeric=("shade",)), "row 2, column 'shade': expected a number"),
        (RoleChoice("kind", dates=("shade",)), "column 'shade': expected dates"),
        (RoleChoice("x"), "at most 256 classes, received 300"),
        (RoleChoice("none"), "expected a column 'none'"),
        (RoleChoice("kind", numeric=("kind",)), "expected one role"),
    ],
)
def test_role_that_does_not_fit_the_values_is_refused(choice: RoleChoice, message: str) -> None:
    content = table("x,shade,kind", lambda n: f"{n},{('red', 'blue')[n % 2]},{kind(n)}", rows=300)
    with pytest.raises(DataError, match=message):
        read(content, choice=choice)


def test_column_of_numbers_with_a_wrong_cell_names_it_and_the_ways_out() -> None:
    content = table("x,kind", lambda n: f"{'1o.5' if n == 250 else n / 8},{kind(n)}", rows=400)
    with pytest.raises(DataError, match=r"row 252, column 'x': .*'1o\.5'.*categories"):
        read(content)
    assert read(content, options=ReadingOptions(missing=("1o.5",)))[0].numeric == ("x",)


def visits(n: int) -> str:
    return f"{n // 4:03d},{n * n},{kind(n // 4)}"


def test_group_is_text_as_written_and_no_feature() -> None:
    ds, reading = read(table("patient_id,x,kind", visits, rows=120))
    assert (ds.group, ds.features, ds.ignored) == ("patient_id", ("x",), ())
    assert ds.frame["patient_id"].tolist()[:5] == ["000"] * 4 + ["001"]
    assert ds.columns.group == "patient_id"
    plain, _ = read(
        table("patient_id,x,kind", visits, rows=120), choice=RoleChoice(ignored=("patient_id",))
    )
    assert plain.group is None
    assert plain.columns.project == ds.columns.project
    assert (plain.fingerprints == ds.fingerprints).all()
    assert plain.id != ds.id
    assert not reading.notes


def test_numbers_of_patients_with_gaps_stay_as_written() -> None:
    ds, _ = read(
        table(
            "patient_id,x,kind", lambda n: f"{n // 4 if n % 9 else ''},{n * n},{kind(n)}", rows=120
        )
    )
    assert ds.group == "patient_id"
    assert ds.frame["patient_id"].fillna("missing").tolist()[8:11] == ["2", "missing", "2"]


def test_class_of_one_group_is_said() -> None:
    content = table(
        "who,x,kind", lambda n: f"{n // 20},{n * n},{'rare' if n < 20 else 'ab'[n % 2]}"
    )
    _, reading = read(content, choice=RoleChoice(groups=("who",)))
    (note,) = reading.notes
    assert note.startswith("All rows of the class 'rare' belong to one group of who: they train")


def test_file_is_read_with_the_group_of_the_project_or_says_that_it_has_none() -> None:
    ds, _ = read(table("who,x,kind", visits, rows=120), choice=RoleChoice(groups=("who",)))
    later, _ = read(table("who,x,more,kind", lambda n: f"7,{n * n},1,{kind(n)}"), like=ds.columns)
    assert (later.group, later.ignored) == ("who", ("more",))
    without, reading = read(table("x,kind", lambda n: f"{n * n},{kind(n)}"), like=ds.columns)
    assert without.group is None
    assert "No column is called who: which rows belong together is not known." in reading.notes
