"""The roles of a table's columns: which one is the label, which are features, which only name rows.

A role is guessed from a column's name and values, with the reason in words, so that a person can
see it and choose another one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iris_core.data.columns import Columns
from iris_core.errors import DataError

MAX_CLASSES = 256
"""Classes of a label at most."""
FEW_CLASSES = 20
"""Different values that a column of whole numbers has at most to look like classes."""
MANY_VALUES = 50
"""Different texts of which a column that names its rows has more."""
LABEL_NAMES = (
    *("label", "labels", "target", "class", "classes", "species", "y"),
    *("outcome", "churn", "churned", "survived", "diagnosis", "income", "fraud", "default"),
    *("attrition", "exited", "response", "result", "kind", "category", "type", "quality"),
)
"""Names that labels have, the surest first; upper and lower case are alike."""

_IDENTIFIER = re.compile(
    r"(?:.*[ _.-])?(?:id|ids|uuid|guid|key|index|idx|nr|no|row|rownames|rownumber|unnamed: ?\d+)"
    r"|.*[a-z](?:ID|Id|Key|Number|Nr|No)|(?:ID|Id|id)[_ -].*|customerid|passengerid|userid",
)


class Role(StrEnum):
    """What a column is for."""

    LABEL = "label"
    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    IDENTIFIER = "identifier"
    """It names its rows, and is left out of the features."""
    IGNORED = "ignored"


FEATURES = (Role.NUMBER, Role.CATEGORY, Role.DATE)
"""The roles of features."""


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """The roles that a person chose; all others are guessed.

    Attributes:
        label: the label's column; None to guess it.
        numeric: columns that are numbers.
        categorical: columns that are categories.
        dates: columns that are dates.
        ignored: columns that are left out.
        reason: what is said of each, a sentence.
    """

    label: str | None = None
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    reason: str = "Chosen."

    @classmethod
    def like(cls, columns: Columns, header: Sequence[str], title: str) -> RoleChoice:
        """Return the roles that a project or a model knows; all other columns are ignored.

        A table may lack the label: nobody knows the classes of its rows yet.

        Args:
            columns: of the project or model.
            header: the table's column names.
            title: of the table, for messages.

        Raises:
            DataError: the table lacks some of them.
        """
        missing = sorted(columns.names.difference(header, [columns.label]))
        if missing:
            raise DataError(
                f"{title}: add what is missing, or add the file as a new project: expected the "
                f"columns of the project, received none for {', '.join(map(repr, missing[:30]))}."
            )
        others = tuple(name for name in header if name not in columns.names)
        return cls(
            columns.label if columns.label in header else None,
            columns.numeric,
            columns.categorical,
            columns.dates,
            ignored=others,
            reason="As in the project.",
        )

    @property
    def roles(self) -> dict[str, Role]:
        """The chosen role of each column that has one."""
        return dict(self._named())

    def check(self, header: Collection[str], title: str) -> None:
        """Raise `DataError` for a column that the table lacks, or that has two roles.

        Args:
            header: the table's column names.
            title: of the table, for messages.
        """
        chosen: dict[str, Role] = {}
        for name, role in self._named():
            if name not in header:
                listed = ", ".join(map(repr, list(header)[:30]))
                raise DataError(
                    f"{title}: expected a column {name[:40]!r}, received {listed}. Choose one of "
                    "these."
                )
            if chosen.setdefault(name, role) != role:
                raise DataError(
                    f"{title}, column {name[:40]!r}: expected one role, received {chosen[name]} "
                    f"and {role}. Choose one of them."
                )

    def _named(self) -> Iterator[tuple[str, Role]]:
        """Yield each chosen column with its role."""
        if self.label is not None:
            yield self.label, Role.LABEL
        for role, names in (
            (Role.NUMBER, self.numeric),
            (Role.CATEGORY, self.categorical),
            (Role.DATE, self.dates),
            (Role.IGNORED, self.ignored),
        ):
            for name in names:
                yield name, role


ALL_GUESSED = RoleChoice()
"""Nothing was chosen."""


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
        is_counter: whether each row's value is that of the row before and one.
        reason: how its values were read, a sentence; "" if there is nothing to say.
    """

    name: str
    kind: Role
    rows: int
    present: int
    distinct: int
    whole: bool = False
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
    able = [
        column
        for column in columns
        if column.name not in chosen
        and roles[column.name].role not in (Role.IDENTIFIER, Role.IGNORED)
        and 2 <= column.distinct <= MAX_CLASSES
        and (column.whole or column.kind == Role.CATEGORY)
    ]
    by_name = {column.name.strip().lower(): column.name for column in reversed(able)}
    for name in LABEL_NAMES:
        if name in by_name:
            return ColumnRole(by_name[name], Role.LABEL, "Labels are often called so.")
    for position, text in ((-1, "The last column"), (0, "The first column")):
        column = columns[position]
        if column in able and _looks_like_classes(column):
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
