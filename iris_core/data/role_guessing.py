"""Guess the role of each column: the label, the group, the features, and what only names rows.

A role is guessed from a column's name and values, with the reason in words, so that a person can
see it and choose another one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iris_core.data.roles import MAX_CLASSES, Role, RoleChoice
from iris_core.errors import DataError

FEW_CLASSES = 20
"""Different values that a column of whole numbers has at most to look like classes."""
MANY_VALUES = 50
"""Different texts of which a column that names its rows has more."""
LABEL_NAMES = (
    *("label", "labels", "target", "class", "classes", "species", "y"),
    *("outcome", "churn", "churned", "survived", "diagnosis", "income", "fraud", "default"),
    *("attrition", "exited", "response", "result", "kind", "category", "type", "quality"),
    *("purchase", "purchased", "subscribed", "approved", "cancelled", "converted", "clicked"),
    *("spam", "readmitted", "loan_status", "status"),
)
"""Names that labels have, the surest first; upper and lower case are alike."""

_IDENTIFIER = re.compile(
    r"(?:.*[ _.-])?(?:id|ids|uuid|guid|key|index|idx|nr|no|row|rownames|rownumber|unnamed: ?\d+)"
    r"|.*[a-z](?:ID|Id|Key|Number|Nr|No)|(?:ID|Id|id)[_ -].*|customerid|passengerid|userid",
)
_WHOSE = (
    r"(?:patient|subject|person|participant|respondent|customer|client|user|member|household|family"
    r"|account|employee|student|owner|case|order|device|session)"
)
_NAMES_THINGS = re.compile(
    rf"(?:.*[ _.-])?{_WHOSE}s?[ _.-]?(?:id|uuid|guid|key|nr|no|num|number|code)"
)
_NAMES_ANYTHING = re.compile(r"(?:.*[ _.-])?(?:id|uuid|guid|key)|nr|no|.*[a-z](?:ID|Id|Key)")
_FEWEST_GROUPS = 20
_SMALLEST_GROUP, _LARGEST_GROUP = 2, 50


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column before it has a role.

    Attributes:
        name: of the column.
        kind: `Role.NUMBER`, `Role.CATEGORY` or `Role.DATE`, as its values read.
        rows: number of rows of the table.
        present: how many of them have a value.
        distinct: number of different values; of numbers it may be the number in a part of the
            rows, if that says already that they are many.
        whole: whether every value is a whole number.
        repeated: number of values that several rows have; counted if the name is that of a group.
        is_counter: whether each row's value is that of the row before and one.
        reason: how its values were read, a sentence; "" if there is nothing to say.
    """

    name: str
    kind: Role
    rows: int
    present: int
    distinct: int
    whole: bool = False
    repeated: int = 0
    is_counter: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """A column with its role.

    Attributes:
        name: of the column.
        role: guessed, or chosen by a person.
        reason: why, a sentence.
        is_remarkable: whether the column was not read just as it is written.
    """

    name: str
    role: Role
    reason: str
    is_remarkable: bool = False


def guess_roles(
    columns: Sequence[ColumnFacts], choice: RoleChoice, *, needs_label: bool, title: str
) -> tuple[ColumnRole, ...]:
    """Return the role of each column, as it was chosen or else guessed.

    Args:
        columns: of the table, in order.
        choice: what a person chose.
        needs_label: whether there must be a label; without it one is guessed if it can be.
        title: of the table, for messages.

    Raises:
        DataError: no column looks like a label, none was chosen, and one is needed.
    """
    chosen = choice.roles
    features = {column.name: _feature_role(column) for column in columns}
    roles = {
        name: ColumnRole(name, chosen[name], choice.reason) if name in chosen else guess
        for name, guess in features.items()
    }
    if not choice.groups:
        group = _guess_group(columns, chosen)
        if group is not None:
            roles[group.name] = group
    if choice.label is None:
        label = _guess_label(columns, roles, chosen)
        if label is not None:
            roles[label.name] = label
        elif needs_label:
            raise DataError(
                f"{title}: choose the label column (--label NAME): expected two classes or more "
                "in one that is called like a label, or is first or last and has few different "
                "values, received none."
            )
    return tuple(roles[column.name] for column in columns)


def identifies_rows(name: str) -> bool:
    """Return whether a column is called as one that names or counts its rows."""
    return not name.strip() or bool(
        _IDENTIFIER.fullmatch(name) or _IDENTIFIER.fullmatch(name.lower())
    )


