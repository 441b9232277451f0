"""The role that each column of a table gets, and the reason that is said."""

from __future__ import annotations

import pytest

from iris_core.data.role_guessing import (
    LABEL_NAMES,
    ColumnFacts,
    guess_roles,
    identifies_rows,
    names_groups,
)
from iris_core.data.roles import ALL_GUESSED, Role, RoleChoice
from iris_core.errors import DataError


def numbers(name: str, distinct: int = 300, *, rows: int = 400, whole: bool = False) -> ColumnFacts:
    return ColumnFacts(name, Role.NUMBER, rows, rows, distinct, whole)


def texts(name: str, distinct: int, *, rows: int = 400, present: int | None = None) -> ColumnFacts:
    return ColumnFacts(name, Role.CATEGORY, rows, rows if present is None else present, distinct)


def roles_of(*columns: ColumnFacts, choice: RoleChoice = ALL_GUESSED) -> dict[str, Role]:
    found = guess_roles(columns, choice, needs_label=False, title="t.csv")
    assert [column.name for column in found] == [column.name for column in columns]
    assert all(column.reason.endswith(".") for column in found)
    return {column.name: column.role for column in found}


@pytest.mark.parametrize("name", LABEL_NAMES)
def test_label_is_known_by_its_name_wherever_it_is(name: str) -> None:
    for title in (name, name.upper(), name.title()):
        found = roles_of(texts("zone", 3), texts(title, 3), texts("shade", 2))
        assert found[title] == Role.LABEL


def test_last_column_that_looks_like_classes_is_the_label_then_the_first() -> None:
    assert roles_of(texts("first", 3), numbers("x"), texts("last", 3))["last"] == Role.LABEL
    assert roles_of(texts("first", 3), texts("mid", 2), numbers("x"))["first"] == Role.LABEL
    assert roles_of(numbers("x"), numbers("stars", 6, whole=True))["stars"] == Role.LABEL
    # AND what is left out before or behind them does not hide them
    assert (
        roles_of(texts("customerID", 400), texts("first", 3), numbers("x"))["first"] == Role.LABEL
    )
    assert roles_of(numbers("x"), texts("last", 3), texts("same", 1))["last"] == Role.LABEL
    # AND a measure is none, whatever it is called, and no number of many values
    assert Role.LABEL not in roles_of(numbers("y"), numbers("x", 90, whole=True)).values()
    assert roles_of(numbers("x"), texts("alone", 3), numbers("z"))["alone"] == Role.LABEL


def test_table_without_a_likely_label_asks_for_it() -> None:
    columns = [numbers("x"), numbers("z")]
    with pytest.raises(DataError, match=r"t\.csv: choose the label column \(--label NAME\)"):
        guess_roles(columns, ALL_GUESSED, needs_label=True, title="t.csv")


@pytest.mark.parametrize(
    "column",
    [
        texts("customerID", 400),
        texts("name", 380),
        texts("ticket", 310),
        texts("cabin", 147, present=204),
        numbers("PassengerId", 400, whole=True),
        numbers("id", 390, whole=True),
        ColumnFacts("n", Role.NUMBER, 400, 400, 400, whole=True, is_counter=True),
    ],
)
def test_column_that_names_its_rows_is_left_out(column: ColumnFacts) -> None:
    assert roles_of(texts("label", 2), column)[column.name] == Role.IDENTIFIER


@pytest.mark.parametrize(
    ("column", "role"),
    [
        (numbers("population", 400, whole=True), Role.NUMBER),
        (numbers("idle", 400, whole=True), Role.NUMBER),
        (numbers("identity", 400), Role.NUMBER),
        (texts("city", 150), Role.CATEGORY),
        (texts("zip", 60), Role.CATEGORY),
        (texts("few", 4, rows=5), Role.CATEGORY),
        (texts("empty", 0, present=0), Role.IGNORED),
        (texts("same", 1), Role.IGNORED),
        (texts("one or nothing", 1, present=90), Role.CATEGORY),
    ],
)
def test_other_columns_are_features_unless_they_say_nothing(
    column: ColumnFacts, role: Role
) -> None:
    assert roles_of(texts("label", 2, rows=column.rows), column)[column.name] == role


@pytest.mark.parametrize(
    "name",
    ["", " ", "id", "ID", "Id", "customer_id", "customerID", "user id", "Unnamed: 0", "index"],
)
def test_names_of_identifiers_are_known(name: str) -> None:
    assert identifies_rows(name)