def names_groups(name: str) -> bool:
    """Return whether a column is called as one that says to what a row belongs."""
    return bool(_NAMES_ANYTHING.fullmatch(name) or _NAMES_ANYTHING.fullmatch(name.lower())) or (
        _says_whose(name)
    )


def _says_whose(name: str) -> bool:
    """Return whether a name is that of a patient's, a customer's … number."""
    return bool(_NAMES_THINGS.fullmatch(name.lower()))


def _guess_group(columns: Sequence[ColumnFacts], chosen: Mapping[str, Role]) -> ColumnRole | None:
    """Return the column that says which rows belong together: by its name and its repeated values.

    Of several it is one that says whose rows they are, and of these the one with fewest values: a
    customer has several orders.
    """
    able = [
        column
        for column in columns
        if column.name not in chosen
        and names_groups(column.name)
        and (column.whole or column.kind == Role.CATEGORY)
        and column.distinct >= _FEWEST_GROUPS
        and _SMALLEST_GROUP * column.distinct <= column.present <= _LARGEST_GROUP * column.distinct
        and 2 * column.repeated > column.distinct
    ]
    if not able:
        return None
    best = min(able, key=lambda column: (not _says_whose(column.name), column.distinct))
    return ColumnRole(
        best.name,
        Role.GROUP,
        f"{best.distinct:,} values, each in {best.present / best.distinct:.0f} rows on average: "
        f"rows of one {best.name} stay on one side of the split.",
        is_remarkable=True,
    )


def _feature_role(column: ColumnFacts) -> ColumnRole:
    """Return the role that a column has if it is not the label."""
    name, distinct, present = column.name, column.distinct, column.present
    if not present:
        return ColumnRole(name, Role.IGNORED, "It has no values.")
    if distinct == 1 and present == column.rows:
        return ColumnRole(name, Role.IGNORED, "It has the same value in every row.")
    if column.is_counter:
        return ColumnRole(name, Role.IDENTIFIER, "It counts the rows.")
    share = distinct / present
    if column.kind == Role.NUMBER:
        if column.whole and share > 0.9 and identifies_rows(name):
            return ColumnRole(
                name,
                Role.IDENTIFIER,
                f"By its name and {distinct:,} different values it names its {present:,} rows.",
            )
        reason = column.reason or "Its values are numbers."
        return ColumnRole(name, Role.NUMBER, reason, bool(column.reason))
    if column.kind == Role.DATE:
        return ColumnRole(name, Role.DATE, column.reason, is_remarkable=True)
    names_rows = share > 0.5 and distinct > MANY_VALUES
    if names_rows or (share > 0.9 and (distinct > FEW_CLASSES or identifies_rows(name))):
        return ColumnRole(
            name,
            Role.IDENTIFIER,
            f"It names its rows or is free text: {distinct:,} different values in {present:,} "
            f"rows. {column.reason}".strip(),
        )
    reason = column.reason or f"It has {distinct:,} different values."
    return ColumnRole(name, Role.CATEGORY, reason, bool(column.reason))


def _guess_label(
    columns: Sequence[ColumnFacts],
    roles: Mapping[str, ColumnRole],
    chosen: Mapping[str, Role],
) -> ColumnRole | None:
    """Return the label: by its name, by its place if it looks like classes, or the only text."""
    # A row number before the first column does not hide it.
    used = [
        column
        for column in columns
        if roles[column.name].role not in (Role.IDENTIFIER, Role.IGNORED, Role.GROUP)
    ]
    able = [
        column
        for column in used
        if column.name not in chosen
        and 2 <= column.distinct <= MAX_CLASSES
        and (column.whole or column.kind == Role.CATEGORY)
    ]
    by_name = {column.name.strip().lower(): column.name for column in reversed(able)}
    for name in LABEL_NAMES:
        if name in by_name:
            return ColumnRole(by_name[name], Role.LABEL, "Labels are often called so.")
    for position, text in ((-1, "The last column"), (0, "The first column")):
        column = used[position] if used else None
        if column is not None and column in able and _looks_like_classes(column):
            return ColumnRole(
                column.name, Role.LABEL, f"{text} looks like classes: {column.distinct:,} values."
            )
    texts = [column for column in able if column.kind == Role.CATEGORY]
    if len(texts) == 1:
        return ColumnRole(texts[0].name, Role.LABEL, "It is the only column of texts.")
    return None


def _looks_like_classes(column: ColumnFacts) -> bool:
    """Return whether a column has few values, each in several rows."""
    most = FEW_CLASSES if column.kind == Role.NUMBER else MANY_VALUES
    return column.distinct <= most and column.distinct * 2 <= column.present