@pytest.mark.parametrize("name", ["width", "idea", "valid", "paid", "grid", "keyboard", "noise"])
def test_other_names_are_no_identifiers(name: str) -> None:
    assert not identifies_rows(name)


def test_chosen_role_comes_before_every_guess() -> None:
    choice = RoleChoice("zone", categorical=("id",), ignored=("x",))
    found = roles_of(
        texts("label", 2), texts("zone", 3), texts("id", 400), numbers("x"), choice=choice
    )
    assert found == {
        "label": Role.CATEGORY,
        "zone": Role.LABEL,
        "id": Role.CATEGORY,
        "x": Role.IGNORED,
    }


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (RoleChoice("c"), "expected a column 'c', received 'a', 'b'"),
        (
            RoleChoice("a", numeric=("a",)),
            "column 'a': expected one role, received label and number",
        ),
        (RoleChoice(ignored=("b",), dates=("b",)), "received date and ignored"),
    ],
)
def test_impossible_choice_is_named(choice: RoleChoice, message: str) -> None:
    with pytest.raises(DataError, match=message):
        choice.check(("a", "b"), "t.csv")


def repeated(name: str, distinct: int, rows: int, **facts: object) -> ColumnFacts:
    """Return a column whose values are all in several rows."""
    known = {"whole": True, "repeated": distinct, **facts}
    kind = Role.NUMBER if known["whole"] else Role.CATEGORY
    return ColumnFacts(name, kind, rows, rows, distinct, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["patient_id", "PatientID", "id", "Customer No", "household.key", "user-code", "subjectnr"],
)
def test_column_called_like_an_identifier_whose_values_repeat_is_the_group(name: str) -> None:
    assert names_groups(name)
    for whole in (True, False):
        found = guess_roles(
            [repeated(name, 322, 2_000, whole=whole), texts("label", 2, rows=2_000)],
            ALL_GUESSED,
            needs_label=True,
            title="t.csv",
        )
        assert found[0].role == Role.GROUP
        assert found[0].is_remarkable
        assert found[0].reason == (
            f"322 values, each in 6 rows on average: rows of one {name} stay on one side of the "
            "split."
        )


@pytest.mark.parametrize(
    "column",
    [
        repeated("patient_id", 19, 190),
        repeated("patient_id", 100, 199),
        repeated("patient_id", 100, 5_001),
        repeated("patient_id", 100, 600, repeated=50),
        repeated("age", 60, 600),
        repeated("zip_code", 60, 600),
        repeated("country code", 60, 600),
        repeated("house_no", 60, 600),
        repeated("patient_id", 100, 600, whole=True, is_counter=False, repeated=0),
    ],
    ids=[
        "few",
        "alone",
        "too often",
        "few repeat",
        "measure",
        "zip",
        "country",
        "house",
        "counted",
    ],
)
def test_other_columns_are_no_group(column: ColumnFacts) -> None:
    assert Role.GROUP not in roles_of(column, texts("label", 2, rows=column.rows)).values()


def test_of_several_groups_the_one_of_a_person_with_fewest_values_is_it() -> None:
    found = roles_of(
        repeated("visit_id", 30, 600),
        repeated("order_id", 200, 600),
        repeated("customer_id", 40, 600),
        texts("label", 2, rows=600),
    )
    assert [name for name, role in found.items() if role == Role.GROUP] == ["customer_id"]


def test_choice_undoes_the_guess_and_another_group_takes_its_place() -> None:
    columns = [repeated("patient_id", 40, 400), repeated("site", 40, 400), texts("label", 2)]
    assert roles_of(*columns)["patient_id"] == Role.GROUP
    for choice, expected in (
        (RoleChoice(categorical=("patient_id",)), Role.CATEGORY),
        (RoleChoice(ignored=("patient_id",)), Role.IGNORED),
        (RoleChoice(groups=("site",)), Role.NUMBER),
    ):
        assert roles_of(*columns, choice=choice)["patient_id"] == expected
    assert roles_of(*columns, choice=RoleChoice(groups=("site",)))["site"] == Role.GROUP


def test_second_group_is_refused() -> None:
    with pytest.raises(DataError, match=r"choose one group column.*received 'a', 'b'\."):
        RoleChoice(groups=("a", "b")).check(["a", "b"], "t.csv")
